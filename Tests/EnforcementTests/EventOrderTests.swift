import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// Whatever comes first of a principal, it ends with the same budget.
@Suite struct EventOrderTests {
    private static let key = "BedrockAPIKey-ab12"
    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    private static let admin = principalID("admin")
    private static let provisioner = principalID("provisioner")

    private static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, by actor: PrincipalID = admin,
        at text: String = "2026-11-20T09:00:00Z"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: Principal(id: principalID(key)),
                actor: Principal(id: actor), occurrence: occurrence, source: "test"))
    }

    private static func created(_ tags: [String: String]) -> UsageRecord {
        event("created", .created(uniqueID: "AIDA1", tags: tags))
    }

    /// Its user was made in the same second, which is all that CloudTrail tells.
    private static let credential = event(
        "credential", .credentialCreated(Credential(kind: .bedrockKey, id: "ACCA1")))

    private static let high = [
        "Steward:Provisioned": "cli", "Steward:Team": "data", "Steward:BudgetTier": "high",
    ]

    /// What must not depend on the order.
    private struct End: Equatable {
        let budget: Budget
        let standing: Standing
        let membership: Membership
        let tags: [String: String]?
        let trail: PrincipalTrail?
        let hasOwnTerms: Bool
    }

    private func end(_ bench: LedgerBench) async throws -> End {
        let account = try await bench.account(Self.key)
        let (record, trail) = try await bench.store.read {
            (try $0.principal(principalID(Self.key)), try $0.trail(of: principalID(Self.key)))
        }
        return End(
            budget: account.budget, standing: account.standing, membership: account.membership, tags: record?.tags,
            trail: trail, hasOwnTerms: account.hasOwnTerms)
    }

    @Test(arguments: orders, [true, false])
    func aTierCountsWhateverCameBeforeIt(_ order: [Int], isOneBatch: Bool) async throws {
        let all = [Self.created(Self.high), Self.credential, .usage(use("r1", Self.key, cents: 5))]
        let bench = LedgerBench()

        if isOneBatch {
            try await bench.meter(order.map { all[$0] })
        } else {
            for place in order { try await bench.meter([all[place]]) }
        }

        let end = try await end(bench)
        #expect(end.budget.limit == dollars("25"))
        #expect(end.membership == Membership(team: "data", isInPool: false))
        #expect(end.standing.spending == Spending(total: dollars("0.05"), requests: 1))
        #expect(end.standing.access.status == .active)
        #expect(end.tags == Self.high)
        let trail = try #require(end.trail)
        #expect(trail.rogueSince == nil)
        let straight = LedgerBench()
        for record in all { try await straight.meter([record]) }
        #expect(try await self.end(straight) == end)
        // Only what was said before its user was known can't be taken back.
        let isTold = !isOneBatch && order.filter { $0 < 2 } == [1, 0]
        #expect(try await bench.noticeKinds == (isTold ? [.rogueKey] : []))
    }

    @Test func whoWasSuspendedByTheDefaultComesBackWithTheTier() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", Self.key, cents: 150))
        try await bench.endWorkflows()
        try await bench.alter(Self.key) { $0.standing.access = Access(status: .suspended, since: day("2026-11-20")) }

        try await bench.meter([Self.created(Self.high)])

        let account = try await bench.account(Self.key)
        #expect(account.state == .normal)
        #expect(account.standing.announced == [])
        let restoration = try #require(bench.published.last)
        #expect(restoration.detailType == "Budget Refreshed")
        #expect(account.workflows == [restoration.id])
        #expect(try await bench.audit.contains { $0.action == "budget.changed" && $0.actor.hasPrefix("cloudtrail:") })
    }

    @Test func thePoolPaysOnlyUntilTheTierIsKnown() async throws {
        let bench = LedgerBench()
        let pool = try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: .pool, unit: .money, periodRule: .calendarMonth),
                FurtherBudgetChange(limit: dollars("100").rawValue), by: "operator:eve", $0)
        }
        try await bench.meter(use("r1", Self.key, cents: 10))
        try await bench.meter([Self.created(Self.high)])
        try await bench.meter(use("r2", Self.key, cents: 20))

        let shared = try #require(try await bench.store.read { try $0.furtherBudget(pool.id) })
        #expect(NanoDollars(rawValue: shared.standing.spent) == dollars("0.10"))
        let former = try await bench.store.read { try $0.formerMemberships(of: principalID(Self.key)) }
        #expect(former.first?.membership == Membership(team: nil, isInPool: true))
    }

    @Test func whatAPersonHasSetStays() async throws {
        let bench = LedgerBench()
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID(Self.key)), BudgetChange(limit: dollars("3")), by: "operator:eve", $0)
        }

        try await bench.meter([Self.created(Self.high)])

        #expect(try await bench.account(Self.key).budget.limit == dollars("3"))
    }

    /// A user that is made first and tagged next: only the trusted raise what it may spend.
    @Test(arguments: [true, false], [true, false])
    func aTierFromAfterTheCreationNeedsSomebodyTrusted(isTrusted: Bool, isSwapped: Bool) async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [Self.provisioner] }
        let tagged = Self.event(
            "tagged", .tagged(["Steward:BudgetTier": "high"]), by: isTrusted ? Self.provisioner : Self.admin,
            at: "2026-11-20T09:01:00Z")

        for record in isSwapped ? [tagged, Self.created([:])] : [Self.created([:]), tagged] {
            try await bench.meter([record])
        }

        #expect(try await bench.account(Self.key).budget.limit == dollars(isTrusted ? "25" : "1"))
        #expect(try await end(bench).tags == ["Steward:BudgetTier": "high"])
        #expect(try await bench.notices.isEmpty)
    }

    private static let deleted = event("deleted", .deleted, at: "2026-11-20T09:30:00Z")

    /// Nothing is known of it when its deletion comes.
    @Test func whoIsToldOfAfterItsDeletionIsNoGhost() async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [Self.provisioner] }
        let call = PrincipalEvent.Occurrence.called(BedrockCall(endpoint: "bedrock", operation: "Converse"))
        let late = [
            Self.created(Self.high), Self.credential, Self.event("called", call),
            Self.event("tagged", .tagged(Self.high), by: Self.provisioner),
        ]

        for record in [Self.deleted] + late { try await bench.meter([record]) }

        #expect(try await bench.store.read { try $0.principal(principalID(Self.key)) } == nil)
        #expect(try await bench.audit.isEmpty)
        #expect(try await bench.notices.isEmpty)

        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Self.event("anew", anew, at: "2026-11-20T09:40:00Z")])
        #expect(try await bench.account(Self.key).standing.access.status == .active)
    }

    @Test func whatWasBeforeADeletionSaysNothingOfWhoCameAfter() async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [Self.provisioner] }
        let anew = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        for record in [Self.created([:]), Self.deleted, Self.event("anew", anew, at: "2026-11-20T09:40:00Z")] {
            try await bench.meter([record])
        }
        let before = try await end(bench)

        try await bench.meter([Self.credential])
        try await bench.meter([Self.event("tagged", .tagged(Self.high), by: Self.provisioner)])

        #expect(try await end(bench) == before)
        #expect(try await bench.notices.isEmpty)
    }

    @Test func lateUsesOfSomebodyDeletedAreChargedToAClosedBudget() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.deleted])

        try await bench.meter(use("r1", Self.key, cents: 5, at: "2026-11-20T09:29:00Z"))

        let account = try await bench.account(Self.key)
        #expect(account.standing.access.status == .closed)
        #expect(account.standing.spending.total == dollars("0.05"))
        #expect(try await bench.audit.last?.action == "principal.closed")
        bench.advance(.seconds(60))
        try await bench.meter(use("r2", Self.key, cents: 1, at: "2026-11-20T10:00:30Z"))
        #expect(try await bench.account(Self.key).standing.access.status == .active)
    }

    /// The key is made at 09:05.
    @Test(
        arguments: [
            ("2026-11-20T09:03:00Z", admin, false, []), ("2026-11-20T09:10:00Z", admin, true, [.tagTampering]),
            ("2026-11-20T09:10:00Z", provisioner, false, []),
        ] as [(String, PrincipalID, Bool, [Notice.Kind])])
    func theMarkOfAProvisionedKeyCountsFromBeforeItAndFromTheTrusted(
        _ at: String, _ actor: PrincipalID, _ isRogue: Bool, _ told: [Notice.Kind]
    ) async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [Self.provisioner] }
        try await bench.meter([
            Self.created([:]),
            Self.event(
                "credential", .credentialCreated(Credential(kind: .bedrockKey, id: "ACCA1")),
                at: "2026-11-20T09:05:00Z"),
        ])

        try await bench.meter([Self.event("tagged", .tagged(["Steward:Provisioned": "cli"]), by: actor, at: at)])

        let trail = try #require(try await end(bench).trail)
        #expect(trail.rogueSince == (isRogue ? day("2026-11-20T09:05:00Z") : nil))
        #expect(try await bench.noticeKinds == [.rogueKey] + told)
    }
}
