import Budgets
import Engine
import Enforcement
import WallTime

/// What is left of the budgets, as plain figures.
extension World {
    /// A principal's own budget; nil for one that was never heard of.
    func own(_ user: String, in store: Disk.Store) throws -> RunRecord.Purse? {
        let id = BudgetScope.principal(Purses.principal(user).id).budgetID
        let (account, periods) = try SeededExecutor.blocking {
            try await store.read { (try $0.account(id), try $0.periods(of: id, limit: 10_000)) }
        }
        guard let account else { return nil }
        let spent = periods.map { ($0.period.start, $0.spending.total.rawValue) }
        return RunRecord.Purse(
            id: id.rawValue, users: [user], rank: 0, unit: .money, limit: account.budget.limit.rawValue,
            mode: account.budget.mode, origin: account.standing.period.start.milliseconds,
            length: (account.standing.period.end - account.standing.period.start).wholeMilliseconds,
            spent: Dictionary(spent, uniquingKeysWith: +))
    }

    /// A budget beside those: nil for one that was never made.
    func further(
        _ each: Purses.Further, _ uses: [RunRecord.Use], in store: Disk.Store
    ) throws -> RunRecord.Purse? {
        let id = try FurtherBudget(
            scope: each.key.scope, unit: each.key.unit, limit: 0, periodRule: each.key.periodRule
        ).id
        guard
            let account = try SeededExecutor.blocking({ try await store.read { try $0.furtherBudget(id) } })
        else { return nil }
        let period = account.standing.period
        var purse = RunRecord.Purse(
            id: id.rawValue, users: Set(users.filter { spends($0, from: each.key.scope) }),
            rank: rank(of: each.key.scope),
            unit: each.key.unit, limit: account.budget.limit, mode: account.budget.mode,
            origin: period.start.milliseconds, length: (period.end - period.start).wholeMilliseconds)
        let starts = Set(uses.filter { purse.users.contains($0.user) }.map { purse.start(at: $0.at) } + [period.start])
        for start in starts {
            purse.spent[start] = try SeededExecutor.blocking {
                try await store.read { try $0.furtherSpending(of: id, periodStart: start)?.spent }
            }
        }
        return purse
    }

    private func spends(_ user: String, from scope: FurtherScope) -> Bool {
        switch scope {
        case .principal(let id): id.name == user
        case .team: purses.isInTeam(user)
        case .pool: purses.isInPool(user)
        case .everyone: true
        }
    }

    private func rank(of scope: FurtherScope) -> Int {
        switch scope {
        case .principal: 0
        case .team: 1
        case .pool: 2
        case .everyone: 3
        }
    }
}

/// Every use of the ledger, with its corrections.
func uses<Transaction: BudgetLedger>(in transaction: Transaction) throws -> [RunRecord.Use] {
    var found: [RunRecord.Use] = []
    var position: UsePosition?
    repeat {
        let page = try transaction.chargedUses(ChargedUseQuery(after: position))
        for use in page.uses {
            let event = use.usage.event
            found.append(
                RunRecord.Use(
                    user: event.principal.id.name, request: event.key.requestID, tokens: event.tokens.all, at: event.at,
                    recordedAt: use.usage.recordedAt, charge: use.usage.charge.amount.rawValue,
                    corrections: try transaction.corrections(of: event.key).map { ($0.at, $0.amount.rawValue) }))
        }
        position = page.next
    } while position != nil
    return found
}
