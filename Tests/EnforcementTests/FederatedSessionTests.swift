import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// Sessions that a user gets with GetFederationToken, under whatever names, spend from the user's budget.
@Suite struct FederatedSessionTests {
    private static func session(_ name: String) -> PrincipalID {
        PrincipalID(account: "111122223333", kind: .federatedUser, name: name)
    }

    private static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, of principal: Principal,
        at text: String = "2026-11-20T09:30:00Z"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: principal, actor: principal,
                occurrence: occurrence, source: "test"))
    }

    private static func issued(
        _ id: String, to user: String = "ana", _ name: String = "app", at text: String = "2026-11-20T09:30:00Z"
    ) -> UsageRecord {
        event(id, .sessionIssued(name: name), of: Principal(id: principalID(user)), at: text)
    }

    private func used(_ requestID: String, in name: String = "app", cents: Int64) -> UsageEvent {
        var event = use(requestID, cents: cents)
        event.principal = Principal(id: Self.session(name))
        return event
    }

    private func account(_ bench: LedgerBench, _ name: String = "app") async throws -> BudgetAccount? {
        try await bench.store.read { try $0.account(BudgetScope.principal(Self.session(name)).budgetID) }
    }

    @Test func everNewNamesSpendFromOneBudget() async throws {
        let bench = LedgerBench()
        for number in 1...3 {
            try await bench.meter([Self.issued("e\(number)", "app-\(number)")])
            try await bench.meter(used("r\(number)", in: "app-\(number)", cents: 40))
        }
        let account = try await bench.account()
        #expect(account.standing.spending.total == dollars("1.20"))
        #expect(account.standing.access.status == .grace)
        #expect(try await self.account(bench, "app-1") == nil)
        let key = UsageKey(account: "111122223333", region: "us-east-1", requestID: "r1")
        let kept = try await bench.store.read { try $0.usage(key) }
        #expect(kept?.event.principal == Principal(id: principalID("ana"), session: "app-1"))
    }

    /// Its user's team pays for it, also for what the session's clock put some hours ahead.
    @Test func whatWasStampedAheadBeforeItWasToldIsTheTeamsToo() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r0", cents: 1))
        try await bench.store.write { transaction in
            guard var record = try transaction.principal(principalID("ana")) else { return }
            record.team = "data"
            try transaction.savePrincipal(record)
        }
        let team = try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: .team("data"), unit: .money, periodRule: .calendarMonth),
                FurtherBudgetChange(limit: 100_000_000_000), by: "operator:eve", $0)
        }.id
        var early = used("r1", cents: 60)
        early.at = day("2026-11-20T14:00:00Z")
        try await bench.meter(early)
        try await bench.meter([Self.issued("e1")])
        #expect(try await bench.account().standing.spending.total == dollars("0.61"))
        let spent = try await bench.store.read { try $0.furtherBudget(team)?.standing.spent }
        #expect(spent == dollars("0.60").rawValue)
    }

    @Test func whatWasUsedBeforeItWasToldIsTheUsersToo() async throws {
        let bench = LedgerBench()
        try await bench.meter(used("r1", cents: 60), use("r2", cents: 50))
        #expect(try await account(bench)?.standing.spending.total == dollars("0.60"))

        try await bench.meter([Self.issued("e1")])

        let user = try await bench.account()
        #expect(user.standing.spending.total == dollars("1.10") && user.standing.access.status == .grace)
        #expect(try await account(bench)?.standing.spending == Spending())
        let period = try await bench.store.read {
            try $0.spending(of: user.id, periodStart: user.standing.period.start)
        }
        #expect(period?.spending == user.standing.spending)
        #expect(try await bench.audit.contains { $0.action == "session.charged-to-user" })
        // Told again, it moves nothing.
        try await bench.meter([Self.issued("e2")])
        #expect(try await bench.account().standing.spending.total == dollars("1.10"))
    }

    @Test func whatWasUsedInAPeriodThatIsOverStaysWhereItIs() async throws {
        let bench = LedgerBench()
        try await bench.meter(used("r1", cents: 60))
        bench.move(to: "2027-03-01T10:00:00Z")
        try await bench.meter([Self.issued("e1")])

        #expect(try await account(bench)?.standing.spending.total == dollars("0.60"))
        #expect(try await bench.store.read { try $0.account(budgetID("ana")) } == nil)
    }

    @Test func aUserOfWhomNothingIsKnownGetsABudgetForIt() async throws {
        let bench = LedgerBench()
        try await bench.meter(used("r1", cents: 60))
        try await bench.meter([Self.issued("e1")])
        #expect(try await bench.account().standing.spending.total == dollars("0.60"))
    }

    /// CloudTrail's record of a call names the user who got the session.
    @Test func aCallTellsWhoseTheSessionIs() async throws {
        let bench = LedgerBench()
        let call = PrincipalEvent.Occurrence.called(BedrockCall(endpoint: "bedrock", operation: "Converse"))
        try await bench.meter([
            Self.event("e1", call, of: Principal(id: principalID("ana"), session: "app"))
        ])
        try await bench.meter(used("r1", cents: 60))
        #expect(try await bench.account().standing.spending.total == dollars("0.60"))
    }

    /// Nobody may put spending on somebody else's budget by asking for a session of the same name.
    @Test func aNameThatSeveralUsersAskForIsItsOwn() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.issued("e1"), Self.issued("e2", to: "bob")])
        try await bench.meter(used("r1", cents: 60))
        #expect(try await account(bench)?.standing.spending.total == dollars("0.60"))
    }

    @Test func aNameWithTermsOfItsOwnPaysForItself() async throws {
        let bench = LedgerBench()
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: Self.session("app")), BudgetChange(limit: dollars("7")), by: "operator:eve", $0)
        }
        try await bench.meter([Self.issued("e1")])
        try await bench.meter(used("r1", cents: 60))
        #expect(try await account(bench)?.standing.spending.total == dollars("0.60"))
    }

    @Test func aSessionThatHasEndedSaysNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.issued("e1", at: "2026-11-18T20:00:00Z")])
        try await bench.meter(used("r1", cents: 60))
        #expect(try await account(bench)?.standing.spending.total == dollars("0.60"))
    }

    @Test func theSessionsOfARenamedUserAreItsOwnStill() async throws {
        let bench = LedgerBench()
        let ana = Principal(id: principalID("ana"))
        try await bench.meter([
            Self.issued("e1"), Self.event("e2", .renamed(to: "bob", path: nil), of: ana, at: "2026-11-20T09:40:00Z"),
            Self.issued("e3", to: "bob", at: "2026-11-20T09:50:00Z"),
        ])
        try await bench.meter(used("r1", cents: 60))
        #expect(try await bench.account("bob").standing.spending.total == dollars("0.60"))
    }
}
