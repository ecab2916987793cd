import Interpreter
package import JSONModel
import StatesLanguage
package import WallTime

/// What a step is told about the task that it carries out.
package struct TaskContext: Sendable {
    package var execution: ExecutionID
    package var executionARN: String
    package var executionName: String
    package var stateMachine: String
    package var state: String
    /// The id of the event that scheduled the task; 0 where there is none.
    package var task = 0
    package var resource: String
    /// Retries before this try.
    package var retryCount: Int
    private let key: Key
    package var now: Instant
    package var deadline: Instant?
    /// The role to take on, where the state's `Credentials` names one.
    package var roleARN: String?
    /// Tells the engine that a long step is alive.
    package var heartbeat: @Sendable () async -> Void

    /// Many steps never ask for theirs, and putting one together takes longer than the rest of the context.
    private enum Key: Sendable {
        case given(String)
        case ofEntry(TaskOrder)
    }

    /// The same for every try of this entry of the state, also after a crash.
    package var idempotencyKey: String {
        switch key {
        case .given(let key): key
        case .ofEntry(let order):
            String(joining: executionARN, "/", order.state, "/", String(order.frame), ".", String(order.entry))
        }
    }

    /// What a step of an execution is told about a task.
    init(
        _ order: TaskOrder, of execution: LoadedExecution.Facts, now: Instant,
        heartbeat: @escaping @Sendable () async -> Void
    ) {
        self.execution = execution.id
        executionARN = execution.identity.executionARN
        executionName = execution.name
        stateMachine = execution.stateMachine
        state = order.state
        task = order.task
        resource = order.resource.text
        retryCount = order.retryCount
        key = .ofEntry(order)
        self.now = now
        deadline = order.deadline
        roleARN = order.roleARN
        self.heartbeat = heartbeat
    }

    package init(
        execution: ExecutionID, executionARN: String, executionName: String, stateMachine: String, state: String,
        resource: String, retryCount: Int, idempotencyKey: String, now: Instant, deadline: Instant?,
        roleARN: String? = nil, heartbeat: @escaping @Sendable () async -> Void
    ) {
        self.execution = execution
        self.executionARN = executionARN
        self.executionName = executionName
        self.stateMachine = stateMachine
        self.state = state
        self.resource = resource
        self.retryCount = retryCount
        key = .given(idempotencyKey)
        self.now = now
        self.deadline = deadline
        self.roleARN = roleARN
        self.heartbeat = heartbeat
    }
}

/// A step that this process serves: what a Task state's resource does.
///
/// `perform` touches the world. It runs at least once, outside any transaction, and must be written so that doing it
/// twice is harmless. `record` touches only Steward's own tables: it runs inside the transaction that records the
/// task's success, so it happens exactly once. A step has either or both; with both, `record` gets what `perform`
/// returned, and what `record` returns is the task's result.
///
/// Either throws `TaskFailure` to fail the task with that error name and cause. When `record` does, its changes are
/// undone and the failure is recorded in their place. Any other error of `perform` fails the task as
/// `States.TaskFailed`; any other error of `record` is the store's, and the engine tries the commit again.
package struct Step<Transaction: ExecutionTransaction>: Sendable {
    package typealias Perform = @Sendable (TaskContext, JSONValue) async throws -> JSONValue
    package typealias Record =
        @Sendable (Work<Transaction>, TaskContext, _ input: JSONValue, _ performed: JSONValue) throws -> JSONValue

    package var perform: Perform?
    package var record: Record?
    /// Workers elsewhere perform it: its tasks are on offer to them, and `record` runs here, in the transaction that
    /// records the success that one of them reports.
    package let isPerformedElsewhere: Bool

    package init(perform: Perform? = nil, record: Record? = nil) {
        self.perform = perform
        self.record = record
        isPerformedElsewhere = false
    }

    private init(performedElsewhere record: Record?) {
        perform = nil
        self.record = record
        isPerformedElsewhere = true
    }

    /// The same step, with the part that touches the world left to workers elsewhere.
    package var performedElsewhere: Step { Step(performedElsewhere: record) }
}
