package import Budgets
import Engine
package import Enforcement
import TestKit
import WallTime

/// Who has what budgets: put in force before anything is used, and its limits are changed during the run.
package struct Purses: Sendable {
    /// A budget beside those that every principal has.
    package struct Further: Sendable {
        package var key: FurtherBudgetKey
        package var limit: Int64
        package var mode: BudgetMode
    }

    package static let actor = "operator:simulation"
    package static let team = "data"

    package private(set) var further: [Further] = []
    /// The limit of each user that has terms of its own.
    private var limits: [String: NanoDollars] = [:]
    private var members: Set<String> = []
    private let users: [String]

    package static func principal(_ user: String) -> Principal {
        Principal(id: PrincipalID(account: "111122223333", kind: .user, name: user))
    }

    package func isInPool(_ user: String) -> Bool { limits[user] == nil }
    package func isInTeam(_ user: String) -> Bool { members.contains(user) }

    init(users: [String], random: SeededRandom) {
        var random = random
        self.users = users
        for user in users {
            if random.chance(65) {
                limits[user] = NanoDollars(rawValue: Int64(random.roll(1...6)) * NanoDollars.perDollar)
            }
            if random.chance(60) { members.insert(user) }
        }
        let scopes: [FurtherScope] = [
            .principal(Self.principal(random.pick(users)).id), .team(Self.team), .pool, .everyone,
        ]
        for scope in scopes where random.chance(45) {
            let unit = random.pick(BudgetUnit.allCases)
            let limit: Int64 =
                switch unit {
                case .money: Int64(random.roll(1...8)) * NanoDollars.perDollar / 2
                case .tokens: Int64(random.roll(1...10)) * 100_000
                case .requests: Int64(random.roll(1...8))
                }
            let rule = random.pick([PeriodRule.span(seconds: 3600), .span(seconds: 10_800), .calendarDay])
            further.append(
                Further(
                    key: FurtherBudgetKey(scope: scope, unit: unit, periodRule: rule), limit: limit,
                    mode: random.chance(20) ? .observe : .enforce))
        }
    }

    /// Makes what is not there yet.
    func install<Store: ExecutionStore>(on service: EnforcementService<Store>) async throws
    where Store.Transaction: BudgetLedger {
        try await service.transact { desk in
            for user in users { try install(user, desk) }
            for each in further {
                let id = try FurtherBudget(
                    scope: each.key.scope, unit: each.key.unit, limit: 0, periodRule: each.key.periodRule
                ).id
                guard try desk.transaction.furtherBudget(id) == nil else { continue }
                let terms = FurtherBudgetChange(limit: each.limit, mode: each.mode, graceSeconds: 60)
                _ = try FurtherBudgetCommands.set(each.key, terms, by: Self.actor, desk)
            }
        }
    }

    private func install<Transaction>(_ user: String, _ desk: Desk<Transaction>) throws {
        let principal = Self.principal(user)
        guard try desk.transaction.principal(principal.id) == nil else { return }
        try desk.transaction.savePrincipal(
            PrincipalRecord(
                principal: principal, firstSeenAt: desk.now, isDiscovered: false,
                team: isInTeam(user) ? Self.team : nil))
        guard let limit = limits[user] else { return }
        _ = try BudgetCommands.setBudget(of: principal, BudgetChange(limit: limit), by: Self.actor, desk)
    }
}
