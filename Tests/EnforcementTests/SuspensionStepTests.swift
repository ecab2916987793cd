import Budgets
import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct SuspensionStepTests {
    /// A bench on which ana has spent $1.04 of $1.00, and her suspension runs.
    private func exceeded() async throws -> LedgerBench {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        return bench
    }

    @Test func theEventHoldsAllThatTheWorkflowNeeds() async throws {
        let bench = try await exceeded()

        let event = try #require(bench.published.last)
        let account = try await bench.account()
        // The grace began in the same transaction; the request says what was so when the limit was crossed.
        #expect(
            try SuspensionRequest(event.detail)
                == SuspensionRequest(
                    account, reason: .budgetExceeded, cause: ExceededBudget(account.budget, account.standing)))
        #expect(event.detail["userName"] == "ana")
        #expect(event.detail["graceSeconds"] == 300)
        #expect(event.detail["enforcement"] == "both")
        #expect(event.detail["spent"] == "1.04")
        #expect(event.detail["limitNanos"] == 1_000_000_000)
    }

    @Test(arguments: ["budgetId", "principalArn", "periodStart", "spentNanos", "graceSeconds", "enforcement", "reason"])
    func aRequestThatLacksSomethingIsRefusedByName(member: String) async throws {
        let bench = try await exceeded()
        var object = try #require(bench.published.last?.detail.objectValue)
        object[member] = nil

        #expect { try SuspensionRequest(.object(object)) } throws: { ($0 as? InvalidRequest)?.member == member }
    }

    @Test func theCheckConfirmsWhatIsStillSo() async throws {
        let bench = try await exceeded()
        let detail = try #require(bench.published.last?.detail)

        let result = try await bench.step("check-budget", detail)

        #expect(result["exceeded"] == true)
        #expect(result["spent"] == "1.04")
    }

    @Test(arguments: [
        "not-exceeded", "protected", "observe-only", "period-changed", "period-ended", "already-suspended",
    ])
    func theCheckFindsWhatHasChangedDuringGrace(reason: String) async throws {
        let bench = try await exceeded()
        let detail = try #require(bench.published.last?.detail)
        try await bench.alter { account in
            switch reason {
            case "not-exceeded": account.budget.limit = dollars("2")
            case "protected": account.budget.isProtected = true
            case "observe-only": account.budget.mode = .observe
            case "period-changed":
                account.standing.period = Period(start: day("2026-11-19"), end: day("2026-12-19"))
            case "period-ended": break
            default: account.standing.access = Access(status: .suspended, since: day("2026-11-20"))
            }
        }
        if reason == "period-ended" { bench.move(to: "2026-12-20") }

        let result = try await bench.step("check-budget", detail)

        #expect(result["exceeded"] == false)
        #expect(result["reason"] == .string(reason))
    }

    @Test func theCheckDoesNotCountItselfAgainstTheBreaker() async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(maximumStarts: 1))
        try await bench.meter(use("r1", cents: 104))

        #expect(try await bench.step("check-budget", request())["exceeded"] == true)
    }

    @Test(arguments: [
        "check-budget", "record-suspended", "record-spared", "record-suspension-failed", "validate-restoration",
        "load-backup", "reset-budget", "record-restoration-failed",
    ])
    func anUnknownBudgetIsATypedFailure(step: String) async throws {
        let bench = LedgerBench()

        let failure = await #expect(throws: TaskFailure.self) {
            try await bench.step(step, request("nobody").with("verified", true))
        }
        #expect(failure?.error == StepError.unknownBudget)
        let invalid = await #expect(throws: TaskFailure.self) { try await bench.step(step, ["verified": true]) }
        #expect(invalid?.error == StepError.invalidInput)
    }

    @Test func suspendedIsSaidOnlyOfAVerifiedResult() async throws {
        let bench = try await exceeded()

        for input in [request(), request().with("verified", false), request().with("verified", "true")] {
            let failure = await #expect(throws: TaskFailure.self) { try await bench.step("record-suspended", input) }
            #expect(failure?.error == StepError.notVerified)
        }
        #expect(try await bench.account().standing.access.status == .grace)

        let result = try await bench.step("record-suspended", request().with("verified", true))
        #expect(result["status"] == "suspended")
        #expect(
            try await bench.account().standing.access
                == Access(status: .suspended, since: bench.now, reason: "budget-exceeded"))
        #expect(try await bench.audit.last?.action == "access.suspended")
        let run = try #require(try await bench.account().workflows.first)
        #expect(try await bench.audit.last?.actor == "workflow:suspension/\(run)")

        // One that a person has started by hand beside it says nothing more.
        let again = try await bench.step("record-suspended", request().with("verified", true), key: "second")
        #expect(again["status"] == "suspended")
        #expect(try await bench.audit.filter { $0.action == "access.suspended" }.count == 1)
    }

    @Test func whoIsSuspendedIsNotActiveWithoutARestoration() async throws {
        let bench = try await exceeded()
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: day("2026-11-20")) }

        let failure = await #expect(throws: TaskFailure.self) {
            try await bench.step("reset-budget", request().with("verified", true))
        }
        #expect(failure?.error == StepError.illegalTransition)
    }

    /// It was deleted while its suspension, or its restoration, was at work: it is not opened by what either says.
    @Test func whoIsGoneIsNeitherSuspendedNorActive() async throws {
        let bench = try await exceeded()
        let run = try #require(try await bench.account().workflows.first)
        try await bench.alter {
            $0.standing.access = Access(status: .closed, since: day("2026-11-20"))
            $0.workflows = []
        }
        let detail = try #require(bench.published.last?.detail)

        let check = try await bench.step("check-budget", detail, in: run)
        #expect(check["superseded"] == true && check["exceeded"] == false && check["reason"] == "closed")
        for step in ["record-suspended", "reset-budget"] {
            let failure = await #expect(throws: TaskFailure.self) {
                try await bench.step(step, request().with("verified", true), in: run)
            }
            #expect(failure?.error == "Steward.PrincipalGone")
        }
        let late = await #expect(throws: TaskFailure.self) { try await bench.backUp(["userId": "AIDA1"], request()) }
        #expect(late?.error == "Steward.PrincipalGone")
        for step in ["record-spared", "record-suspension-failed", "record-restoration-failed"] {
            let failure: JSONValue = ["Error": "IAM.ServiceFailure"]
            #expect(try await bench.step(step, request().with("error", failure), in: run)["status"] == "closed")
        }
        #expect(try await bench.noticeKinds == [])
        let actions = try await bench.audit.map(\.action)
        #expect(!actions.contains("principal.closed"))
        #expect(try await bench.step("record-principal-gone", request(), in: run)["status"] == "closed")
        // It was written down by who knew first.
        #expect(try await bench.audit.map(\.action) == actions)
    }

    @Test func theSparedAreActiveAgainAndTheirBackupIsClosed() async throws {
        let bench = try await exceeded()
        _ = try await bench.backUp(["userId": "AIDA1"], request())

        try await bench.step("record-spared", request().with("reason", "protected"))

        let account = try await bench.account()
        #expect(account.standing.access == Access(status: .active, since: bench.now, reason: "protected"))
        #expect(account.workflows == [])
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        #expect(try await bench.audit.last?.action == "suspension.spared")
    }

    @Test func sparingSaysNothingOfWhatAnotherWorkflowDid() async throws {
        let bench = try await exceeded()
        for status in [AccessStatus.suspended, .restoring, .suspensionFailed, .restorationFailed] {
            try await bench.alter { $0.standing.access = Access(status: status, since: day("2026-11-20")) }
            try await bench.step("record-spared", request())
            #expect(try await bench.account().standing.access.status == status)
        }
    }

    @Test func aGraceThatThePeriodOutlivedIsSparedIntoTheNextOne() async throws {
        let bench = try await exceeded()
        bench.move(to: "2026-12-20T00:01:00Z")

        try await bench.step("record-spared", request().with("reason", "period-ended"))

        let standing = try await bench.account().standing
        #expect(standing.period.start == day("2026-12-20"))
        #expect(standing.spending == Spending())
        #expect(standing.announced == [])
    }

    @Test func aFailureBeforeTheBackupHasChangedNothing() async throws {
        let bench = try await exceeded()
        let failure: JSONValue = ["Error": "IAM.AccessDenied", "Cause": "no iam:GetUser"]

        try await bench.step("record-suspension-failed", request().with("error", failure))

        let access = try await bench.account().standing.access
        #expect(access.status == .active)
        #expect(access.reason == "IAM.AccessDenied: no iam:GetUser")
        #expect(try await bench.noticeKinds == [.suspensionFailed])
        let told = try await bench.notices.last?.data
        #expect(told?["reason"] == "IAM.AccessDenied: no iam:GetUser")
        let spanish = told?["reasonIn"]?["es"]?.stringValue ?? ""
        #expect(spanish.hasPrefix("IAM.AccessDenied: a la identidad de Steward le falta un permiso"))
        #expect(spanish.hasSuffix("En inglés: no iam:GetUser"))
    }

    /// For a block nothing need be spent: the notice says what it was for.
    @Test func aFailureTellsWhatItWasFor() async throws {
        let bench = LedgerBench()
        let ana = Principal(id: principalID("ana"))
        _ = try await bench.transact {
            try HoldCommands.block(ana, until: .never, reason: "leaked key", by: "operator:eve", $0)
        }

        try await bench.step("record-suspension-failed", request().with("error", ["Error": "IAM.ServiceFailure"]))

        let told = try #require(try await bench.notices.last?.data)
        #expect(told["block"]?["reason"] == "leaked key" && told["percent"] == 0)
        #expect(told["reason"] == "IAM.ServiceFailure" && told["status"] == "active")
    }

    @Test func aFailureAfterTheBackupLeavesItUnknown() async throws {
        let bench = try await exceeded()
        _ = try await bench.backUp(["userId": "AIDA1"], request())

        try await bench.step("record-suspension-failed", request().with("error", ["Error": "IAM.ServiceFailure"]))

        #expect(try await bench.account().standing.access.status == .suspensionFailed)
        #expect(try await bench.notices.last?.data["reason"] == "IAM.ServiceFailure")
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } != nil)
    }

    @Test func theFirstBackupStandsWhileItIsOpen() async throws {
        let bench = try await exceeded()
        let whole: JSONValue = ["userId": "AIDA1", "attached": ["a", "b"], "takenUnderSuspension": false]
        let partial: JSONValue = ["userId": "AIDA1", "attached": ["b"], "takenUnderSuspension": true]

        let first = try await bench.backUp(whole, request())
        let second = try await bench.backUp(partial, request())

        #expect(first["new"] == true)
        #expect(second["new"] == false)
        #expect(second["snapshot"] == whole)
        #expect(second["backupId"] == first["backupId"])
        #expect(try await bench.step("load-backup", request())["snapshot"] == whole)
    }

    @Test func aBackupKnowsAllThatSuspensionsSinceWereToldToDo() async throws {
        let bench = try await exceeded()
        func told(_ mode: String) -> JSONValue { request().setting("enforcement", .string(mode)) }

        #expect(try await bench.backUp(["userId": "AIDA1"], told("deny"))["enforcement"] == "deny")
        #expect(try await bench.backUp(["userId": "AIDA1"], told("deny"))["enforcement"] == "deny")
        #expect(try await bench.backUp(["userId": "AIDA1"], told("detach"))["enforcement"] == "both")
        #expect(try await bench.step("load-backup", told("deny"))["enforcement"] == "both")
    }

    /// What a suspension is about to take is noted with the backup before it does.
    @Test func aBackupKnowsWhatSuspensionsSinceWereAboutToTake() async throws {
        let bench = try await exceeded()
        let first = request().setting("taken", ["next": ["step": "first"]])
        let backup = try await bench.backUp(["userId": "AIDA1"], first)
        #expect(backup["taking"] == [])
        func taking() async throws -> JSONValue? { try await bench.step("load-backup", request())["taking"] }
        for (items, known) in [(["a", "b"], ["a", "b"]), (["b", "c"], ["a", "b", "c"])] as [([JSONValue], [JSONValue])]
        {
            let answer: JSONValue = ["next": ["step": "detach", "items": .array(items)]]
            #expect(try await bench.recordTaken(answer, first.setting("backup", backup)) == answer)
            #expect(try await taking() == .array(known))
        }
        _ = try await bench.recordTaken(["next": .null], first.setting("backup", backup))
        #expect(try await taking() == ["a", "b", "c"])
        #expect(try await bench.backUp(["userId": "AIDA1"], first)["taking"] == ["a", "b", "c"])
        // A worker of an earlier version knows of no steps.
        _ = try await bench.recordTaken(["denied": true], first.setting("backup", backup))
        #expect(try await taking() == .null)
        #expect(try await bench.backUp(["userId": "AIDA1"], first)["taking"] == .null)
    }

    @Test func aWorkflowWithoutStepsMayTakeAll() async throws {
        let bench = try await exceeded()
        let first = request().setting("taken", ["next": ["step": "first"]])
        #expect(try await bench.backUp(["userId": "AIDA1"], first)["taking"] == [])
        #expect(try await bench.backUp(["userId": "AIDA1"], request())["taking"] == .null)
        #expect(try await bench.backUp(["userId": "AIDA2"], request())["taking"] == .null)
    }

    @Test func theBackupOfAUserWhoWasMadeAnewIsNotUsed() async throws {
        let bench = try await exceeded()
        _ = try await bench.backUp(["userId": "AIDA1"], request())

        let second = try await bench.backUp(["userId": "AIDA2"], request())

        #expect(second["new"] == true)
        #expect(try await bench.step("load-backup", request())["snapshot"]?["userId"] == "AIDA2")
    }

    @Test func aBackupThatIsNoObjectIsRefused() async throws {
        let bench = try await exceeded()

        let failure = await #expect(throws: TaskFailure.self) { try await bench.backUp("nonsense", request()) }
        #expect(failure?.error == StepError.invalidInput)
    }

    @Test func aDamagedBackupIsNotActedUpon() async throws {
        let bench = try await exceeded()
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        bench.configure {
            $0 = EnforcementSettings(prices: CurrentPrices(prices), channels: { _ in [] }, digest: { _ in "other" })
        }

        let failure = await #expect(throws: TaskFailure.self) { try await bench.step("load-backup", request()) }
        #expect(failure?.error == StepError.backupDamaged)
    }

    @Test func withoutABackupThereIsNothingToLoad() async throws {
        let bench = try await exceeded()

        let failure = await #expect(throws: TaskFailure.self) { try await bench.step("load-backup", request()) }
        #expect(failure?.error == StepError.noBackup)
    }

    @Test func aNoticeIsToldOncePerEntryOfItsState() async throws {
        let bench = try await exceeded()
        let input = request().with("kind", "grace-started").with("data", ["spent": "1.04"])

        for key in ["one", "one", "two"] { try await bench.step("send-notice", input, key: key) }

        #expect(try await bench.notices.map(\.id) == ["grace-started/one", "grace-started/two"])
        #expect(try await bench.notices.first?.data == ["spent": "1.04"])
        #expect(try await bench.notices.first?.principal == principalID("ana"))
        #expect(try await bench.store.read { try $0.pendingOutboxItems(limit: 9).map(\.channel) } == ["log", "log"])
    }

    @Test(arguments: [
        (["kind": "cheerful"] as JSONValue), [:], ["kind": "suspended", "principalId": "ana"],
        ["kind": "suspended", "severity": "loud"],
    ])
    func aNoticeOfNoKindIsRefused(input: JSONValue) async throws {
        let failure = await #expect(throws: TaskFailure.self) { try await LedgerBench().step("send-notice", input) }
        #expect(failure?.error == StepError.invalidInput)
    }

    @Test func anAuditEntryIsAlwaysTheWorkflows() async throws {
        let bench = LedgerBench()

        try await bench.step("audit", ["action": "a.b", "subject": "s", "actor": "operator:eve", "detail": ["x": 1]])

        let entry = AuditEntry(
            at: bench.now, actor: "workflow:suspension/run-1", action: "a.b", subject: "s", detail: ["x": 1])
        #expect(try await bench.audit == [entry])
        await #expect(throws: TaskFailure.self) { try await bench.step("audit", ["action": "a.b"]) }
    }

    @Test func everyStepIsServedAndNoOther() async throws {
        let steps: [String: Step<MemoryTransaction>] = DomainSteps.all(CurrentSettings(LedgerBench().settings))

        #expect(Set(steps.keys) == Set(DomainSteps.names))
        for name in DomainSteps.names {
            do {
                try await LedgerBench().step(name)
            } catch let failure as TaskFailure {
                #expect(!failure.cause.contains("names no step"), "\(name)")
            }
        }
        let failure = await #expect(throws: TaskFailure.self) { try await LedgerBench().step("unheard-of") }
        #expect(failure?.error == StepError.invalidInput)
    }
}
