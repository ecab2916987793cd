import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import Simulator
import StatesLanguage
import WallTime

/// Records of a run in which every promise was kept, for the checkers' tests to break.
enum Samples {
    static let start = Instant(milliseconds: 1_795_168_800_000)
    static let policy = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"

    static func at(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

    static func event(_ id: Int, _ seconds: Int64, _ kind: HistoryEvent.Kind) -> HistoryEvent {
        HistoryEvent(id: id, previousID: max(0, id - 1), at: at(seconds), frame: 0, kind: kind)
    }

    /// A wait of ten seconds, then a transactional step that fails once.
    static let history: [HistoryEvent] = [
        event(1, 0, .executionStarted(input: [:], seed: 1)),
        event(2, 0, .stateEntered(.wait, name: "Rest", input: [:])),
        event(0, 0, .waiting(until: at(10))),
        event(3, 10, .stateExited(.wait, name: "Rest", output: [:], assigned: [:])),
        event(4, 10, .stateEntered(.task, name: "Book", input: [:])),
        event(5, 10, .taskScheduled(ScheduledTask(resource: "activity:book", parameters: [:], timeoutSeconds: 60))),
        event(6, 10, .taskStarted(5, worker: nil)),
        event(7, 11, .taskFailed(5, TaskFailure(error: "Sim.Flaky", cause: ""))),
        event(0, 11, .retryPlanned(at: at(16), retrier: 0)),
        event(8, 16, .taskScheduled(ScheduledTask(resource: "activity:book", parameters: [:], timeoutSeconds: 60))),
        event(9, 16, .taskStarted(8, worker: nil)),
        event(10, 17, .taskSucceeded(8, output: [:])),
        event(11, 17, .stateExited(.task, name: "Book", output: [:], assigned: [:])),
        event(12, 17, .executionSucceeded(output: [:])),
    ]

    static let states: [String: JSONValue] = [
        "Rest": ["Type": "Wait", "Seconds": 10, "Next": "Book"],
        "Book": [
            "Type": "Task", "Resource": "activity:book", "TimeoutSeconds": 60, "End": true,
            "Retry": [["ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 1, "BackoffRate": 2]],
        ],
    ]

    static var run: RunRecord {
        var run = RunRecord(endedAt: at(1000))
        let id = ExecutionID(rawValue: 1)
        let row = ExecutionRecord(
            id: id, stateMachine: "m", version: StateMachineVersionID(rawValue: 1), name: "e1", workflow: nil,
            status: .succeeded, startedAt: start, stoppedAt: at(17))
        run.executions = [RunRecord.Execution(record: row, history: history, states: states)]
        run.starts = [RunLog.Start(machine: "m", name: "e1", acknowledged: id)]
        run.recorded = ["1/8"]
        run.calls = [5, 8].map {
            RunLog.Call(step: "book", execution: id, task: $0, state: "Book", key: "key", at: at(10))
        }
        run.schedules = [schedule]
        run.executions += schedule.fires.compactMap(\.execution).enumerated().map { place, name in
            scheduled(Int64(place + 2), name)
        }
        run.users = [user]
        run.backups = [backup]
        run.changes = [RunLog.Change(action: "DetachUserPolicy", user: "user-0", policy: policy, at: at(20))]
        run.spends = spends
        run.prices = [3000, 4000]
        run.uses = spends.map {
            RunRecord.Use(
                user: $0.user, request: $0.request, tokens: $0.tokens, at: $0.at, recordedAt: $0.at,
                charge: $0.tokens * 3000, corrections: [(at: at(500), amount: $0.tokens * 1000)])
        }
        run.purses = [own, team]
        run.audit = audit
        return run
    }

    /// Every minute; the third was on time while another ran.
    private static let schedule = RunRecord.Schedule(
        workflow: "tick", period: 240_000, offset: start.milliseconds % 240_000, window: .seconds(120), policy: .skip,
        max: 1, overlap: .skip,
        fires: (0...4).map { number in
            ScheduleFire(
                workflow: "tick", nominal: at(number * 240), firedAt: at(number * 240 + 1),
                result: number == 2 ? .skippedOverlap : .started, execution: number == 2 ? nil : "tick-\(number)")
        })

    private static func scheduled(_ id: Int64, _ name: String) -> RunRecord.Execution {
        RunRecord.Execution(
            record: ExecutionRecord(
                id: ExecutionID(rawValue: id), stateMachine: "tick", version: StateMachineVersionID(rawValue: 2),
                name: name, workflow: "tick", status: .succeeded, startedAt: start, stoppedAt: start),
            history: [
                event(1, 0, .executionStarted(input: [:], seed: 1)),
                event(2, 0, .stateEntered(.succeed, name: "Done", input: [:])),
                event(3, 0, .stateExited(.succeed, name: "Done", output: [:], assigned: [:])),
                event(4, 0, .executionSucceeded(output: [:])),
            ], states: ["Done": ["Type": "Succeed"]])
    }

    // Two uses, in two periods of the principal's own budget and in one of its team's, of which the second uses up both;
    // the price was corrected later.
    private static let spends = [
        RunLog.Spend(user: "user-0", request: "req1", tokens: 100, at: at(5), isAcknowledged: true),
        RunLog.Spend(user: "user-0", request: "req2", tokens: 200, at: at(15), isAcknowledged: true),
    ]

    private static let own = RunRecord.Purse(
        id: "principal:111122223333/user/user-0", users: ["user-0"], rank: 0, unit: .money, limit: 500_000,
        mode: .enforce, origin: at(10).milliseconds, length: 86_400_000,
        spent: [at(10 - 86_400): 400_000, at(10): 800_000])

    private static let team = RunRecord.Purse(
        id: "team:data#requests/2d", users: ["user-0"], rank: 1, unit: .requests, limit: 2, mode: .enforce,
        origin: start.milliseconds, length: 2 * 86_400_000, spent: [start: 2])

    static func entry(_ seconds: Int64, _ action: String, _ detail: JSONValue) -> AuditEntry {
        AuditEntry(
            at: at(seconds), actor: "workflow:suspension", action: action, subject: "111122223333/user/user-0",
            detail: detail)
    }

    private static let audit: [AuditEntry] = [
        entry(0, "budget.created", ["budgetId": .string(own.id), "limitNanos": .int(own.limit)]),
        entry(
            0, "budget.created", ["before": .null, "after": ["budgetId": .string(team.id), "limit": .int(team.limit)]]),
        entry(
            15, "suspension.started",
            ["principalName": "user-0", "reason": "budget-exceeded", "cause": ["budgetId": .string(team.id)]]),
        entry(17, "principal.blocked", ["until": .string(at(600).iso8601)]),
        entry(20, "access.suspended", ["from": "grace"]),
        entry(600, "block.ended", [:]),
    ]

    private static var user: RunRecord.User {
        let iam = IAMModel()
        iam.addUser("user-0", attached: [policy])
        guard let before = iam.user("user-0") else { preconditionFailure("the user was just added") }
        var now = before
        now.attached = []
        return RunRecord.User(name: "user-0", before: before, now: now, mayInvoke: false, status: .suspended)
    }

    private static let backup: PolicyBackup = {
        let principal = PrincipalID(account: "111122223333", kind: .user, name: "user-0")
        return PolicyBackup(
            id: PolicyBackupID(rawValue: 1),
            backup: NewPolicyBackup(
                principal: principal, budget: BudgetScope.principal(principal).budgetID,
                snapshot: ["attachedPolicies": [["arn": .string(policy)]]], hash: "h", isTakenUnderSuspension: false,
                takenAt: at(19)))
    }()
}
