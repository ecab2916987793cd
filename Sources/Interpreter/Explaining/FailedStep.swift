import StatesLanguage
package import WallTime

/// A step whose failure was caught, and led to the state that ended the execution.
package struct FailedStep: Sendable, Equatable {
    package var state: String
    /// Nil for a state that is no task.
    package var resource: String?
    package var failure: TaskFailure
    package var at: Instant
    /// How often it was tried.
    package var tries: Int
    /// Whether the execution ended in a Fail state: a redrive enters that again, and not the step.
    package var isFinal = false
}

extension FailedStep {
    /// The last step whose failure was caught; nil when none was.
    package static func lastCaught(in history: [HistoryEvent]) -> FailedStep? {
        var walk = Walk()
        for event in history { walk.take(event) }
        return walk.caught
    }

    /// The last step whose failure was caught before the execution failed in `state`; nil when that state failed for a
    /// reason of its own.
    /// - Parameter failure: what the execution failed with.
    init?(before state: String?, _ failure: TaskFailure, in history: [HistoryEvent]) {
        var walk = Walk()
        for event in history { walk.take(event) }
        guard let step = walk.caught, let state, step.state != state else { return nil }
        // A Fail state has no failure of its own; a task may pass on the one that it was given.
        guard walk.types[state] == .fail || step.failure.error == failure.error else { return nil }
        self = step
        isFinal = walk.types[state] == .fail
    }

    /// A way through the history that notes which failures were caught.
    private struct Walk {
        private struct Visit {
            var state: String
            var resource: String?
            var failure: (TaskFailure, at: Instant)?
            /// The step in a branch whose failure is this state's.
            var inner: FailedStep?
            var tries = 0
        }

        /// The state that each branch is in.
        private var visits: [FrameID: Visit] = [:]
        private var lastTask: FailedStep?
        private(set) var types: [String: StateType] = [:]
        private(set) var caught: FailedStep?

        mutating func take(_ event: HistoryEvent) {
            let frame = event.frame
            switch event.kind {
            case .stateEntered(let type, let name, _):
                visits[frame] = Visit(state: name)
                types[name] = type
            case .taskScheduled(let task):
                visits[frame]?.resource = task.resource
                visits[frame]?.failure = nil
                visits[frame]?.tries += 1
            case .taskStartFailed(_, let failure), .taskFailed(_, let failure), .taskTimedOut(_, let failure):
                visits[frame]?.failure = (failure, event.at)
                lastTask = visits[frame].flatMap(Self.step)
            case .evaluationFailed(let failure, _, _): visits[frame]?.failure = (failure, event.at)
            case .parallelFailed(let failure), .mapFailed(let failure), .mapRunFailed(let failure):
                visits[frame]?.failure = (failure, event.at)
                visits[frame]?.inner = lastTask?.failure == failure ? lastTask : nil
            case .taskSucceeded, .parallelSucceeded, .mapSucceeded: visits[frame]?.failure = nil
            case .stateExited:
                if let visit = visits.removeValue(forKey: frame), visit.failure != nil {
                    caught = visit.inner ?? Self.step(visit)
                }
            default: break
            }
        }

        private static func step(_ visit: Visit) -> FailedStep? {
            guard let (failure, at) = visit.failure else { return nil }
            return FailedStep(
                state: visit.state, resource: visit.resource, failure: failure, at: at, tries: max(1, visit.tries))
        }
    }
}
