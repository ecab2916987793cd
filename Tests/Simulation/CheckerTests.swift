import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import Simulator
import StatesLanguage
import Testing
import WallTime

/// A checker that finds nothing proves nothing: each is given a record in which its promise is broken.
@Suite struct CheckerTests {
    struct Break: Sendable, CustomTestStringConvertible {
        var what: String
        /// The promise that has to be found broken.
        var promise: String
        var change: @Sendable (inout RunRecord) -> Void

        var testDescription: String { what }

        init(_ what: String, _ promise: String, _ change: @escaping @Sendable (inout RunRecord) -> Void) {
            (self.what, self.promise, self.change) = (what, promise, change)
        }
    }

    private static let ends = "every acknowledged start ends exactly once"
    private static let nested = "nested executions end with those who wait for them"
    private static let legal = "history is contiguous and legal"
    private static let fold = "the stored row is the fold of the history"
    private static let once = "a transactional step is done exactly once"
    private static let keys = "calls carry one stable idempotency key"
    private static let timers = "a timer fires neither early nor twice"
    private static let results = "a task has one result"
    private static let pinned = "an execution finishes on its own definition"
    private static let slots = "a schedule's fires are neither lost nor doubled"
    private static let status = "status agrees with IAM"
    private static let backups = "nothing is taken without a backup"
    private static let charged = "a use is charged exactly once"
    private static let sums = "a budget's charge is the sum of its uses"
    private static let cause = "the strictest budget is the cause"
    private static let suspendedOnce = "nobody is suspended twice at a time"
    private static let oneAtATime = "a principal has one suspension at a time"
    private static let blocked = "who is blocked has no access"
    private static let free = "who is below all budgets has access"

    static let executions: [Break] = [
        Break("an acknowledged start is lost", ends) { $0.executions.removeFirst() },
        Break("a start is there twice", ends) { $0.executions.append($0.executions[0]) },
        Break("a start has another number", ends) { $0.starts[0].acknowledged = ExecutionID(rawValue: 99) },
        Break("an execution never ends", ends) { $0.executions[0].record.status = .running },
        Break("it ends twice", ends) {
            $0.executions[0].history.append(Samples.event(13, 18, .executionSucceeded(output: [:])))
        },
        Break("a failure has no letter", ends) { $0.executions[0].record.status = .failed },
        Break("a parent was not told", nested) {
            let (child, parent) = (ExecutionID(rawValue: 2), ExecutionID(rawValue: 1))
            $0.nested = [NestedExecution(child: child, parent: parent, task: 5)]
        },
        Break("a number is missing", legal) { $0.executions[0].history.remove(at: 6) },
        Break("time goes back", legal) { $0.executions[0].history[7].at = Samples.at(9) },
        Break("something follows the end", legal) {
            $0.executions[0].history.append(Samples.event(13, 18, .mapSucceeded))
        },
        Break("a state is left twice", legal) {
            $0.executions[0].history.insert(
                Samples.event(12, 17, .stateExited(.task, name: "Book", output: [:], assigned: [:])), at: 13)
        },
        Break("the row says something else", fold) { $0.executions[0].record.status = .aborted },
        Break("the row counts redrives", fold) { $0.executions[0].record.redriveCount = 1 },
        Break("the row stopped later", fold) { $0.executions[0].record.stoppedAt = Samples.at(18) },
        Break("a state of another revision", pinned) { $0.executions[0].states["Book"] = nil },
    ]

    static let tasks: [Break] = [
        Break("a step is recorded twice", once) { $0.recorded.append("1/8") },
        Break("a step is not recorded", once) { $0.recorded = [] },
        Break("a failed step is recorded", once) { $0.recorded.append("1/5") },
        Break("a retry has another key", keys) { $0.calls[1].key = "another" },
        Break("a call is of no task", keys) { $0.calls[1].task = 7 },
        Break("two executions share a key", keys) { run in
            run.executions.append(run.executions[0])
            run.executions[run.executions.count - 1].record.id = ExecutionID(rawValue: 50)
            run.calls[1].execution = ExecutionID(rawValue: 50)
        },
        Break("a task has two results", results) {
            $0.executions[0].history[12] = Samples.event(11, 17, .taskSucceeded(8, output: [:]))
        },
        Break("a task starts twice", results) {
            $0.executions[0].history[11] = Samples.event(10, 17, .taskStarted(8, worker: nil))
        },
        Break("a task starts after its end", results) {
            $0.executions[0].history[12] = Samples.event(11, 17, .taskStarted(5, worker: nil))
        },
        Break("a wait ends early", timers) { $0.executions[0].history[3].at = Samples.at(9) },
        Break("a retry comes early", timers) { $0.executions[0].history[9].at = Samples.at(15) },
        Break("a retry is planned too early", timers) {
            $0.executions[0].history[8] = Samples.event(0, 11, .retryPlanned(at: Samples.at(15), retrier: 0))
        },
        Break("a retry is planned twice", timers) {
            $0.executions[0].history.insert($0.executions[0].history[8], at: 8)
        },
        Break("a timeout comes early", timers) {
            $0.executions[0].history[11] = Samples.event(
                10, 75, .taskTimedOut(8, TaskFailure(error: "States.Timeout", cause: "")))
        },
    ]

