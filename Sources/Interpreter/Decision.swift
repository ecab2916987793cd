package import JSONModel
package import StatesLanguage
package import WallTime

/// What follows from one stimulus: events to record and, once they are durable, effects to carry out.
package struct Decision: Sendable {
    package var events: [HistoryEvent]
    /// Tasks to carry out now.
    package var orders: [TaskOrder]
    /// Tasks whose result is no longer wanted.
    package var cancelled: [TaskID]

    package init(events: [HistoryEvent], orders: [TaskOrder], cancelled: [TaskID]) {
        self.events = events
        self.orders = orders
        self.cancelled = cancelled
    }
}

/// A task that waits for its result.
package struct TaskOrder: Sendable, Equatable {
    package var task: TaskID
    package var frame: FrameID
    package var state: String
    package var resource: Resource
    package var input: JSONValue
    /// Retries of this state before this try: 0 for the first.
    package var retryCount: Int
    /// How many times the execution has entered this state in this branch: with the execution's and the state's name
    /// it makes the idempotency key, which is the same for every retry and for a repetition after a crash.
    package var entry: Int
    /// When the task times out.
    package var deadline: Instant?
    package var heartbeat: Duration?
    /// The role to take on, where the state's `Credentials` names one.
    package var roleARN: String?

    package init(
        task: TaskID, frame: FrameID, state: String, resource: Resource, input: JSONValue, retryCount: Int, entry: Int,
        deadline: Instant? = nil, heartbeat: Duration? = nil, roleARN: String? = nil
    ) {
        self.task = task
        self.frame = frame
        self.state = state
        self.resource = resource
        self.input = input
        self.retryCount = retryCount
        self.entry = entry
        self.deadline = deadline
        self.heartbeat = heartbeat
        self.roleARN = roleARN
    }
}

/// How an execution ended.
package enum Outcome: Sendable, Equatable {
    case succeeded(output: JSONValue)
    case failed(TaskFailure)
    case aborted(error: String?, cause: String?)
    case timedOut(TaskFailure)
}

/// What the interpreter is told about the execution besides its history; the source of the context object (ASL,
/// "The Context Object").
package struct ExecutionIdentity: Sendable {
    package var executionARN: String
    package var executionName: String
    package var stateMachineARN: String
    package var stateMachineName: String
    package var roleARN: String
    package var startedAt: Instant
    /// Makes the token of a `.waitForTaskToken` task or an activity.
    package var taskToken: @Sendable (TaskID) -> String

    package init(
        executionARN: String, executionName: String, stateMachineARN: String, stateMachineName: String,
        roleARN: String, startedAt: Instant, taskToken: @escaping @Sendable (TaskID) -> String
    ) {
        self.executionARN = executionARN
        self.executionName = executionName
        self.stateMachineARN = stateMachineARN
        self.stateMachineName = stateMachineName
        self.roleARN = roleARN
        self.startedAt = startedAt
        self.taskToken = taskToken
    }
}
