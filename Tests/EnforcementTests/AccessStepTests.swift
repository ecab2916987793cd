import Budgets
import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// Scopes, fallbacks, and principals that are gone or that nobody may change.
@Suite struct AccessStepTests {
    private let role = PrincipalID(account: "111122223333", kind: .role, name: "app")
    private var budget: BudgetID { BudgetScope.principal(role).budgetID }
    private var input: JSONValue {
        [
            "budgetId": .string(budget.rawValue), "principalId": .string(role.description), "enforcement": "both",
        ]
    }

    /// A bench on which sessions of a role have spent, in cents.
    private func bench(_ sessions: [String?], shared: Set<String> = ["app"]) async throws -> LedgerBench {
        let bench = LedgerBench()
        bench.configure { $0.access.sharedRoles = shared }
        for (index, session) in sessions.enumerated() {
            var event = use("r\(index)", cents: 60)
            event.principal = Principal(id: role, session: session)
            try await bench.meter(event)
        }
        return bench
    }

    @Test func aSharedRoleIsScopedToTheSessionsThatSpent() async throws {
        let bench = try await bench(["ana", "ben", "ana"])
        let scope = try await bench.step("scope-access", input)
        #expect(scope == ["enforcement": "deny", "sessions": ["ana", "ben"], "fellBack": false])
    }

    @Test(arguments: [[], ["other"], ["arn:aws:iam::111122223333:role/other"], ["arn:aws:iam::999999999999:role/app"]])
    func anyOtherRoleIsSuspendedInWhole(_ shared: [String]) async throws {
        let bench = try await bench(["ana"], shared: Set(shared))
        let scope = try await bench.step("scope-access", input)
        #expect(scope == ["enforcement": "both", "sessions": .null, "fellBack": false])
    }

    @Test(arguments: ["app", "*", "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/team/app"])
    func aRoleIsSharedByNameByARNOrLikeAll(_ entry: String) async throws {
        let bench = try await bench(["ana"], shared: [entry])
        #expect(try await bench.step("scope-access", input)["sessions"] == ["ana"])
    }

    @Test func usersAreNeverShared() async throws {
        let bench = try await bench([], shared: ["*"])
        try await bench.meter(use("r1", cents: 104))
        #expect(try await bench.step("scope-access", request())["sessions"] == .null)
    }

    @Test(arguments: [[nil], ["ana", "*"], ["a b"], ["x"]] as [[String?]])
    func aRoleThatCanNotBeScopedIsNotDenied(_ sessions: [String?]) async throws {
        let bench = try await bench(sessions)
        let failure = await #expect(throws: TaskFailure.self) { try await bench.step("scope-access", input) }
        #expect(failure?.error == "Steward.UnscopableRole")
    }

    @Test func moreSessionsThanADenyHoldsAreNotDenied() async throws {
        let bench = try await bench((0...80).map { "s-\($0)" })
        let failure = await #expect(throws: TaskFailure.self) { try await bench.step("scope-access", input) }
        #expect(failure?.cause.contains("more than 80 sessions") == true)
    }

    @Test func sessionsOfPastPeriodsAreNotDenied() async throws {
        let bench = try await bench(["ana"])
        let id = budget
        let found = try await bench.store.read { transaction in try transaction.account(id) }
        let start = try #require(found)
        var old = use("old", cents: 1)
        old.at = start.standing.period.start - .seconds(1)
        old.principal = Principal(id: role, session: "old")
        try await bench.meter(old)
        #expect(try await bench.step("scope-access", input)["sessions"] == ["ana"])
    }

    @Test(arguments: EnforcementMode.allCases)
    func theFallbackIsInTheBackupBeforeItIsDone(_ mode: EnforcementMode) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request().with("enforcement", .string(mode.rawValue)))
        let scope = try await bench.step("widen-backup", request())
        #expect(scope == ["enforcement": "detach+key", "sessions": .null, "fellBack": true])
        let backup = try await bench.step("load-backup", request())
        let kept = try #require(backup["enforcement"]?.stringValue.flatMap(EnforcementMode.init(rawValue:)))
        #expect(kept == mode.and(.detachAndKey))
        #expect(kept.detaches && kept.inactivatesKeys && kept.denies == mode.denies)
    }

    @Test(arguments: [["fellBack": true], ["sessions": ["ana"]]] as [JSONValue])
    func thereIsOneFallbackAndNoneForASharedRole(_ scope: JSONValue) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        let failure = await #expect(throws: TaskFailure.self) {
            try await bench.step("widen-backup", request().with("scope", scope))
        }
        #expect(failure?.error == "Steward.DenyDoesNotFit")
    }

    @Test func theScopesWordGoesBeforeTheRequests() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let input = request().with("enforcement", "both").with("scope", ["enforcement": "deny"])
        #expect(try await bench.backUp(["roleId": "AROA1"], input)["enforcement"] == "deny")
        // Another role under the same name is another backup's.
        #expect(try await bench.backUp(["roleId": "AROA1"], input)["new"] == false)
        #expect(try await bench.backUp(["roleId": "AROA2"], input)["new"] == true)
    }

    @Test func whoIsGoneIsClosed() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        #expect(try await bench.step("record-principal-gone", request())["status"] == "closed")
        #expect(try await bench.audit.last?.action == "principal.closed")
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        #expect(try await bench.account().workflows == [])
    }

    @Test func whoNobodyMayChangeIsSparedFromThenOn() async throws {
        let bench = try await bench(["ana", "ben"], shared: [])
        #expect(try await bench.step("record-unenforceable", input)["status"] == "active")
        #expect(try await bench.audit.last?.action == "suspension.unenforceable")
        try await bench.endWorkflows()
        bench.advance(.seconds(7200))
        let found = try await bench.step("monitor-budgets")
        #expect(found["started"] == 0)
        #expect(found["spared"]?["unenforceable"] == 1)
    }

    @Test func aLossThatWasAcceptedIsPartOfTheBackup() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        #expect(try await bench.step("load-backup", request())["acceptedLoss"] == [])
        let now = bench.now
        try await bench.store.write { try $0.acceptLoss(["arn:p"], ofBackup: PolicyBackupID(rawValue: 1), at: now) }
        #expect(try await bench.step("load-backup", request())["acceptedLoss"] == ["arn:p"])
    }
}
