package import JSONModel

/// What the world tells an execution.
package enum Stimulus: Sendable, Equatable {
    case start(input: JSONValue)
    /// A worker has taken the task.
    case taskStarted(TaskID, worker: String?)
    /// The request of a `.sync` or `.waitForTaskToken` task was accepted.
    case taskSubmitted(TaskID, output: JSONValue)
    case taskSucceeded(TaskID, output: JSONValue)
    case taskFailed(TaskID, TaskFailure)
    case taskHeartbeat(TaskID)
    /// A person has changed what bounds a Map Run that is under way.
    case mapRunUpdated(MapRun, MapRunBounds)
    /// Some deadline may have passed: a wait, a planned retry, a task's timeout or heartbeat, the machine's timeout.
    case wake
    case stop(error: String?, cause: String?)
    /// Go on from the state that failed, with the same definition and input.
    case redrive
}