    static let world: [Break] = [
        Break("a slot is lost", slots) { $0.schedules[0].fires.remove(at: 2) },
        Break("a slot is there twice", slots) { $0.schedules[0].fires.append($0.schedules[0].fires[0]) },
        Break("a slot fires early", slots) { $0.schedules[0].fires[1].firedAt = Samples.at(239) },
        Break("a fire is no slot", slots) { $0.schedules[0].fires[1].nominal = Samples.at(241) },
        Break("a fire has no execution", slots) { $0.executions.removeLast() },
        Break("a fire has two executions", slots) { $0.executions.append($0.executions[1]) },
        Break("an execution has no slot", slots) { $0.executions[1].record.name = "tick-9" },
        Break("a skipped slot has an execution", slots) { $0.schedules[0].fires[1].result = .skippedMissed },
        Break("a slot that could not be started has no letter", slots) {
            $0.schedules[0].fires[1].result = .failed
            $0.schedules[0].fires[1].execution = nil
            $0.executions.removeAll { $0.record.name == "tick-1" }
        },
        Break("a late slot is made up for", slots) { $0.schedules[0].fires[1].firedAt = Samples.at(301) },
        Break("two slots are acted upon together", slots) { $0.schedules[0].fires[1].firedAt = Samples.at(481) },
        Break("a slot on time is skipped", slots) { $0.schedules[0].fires[2].result = .skippedMissed },
        Break("suspended and allowed", status) { $0.users[0].mayInvoke = true },
        Break("active and detached", status) { $0.users[0].status = .active },
        Break("a detach without a backup", backups) { $0.backups = [] },
        Break("a backup that came too late", backups) { $0.backups[0].backup.takenAt = Samples.at(21) },
        Break("a backup of something else", backups) { $0.backups[0].backup.snapshot = ["attachedPolicies": []] },
        Break("a backup given back before", backups) { $0.backups[0].consumedAt = Samples.at(19) },
    ]

    static let budgets: [Break] = [
        Break("a use is there twice", charged) { $0.uses.append($0.uses[0]) },
        Break("a use is lost", charged) { $0.uses.removeLast() },
        Break("a use of somebody else", charged) { $0.uses[0].user = "user-1" },
        Break("a use that nobody made", charged) { $0.spends.removeLast() },
        Break("a use at another instant", charged) { $0.uses[0].at = Samples.at(6) },
        Break("a use that no correction has reached", charged) { $0.uses[0].corrections = [] },
        Break("a charge that is off by a nano-dollar", charged) { $0.uses[0].charge += 1 },
        Break("a sum that is off by a nano-dollar", sums) { $0.purses[0].spent[Samples.at(10)]? += 1 },
        Break("a use that a shared budget has missed", sums) { $0.purses[1].spent[Samples.start] = 1 },
        Break("a late use in the wrong period", sums) {
            $0.purses[0].spent = [Samples.at(10 - 86_400): 0, Samples.at(10): 1_200_000]
        },
        Break("a period that nobody has used", sums) { $0.purses[1].spent[Samples.start + .seconds(172_800)] = 3 },
        Break("a cause that is not used up", cause) { $0.uses[1].at = Samples.at(172_900) },
        Break("a cause that only observes", cause) { $0.purses[1].mode = .observe },
        Break("a cause of which the principal is no member", cause) { $0.purses[1].users = [] },
        Break("a cause that is raised before", cause) {
            let raised: JSONValue = ["after": ["budgetId": .string($0.purses[1].id), "limit": 3]]
            $0.audit.insert(Samples.entry(14, "budget.changed", raised), at: 2)
        },
        Break("a stricter one was used up", cause) { run in
            run.purses[0].length = 172_800_000
            run.uses[1].recordedAt = Samples.at(14)
        },
        Break("suspended twice", suspendedOnce) {
            $0.audit.append(Samples.entry(700, "access.suspended", ["from": "grace"]))
        },
        Break("a second suspension beside one that is at work", oneAtATime) {
            $0.audit += suspensions(superseding: [], at: 10, grace: 10)
        },
        Break("one in the place of another that ends as soon", oneAtATime) {
            $0.audit += suspensions(superseding: ["e1"], at: 10, grace: 295)
        },
        Break("blocked and let in", blocked) {
            $0.changes.append(
                RunLog.Change(
                    action: "DeleteUserPolicy", user: "user-0", policy: "StewardBedrockDeny", at: Samples.at(599),
                    mayInvoke: true))
        },
        Break("blocked at the end, with access", blocked) { run in
            run.users[0].block = Hold(end: .never, reason: "r", by: "b", since: Samples.at(700))
            run.users[0].mayInvoke = true
        },
        Break("suspended for nothing", free) { run in
            run.purses[0].limit = 900_000
            run.purses[1].limit = 3
        },
        Break("suspended for what only observes", free) { run in
            run.purses[0].mode = .observe
            run.purses[1].mode = .observe
        },
    ]

