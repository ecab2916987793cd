package import JSONModel
package import StatesLanguage
package import WallTime

/// One thing that happened to an execution. The events are the truth: everything else about an execution is a fold
/// over them (`ExecutionState.applying`).
package struct HistoryEvent: Sendable, Equatable {
    /// Contiguous from 1 in the order of recording, as AWS Step Functions numbers them; 0 for a note, which is
    /// recorded for the fold and which the API does not show. Events of a distributed Map's child workflows, which are
    /// no part of the execution's own history, count down from -1.
    package var id: Int
    /// The event before this one in the same branch; 0 for none.
    package var previousID: Int
    package var at: Instant
    /// The branch that the event belongs to: 0 is the machine itself, every Parallel branch and Map iteration gets the
    /// next number when it starts.
    package var frame: FrameID
    package var kind: Kind

    package init(id: Int, previousID: Int, at: Instant, frame: FrameID, kind: Kind) {
        self.id = id
        self.previousID = previousID
        self.at = at
        self.frame = frame
        self.kind = kind
    }
}

package typealias FrameID = Int

/// The id of the event that scheduled a task: unique in its execution.
package typealias TaskID = Int

extension HistoryEvent {
    /// What happened. Names follow AWS's `HistoryEventType` where there is one; `TaskScheduled` and its kin are shown
    /// by the API as `ActivityScheduled`, `LambdaFunctionScheduled` or `TaskScheduled` according to the resource.
    package enum Kind: Sendable, Equatable {
        // The execution
        case executionStarted(input: JSONValue, seed: UInt64)
        case executionSucceeded(output: JSONValue)
        case executionFailed(TaskFailure)
        case executionAborted(error: String?, cause: String?)
        case executionTimedOut(TaskFailure)
        case executionRedriven(count: Int)

        // A state
        case stateEntered(StateType, name: String, input: JSONValue)
        case stateExited(StateType, name: String, output: JSONValue, assigned: JSONObject)
        case stateAborted(StateType, name: String)
        case evaluationFailed(TaskFailure, state: String, location: String)

        // A task; or, in a distributed Map, the reading of its items and the writing of its results, which the API does
        // not show
        case taskScheduled(ScheduledTask)
        case taskStarted(TaskID, worker: String?)
        case taskStartFailed(TaskID, TaskFailure)
        /// A `.sync` or `.waitForTaskToken` request was accepted; the task goes on until its result or callback.
        case taskSubmitted(TaskID, output: JSONValue)
        case taskSucceeded(TaskID, output: JSONValue)
        case taskFailed(TaskID, TaskFailure)
        case taskTimedOut(TaskID, TaskFailure)

        // Parallel and Map
        case parallelStarted(branches: Int)
        case parallelSucceeded
        case parallelFailed(TaskFailure)
        case mapStarted(length: Int)
        /// A distributed Map has started its run, named by its ARN.
        case mapRunStarted(mapRun: String)
        case mapRunSucceeded
        case mapRunFailed(TaskFailure)
        case mapSucceeded
        case mapFailed(TaskFailure)
        case iterationStarted(state: String, index: Int)
        case iterationSucceeded(state: String, index: Int)
        /// With the failure where the iteration is a child execution of a distributed Map.
        case iterationFailed(state: String, index: Int, TaskFailure?)
        case iterationAborted(state: String, index: Int)

        // Notes: id 0
        case waiting(until: Instant)
        case retryPlanned(at: Instant, retrier: Int)
        case taskHeartbeat(TaskID)
        /// How many iterations a Map has, where it is not as many as there are items.
        case mapPlanned(iterations: Int)
        /// What bounds the branch's Map Run from now on.
        case mapRunUpdated(MapRunBounds)
        /// When the state machine's own `TimeoutSeconds` ends.
        case executionDeadline(Instant)
    }
}

/// What a task was scheduled with.
///
/// A class, since it never changes, and the event, the open task and the order all have it.
package final class ScheduledTask: Sendable, Equatable {
    package let resource: String
    package let parameters: JSONValue
    package let timeoutSeconds: Int?
    package let heartbeatSeconds: Int?
    /// The role that the task runs with, where `Credentials` names one.
    package let roleARN: String?

    package init(
        resource: String, parameters: JSONValue, timeoutSeconds: Int? = nil, heartbeatSeconds: Int? = nil,
        roleARN: String? = nil
    ) {
        self.resource = resource
        self.parameters = parameters
        self.timeoutSeconds = timeoutSeconds
        self.heartbeatSeconds = heartbeatSeconds
        self.roleARN = roleARN
    }

    package static func == (left: ScheduledTask, right: ScheduledTask) -> Bool {
        left === right
            || (left.resource == right.resource && left.parameters == right.parameters
                && left.timeoutSeconds == right.timeoutSeconds && left.heartbeatSeconds == right.heartbeatSeconds
                && left.roleARN == right.roleARN)
    }
}

/// An error as the States Language knows it: a name that `Retry` and `Catch` match, and a cause for people.
package struct TaskFailure: Error, Sendable, Hashable {
    package var error: String
    package var cause: String

    package init(error: String, cause: String) {
        self.error = error
        self.cause = cause
    }
}
