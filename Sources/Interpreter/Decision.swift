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
///
/// A class, since it never changes and goes through many hands.
package final class TaskOrder: Sendable, Equatable {
    package let task: TaskID
    package let frame: FrameID
    package let state: String
    package let resource: Resource
    package let input: JSONValue
    /// Retries of this state before this try: 0 for the first.
    package let retryCount: Int
    /// How many times the execution has entered this state in this branch: with the execution's and the state's name
    /// it makes the idempotency key, which is the same for every retry and for a repetition after a crash.
    package let entry: Int
    /// When the task times out.
    package let deadline: Instant?
    package let heartbeat: Duration?
    /// The role to take on, where the state's `Credentials` names one.
    package let roleARN: String?

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

    package static func == (left: TaskOrder, right: TaskOrder) -> Bool {
        left === right
            || (left.task == right.task && left.frame == right.frame && left.state == right.state
                && left.resource == right.resource && left.input == right.input && left.retryCount == right.retryCount
                && left.entry == right.entry && left.deadline == right.deadline && left.heartbeat == right.heartbeat
                && left.roleARN == right.roleARN)
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
/// "The Context Object"). A class, since it is the same for the whole life of the execution.
package final class ExecutionIdentity: Sendable {
    package let executionARN: String
    package let executionName: String
    package let stateMachineARN: String
    package let stateMachineName: String
    package let roleARN: String
    package let startedAt: Instant
    /// Makes the token of a `.waitForTaskToken` task or an activity.
    package let taskToken: @Sendable (TaskID) -> String
    /// Whether this process carries out such a task by itself: nobody takes it, and its start is recorded with its result.
    package let isDoneHere: @Sendable (Resource) -> Bool

    package init(
        executionARN: String, executionName: String, stateMachineARN: String, stateMachineName: String,
        roleARN: String, startedAt: Instant, taskToken: @escaping @Sendable (TaskID) -> String,
        isDoneHere: @escaping @Sendable (Resource) -> Bool = { _ in false }
    ) {
        self.executionARN = executionARN
        self.executionName = executionName
        self.stateMachineARN = stateMachineARN
        self.stateMachineName = stateMachineName
        self.roleARN = roleARN
        self.startedAt = startedAt
        self.taskToken = taskToken
        self.isDoneHere = isDoneHere
    }
}
