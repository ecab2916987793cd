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
        // No deny is expected where none fits.
        #expect(backup["enforcement"] == "detach+key")
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

    /// Found out by IAM's side only: told once a period, and not marked as what AWS manages.
    @Test func whoBelongsToAnotherAccountIsSparedForThePeriod() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        let failed = request().with("failure", ["Error": "Steward.OtherAccount", "Cause": "c"])
        #expect(try await bench.step("record-unenforceable", failed)["status"] == "active")
        #expect(try await bench.audit.last?.action == "suspension.unenforceable")
        #expect(try await bench.account().principal.path == "/")
        try await bench.succeedWorkflows()
        bench.advance(.seconds(7200))
        #expect(try await bench.step("monitor-budgets")["spared"] == ["other-account": 1])

        bench.move(to: "2026-12-21T10:00:00Z")
        try await bench.meter(use("r2", cents: 104, at: "2026-12-21T10:00:00Z"))
        #expect(try await bench.account().standing.access.status == .grace)
        // With a backup, it was in this account once, and Steward has other credentials by now.
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        let kept = await #expect(throws: TaskFailure.self) { try await bench.step("record-unenforceable", failed) }
        #expect(kept?.error == "Steward.OtherAccount")
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } != nil)
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

    // MARK: Roles that can't be scoped

    /// A bench on which the suspension of a role was declined.
    private func declined() async throws -> LedgerBench {
        let bench = try await bench([nil, nil])
        try await bench.step("record-spared", input.with("reason", "unscopable-role"))
        try await bench.endWorkflows()
        bench.advance(.seconds(7200))
        return bench
    }

    private func account(_ bench: LedgerBench) async throws -> BudgetAccount {
        let id = budget
        return try #require(try await bench.store.read { try $0.account(id) })
    }

    @Test func whatWasDeclinedIsNotTriedAgainInThePeriod() async throws {
        let bench = try await declined()
        let (told, events) = (try await bench.notices.count, bench.published.count)
        for _ in 0..<3 {
            let found = try await bench.step("monitor-budgets")
            #expect(found["started"] == 0)
            #expect(found["spared"] == ["unscopable-role": 1])
            bench.advance(.seconds(3600))
        }
        var more = use("more", cents: 60)
        more.principal = Principal(id: role)
        try await bench.meter(more)

        #expect(try await bench.notices.count == told)
        #expect(bench.published.count == events)
        #expect(try await account(bench).declinedSince == day("2026-11-20T10:00:00Z"))
    }

    @Test func aSessionThatCanBeNamedIsSuspendedAfterAll() async throws {
        let bench = try await declined()
        var named = use("named", cents: 60)
        named.principal = Principal(id: role, session: "ana")
        try await bench.meter(named)
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(try await account(bench).declinedSince == nil)
    }

    @Test func aRoleThatIsNoLongerSharedIsSuspendedInWhole() async throws {
        let bench = try await declined()
        bench.configure { $0.access.sharedRoles = [] }
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
    }

    @Test func theNextPeriodTellsAnew() async throws {
        let bench = try await declined()
        bench.move(to: "2026-12-20T11:00:00Z")
        try await bench.step("refresh-budgets")
        #expect(try await account(bench).declinedSince == nil)
        var late = use("late", cents: 160, at: "2026-12-20T11:00:00Z")
        late.principal = Principal(id: role)
        try await bench.meter(late)
        #expect(try await account(bench).standing.access.status == .grace)
    }

    // MARK: Roles that become shared

    /// A bench on which the suspension of a role has failed half-way, and which is shared since.
    private func sharedSinceAFailure(_ sessions: [String?]) async throws -> LedgerBench {
        let bench = try await bench(sessions, shared: [])
        _ = try await bench.backUp(["roleId": "AROA1"], input)
        try await bench.step("record-suspension-failed", input)
        bench.configure { $0.access.sharedRoles = ["app"] }
        return bench
    }

    @Test func aRoleThatIsSharedSinceAnAttemptFailedGivesTheOtherSessionsTheirAccessBack() async throws {
        let bench = try await sharedSinceAFailure(["ana", "ana"])
        let scope = try await bench.step("scope-access", input)
        #expect(scope["sessions"] == ["ana"] && scope["wasWhole"] == true)

        // The reconciliation asks, too, and never grants.
        try await suspended(bench)
        #expect(try await bench.step("scope-access", input)["wasWhole"] == nil)
    }

    @Test func aRoleThatIsSharedSinceAnAttemptFailedAndCanNotBeScopedGetsAllBack() async throws {
        let bench = try await sharedSinceAFailure([nil, nil])

        try await bench.step("record-spared", input.with("reason", "unscopable-role"))

        let asked = try #require(bench.published.last)
        #expect(asked.detailType == "Budget Refreshed")
        #expect(try await bench.step("validate-restoration", asked.detail)["reason"] == "unscopable-role")
        try await bench.step("reset-budget", input.with("verified", true).with("reason", "unscopable-role"))
        #expect(try await account(bench).declinedSince == bench.now)
        #expect(try await bench.step("monitor-budgets")["spared"] == ["unscopable-role": 1])
    }

    @Test func theRadarShowsWhoKeepsAccess() async throws {
        let bench = try await declined()
        let store = bench.store
        let radar = Radar(probes: [
            .declinedSuspensions { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            }
        ])
        let found = await radar.look(at: bench.now)
        #expect(found.map(\.kind) == [.declined])
        #expect(found.first?.subject == role.description)
        // It was told when it happened; the daily notice of the radar does not repeat it.
        let context = bench.context("k")
        let report = Radar.json(found, at: bench.now)
        let told = try await bench.transact { desk in
            try StepRun(desk, context, [:]).recordBypass(report)
        }
        #expect(told["urgent"] == 0)
    }

    // MARK: Sessions that begin after the deny

    private func suspended(_ bench: LedgerBench) async throws {
        let (id, since) = (budget, bench.now)
        try await bench.store.write { transaction in
            guard var account = try transaction.account(id) else { return }
            account.standing.access = Access(status: .suspended, since: since)
            try transaction.saveAccount(account)
        }
        _ = try await bench.backUp(["roleId": "AROA1"], input)
        try await bench.endWorkflows()
        bench.advance(.seconds(60))
    }

    private func spend(_ bench: LedgerBench, _ request: String, in session: String?, at text: String) async throws {
        var event = use(request, cents: 1, at: text)
        event.principal = Principal(id: role, session: session)
        try await bench.meter(event)
    }

    @Test func aNewSessionOfASuspendedRoleIsAskedForOnce() async throws {
        let bench = try await bench(["ana", "ana"])
        try await suspended(bench)
        for number in 0..<3 {
            try await spend(bench, "n\(number)", in: "eve", at: "2026-11-20T10:00:3\(number)Z")
        }
        try await spend(bench, "late", in: "ben", at: "2026-11-20T09:59:59Z")
        try await spend(bench, "none", in: nil, at: "2026-11-20T10:00:30Z")

        let asked = bench.published.filter { $0.detailType == "Session Beyond Deny" }
        #expect(asked.map { $0.detail["session"] } == ["eve"])
        #expect(asked.first?.detail["budgetId"] == .string(budget.rawValue))
        let listed = try await bench.step("list-suspended", ["only": .string(budget.rawValue)])
        #expect(
            listed["accounts"]?[0]?["scope"]?["sessions"]?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
                == ["ana", "ben", "eve"])
        #expect(listed["after"] == .null)
    }

    @Test func aSessionForEachCallIsLookedAtOnceAMinute() async throws {
        let bench = try await bench(["ana", "ana"])
        try await suspended(bench)
        for number in 0..<5 {
            try await spend(bench, "n\(number)", in: "call-\(number)", at: "2026-11-20T10:00:30Z")
        }
        #expect(bench.published.count { $0.detailType == "Session Beyond Deny" } == 1)

        bench.advance(.seconds(60))
        try await spend(bench, "later", in: "call-9", at: "2026-11-20T10:00:40Z")
        #expect(bench.published.count { $0.detailType == "Session Beyond Deny" } == 2)
    }

    @Test func aRoleThatIsNotSharedAsksForNoSession() async throws {
        let bench = try await bench(["ana", "ana"], shared: [])
        try await suspended(bench)
        try await spend(bench, "n1", in: "eve", at: "2026-11-20T10:00:30Z")
        #expect(!bench.publishedTypes.contains("Session Beyond Deny"))
    }

    @Test func newSessionsAreAddedWhateverThePolicyOfRepairs() async throws {
        let bench = try await bench(["ana", "ana"])
        bench.configure { $0.access.reconcile = .report }
        try await suspended(bench)
        let result = try await bench.step(
            "record-drift",
            input.with("suspendedAt", "2026-11-20T10:00:00Z").with("newSessionsOnly", true).with("faults", ["x"]))
        #expect(result == ["action": "repair"])
        #expect(try await bench.audit.last?.action == "access.sessions-to-deny")
        #expect(try await !bench.noticeKinds.contains(.accessDrift))
    }

    @Test func moreSessionsThanADenyHoldsAreComparedAsSome() async throws {
        let bench = try await bench((0...80).map { "s-\($0)" })
        try await suspended(bench)
        let listed = try await bench.step("list-suspended")
        #expect(listed["accounts"]?[0]?["scope"]?["anySession"] == true)
        #expect(listed["accounts"]?[0]?["scope"]?["sessions"]?.arrayValue?.count == 1)
    }
}