    @Test func aBlockThatIsOverLetsIn() {
        var run = Samples.run
        run.changes.append(
            RunLog.Change(
                action: "DeleteUserPolicy", user: "user-0", policy: "StewardBedrockDeny", at: Samples.at(600),
                mayInvoke: true))
        #expect(Checkers.blockedStaysOut(run) == [])
    }

    /// The first is execution `e1`, which is at work until second 17.
    private static func suspensions(superseding: [String], at second: Int64, grace: Int64) -> [AuditEntry] {
        [
            Samples.entry(2, "suspension.started", ["executions": ["e1"], "graceSeconds": 300]),
            Samples.entry(
                second, "suspension.started",
                [
                    "executions": ["e2"], "graceSeconds": .int(grace),
                    "supersedes": .array(superseding.map { .string($0) }),
                ]),
        ]
    }

    @Test func aSuspensionInThePlaceOfALongerOneOrAfterItsEndIsPassed() {
        for later in [
            Self.suspensions(superseding: ["e1"], at: 10, grace: 10),
            Self.suspensions(superseding: [], at: 17, grace: 300),
        ] {
            var run = Samples.run
            run.audit = later
            #expect(Checkers.oneSuspensionAtATime(run) == [])
        }
    }

    /// Seed 501644: what the first redrive took up had gone on when the second one came.
    @Test func whatWasAbortedIsTakenUpByOneRedriveOnly() {
        let failure = TaskFailure(error: "Sim.Flaky", cause: "")
        var run = Samples.run
        run.executions[0].history = [
            Samples.event(1, 0, .executionStarted(input: [:], seed: 1)),
            Samples.event(2, 0, .stateEntered(.task, name: "A", input: [:])),
            Samples.event(3, 1, .stateAborted(.task, name: "A")),
            Samples.event(4, 1, .executionFailed(failure)),
            Samples.event(5, 2, .executionRedriven(count: 1)),
            Samples.event(6, 3, .stateExited(.task, name: "A", output: [:], assigned: [:])),
            Samples.event(7, 3, .stateEntered(.task, name: "B", input: [:])),
            Samples.event(8, 4, .executionFailed(failure)),
            Samples.event(9, 5, .executionRedriven(count: 2)),
            Samples.event(10, 6, .stateAborted(.task, name: "B")),
            Samples.event(11, 6, .executionFailed(failure)),
        ]
        #expect(Checkers.historyIsLegal(run) == [])
    }

    /// Seed 913198: a price was corrected right after the use that crossed the limit.
    @Test func aCorrectionOfTheSameInstantMayComeAfterTheSuspension() {
        var run = Samples.run
        run.audit[2] = Samples.entry(
            15, "suspension.started",
            [
                "principalName": "user-0", "reason": "budget-exceeded",
                "cause": ["budgetId": .string(run.purses[0].id)],
            ])
        run.uses[1].corrections = [(at: Samples.at(15), amount: -200_000)]
        #expect(Checkers.strictestIsTheCause(run) == [])
        run.uses[1].corrections = [(at: Samples.at(14), amount: -200_000)]
        #expect(Checkers.strictestIsTheCause(run).map(\.promise) == [Self.cause])
    }

    /// Seed 915392: the clock was set back between the backup and what it was for.
    @Test func aBackupMayHaveALaterTimeOnceTheClockWasSetBack() {
        var run = Samples.run
        run.backups[0].backup.takenAt = Samples.at(21)
        run.setBack = .milliseconds(999)
        #expect(Checkers.all.flatMap { $0(run) }.map(\.promise).contains(Self.backups))
        run.setBack = .seconds(1)
        #expect(Checkers.all.flatMap { $0(run) } == [])
    }

    @Test func whoWaitsForTheRefreshIsNotJudged() {
        var run = Samples.run
        run.purses[0].limit = 900_000
        run.purses[1].limit = 3
        run.endedAt = Samples.at(200_000)
        #expect(Checkers.freeHasAccess(run) == [])
    }

    @Test func aRunInWhichAllWasKeptIsPassed() {
        #expect(Checkers.all.flatMap { $0(Samples.run) } == [])
    }

    @Test(arguments: executions + tasks + world + budgets) func aBrokenPromiseIsFound(_ broken: Break) {
        var run = Samples.run
        broken.change(&run)
        let promises = Set(Checkers.all.flatMap { $0(run) }.map(\.promise))
        #expect(promises.contains(broken.promise))
    }
}
