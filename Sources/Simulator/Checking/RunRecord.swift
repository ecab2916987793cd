package import Budgets
package import Engine
package import Enforcement
package import Interpreter
package import JSONModel
package import WallTime

/// Everything that is left of a run, as plain values: what the store holds and what the world has seen.
package struct RunRecord: Sendable {
    /// The audit action of the steps `book` and `mixed`; the subject is `EXECUTION/TASK`.
    package static let recordedAction = "simulation.recorded"

    package struct Execution: Sendable {
        package var record: ExecutionRecord
        package var history: [HistoryEvent]
        /// Every state of its definition, by name.
        package var states: [String: JSONValue]

        package init(record: ExecutionRecord, history: [HistoryEvent], states: [String: JSONValue]) {
            self.record = record
            self.history = history
            self.states = states
        }
    }

    /// A schedule as the world knows it: every so many milliseconds, counted from 1970 and an offset.
    package struct Schedule: Sendable {
        package var workflow: String
        package var period: Int64
        package var offset: Int64
        package var window: Duration
        package var policy: CatchUpPolicy.Policy
        package var max: Int
        package var overlap: OverlapPolicy
        package var fires: [ScheduleFire]
        package var buffered: [Instant]

        package init(
            workflow: String, period: Int64, offset: Int64, window: Duration, policy: CatchUpPolicy.Policy, max: Int,
            overlap: OverlapPolicy, fires: [ScheduleFire] = [], buffered: [Instant] = []
        ) {
            self.workflow = workflow
            self.period = period
            self.offset = offset
            self.window = window
            self.policy = policy
            self.max = max
            self.overlap = overlap
            self.fires = fires
            self.buffered = buffered
        }
    }

    package struct User: Sendable {
        package var name: String
        package var before: IAMModel.User
        package var now: IAMModel.User
        package var mayInvoke: Bool
        /// What the ledger says of it; nil when it has no budget.
        package var status: AccessStatus?
        package var block: Hold?
        package var protection: Hold?

        package init(
            name: String, before: IAMModel.User, now: IAMModel.User, mayInvoke: Bool, status: AccessStatus?,
            block: Hold? = nil, protection: Hold? = nil
        ) {
            self.name = name
            self.before = before
            self.now = now
            self.mayInvoke = mayInvoke
            self.status = status
            self.block = block
            self.protection = protection
        }

        package var id: PrincipalID { PrincipalID(account: "111122223333", kind: .user, name: name) }
    }

    package var executions: [Execution] = []
    /// Nested executions that have ended and whose parents were not told, and those that run and are to end.
    package var nested: [NestedExecution] = []
    package var letters: [DeadLetter] = []
    /// Subjects of the rows that transactional steps wrote.
    package var recorded: [String] = []
    package var schedules: [Schedule] = []
    package var pauses: [RunLog.Pause] = []
    package var backups: [PolicyBackup] = []
    package var users: [User] = []
    package var starts: [RunLog.Start] = []
    package var calls: [RunLog.Call] = []
    package var changes: [RunLog.Change] = []
    /// What was used, as the log told it; what the ledger says of it; and every budget.
    package var spends: [RunLog.Spend] = []
    /// Nano-dollars that a token has cost at one time or another.
    package var prices: [Int64] = []
    package var uses: [Use] = []
    package var purses: [Purse] = []
    /// Everything that was audited, in the order in which it was.
    package var audit: [AuditEntry] = []
    /// By how much the clock was set back, all times together: what came later may have an earlier time by so much.
    package var setBack = Duration.zero
    /// When everything had come to rest.
    package var endedAt: Instant

    package init(endedAt: Instant) { self.endedAt = endedAt }
}

/// A promise that was not kept.
package struct Finding: Sendable, Equatable, CustomStringConvertible {
    package var promise: String
    package var what: String

    package init(_ promise: String, _ what: String) {
        self.promise = promise
        self.what = what
    }

    package var description: String { "\(promise): \(what)" }
}
