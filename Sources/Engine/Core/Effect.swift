package import Interpreter
package import JSONModel
package import WallTime

/// What is to be done once a transaction is durable.
package enum Effect: Sendable {
    /// A new execution has made its first decision.
    case started(Progress)
    /// An overlap policy wants this execution stopped.
    case stop(ExecutionID, error: String, cause: String)
    /// Something is due then: the timers must not sleep longer.
    case dueAt(Instant)
    /// A dead letter is redriven by itself then.
    case letterDueAt(Instant)
    /// A task waits for a worker.
    case offered(OfferedTask)
    /// An execution that a task of another waits for has ended.
    case nestedEnded(NestedExecution)
}

/// What one commit did to one execution.
package struct Progress: Sendable {
    package var execution: LoadedExecution
    /// Tasks to carry out.
    package var orders: [TaskOrder]
    /// Tasks whose result is no longer wanted.
    package var cancelled: [TaskID]
    /// For each delivery, in order, whether it was taken, or came too late or for nobody.
    package var answers: [DeliveryAnswer]
    /// The record as it was when the execution ended in this commit.
    package var ended: ExecutionRecord?
}

/// What became of a delivery.
package enum DeliveryAnswer: Sendable, Equatable {
    case taken
    /// The execution had ended, or the task's result was no longer wanted.
    case late
    /// It cannot be done to this execution now.
    case refused(EngineError)
}

/// What is brought to an execution. Indirect, since it goes through many hands: copies of all its parts were 3 % of a step.
package indirect enum Delivery: Sendable {
    case stimulus(Stimulus)
    /// The same asked for by somebody; where it is taken, the audit log says so in the same transaction.
    case asked(Stimulus, AuditNote)
    /// A step of this process came to an end; its `record` runs in the transaction.
    case performed(TaskOrder, output: JSONValue, startedAt: Instant)
    case failed(TaskOrder, TaskFailure, startedAt: Instant)
    /// The request of a `.waitForTaskToken` task was accepted.
    case submitted(TaskOrder, output: JSONValue, startedAt: Instant)
    /// Nothing but to take the execution up: its open tasks are carried out again.
    case takeUp
    /// A worker elsewhere takes a task that is on offer; late when another has taken it.
    case handOut(TaskID, worker: String?)
    /// The execution that a task waits for has ended; late when the task has not been recorded as submitted yet.
    case nestedEnded(TaskID, NestedEnd)
    /// The execution goes on from where it failed; its open dead letters are marked as redriven.
    /// - Parameter by: whom the audit log names; nil when nobody asked for it.
    case redrive(by: String?)
}

/// What the audit log will say of something that is asked of an execution.
package struct AuditNote: Sendable {
    package var actor: String
    package var action: String
    /// Nil for the execution's ARN.
    package var subject: String?
    package var detail: JSONObject

    package init(actor: String, action: String, subject: String? = nil, detail: JSONObject = [:]) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
