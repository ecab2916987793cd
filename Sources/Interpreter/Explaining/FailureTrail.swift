import StatesLanguage
import WallTime

/// A way through a history that notes which failures were caught, and which iterations failed.
struct FailureTrail {
    private struct Visit {
        var state: String
        var type: StateType
        var resource: String?
        var failure: (TaskFailure, at: Instant)?
        /// The step in a branch whose failure is this state's.
        var inner: FailedStep?
        var tries = 0
        var iterations: FailedIterations?
    }

    /// The last step whose failure was caught.
    private(set) var caught: FailedStep?
    /// The state that each branch is in.
    private var visits: [FrameID: Visit] = [:]
    private var lastTask: FailedStep?
    /// The branches of the Maps' iterations, which are numbered as they start.
    private var iterations: [FrameID: [Int: FrameID]] = [:]
    private var nextFrame: FrameID = 1

    init(_ history: [HistoryEvent]) { for event in history { take(event) } }

    /// The last step whose failure was caught before the execution failed in `state`; nil when that state failed for a
    /// reason of its own.
    func step(before state: String?, type: StateType?, _ failure: TaskFailure) -> FailedStep? {
        guard let caught, let state, caught.state != state else { return nil }
        // A Fail state has no failure of its own; a task may pass on the one that it was given.
        return type == .fail || caught.failure.error == failure.error ? caught : nil
    }

    /// Of the distributed Map that the branch is in.
    func failedIterations(in frame: FrameID) -> FailedIterations? { visits[frame]?.iterations }

    private mutating func take(_ event: HistoryEvent) {
        let frame = event.frame
        switch event.kind {
        case .stateEntered(let type, let name, _): visits[frame] = Visit(state: name, type: type)
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
        default: takeBranches(event)
        }
    }

    private mutating func takeBranches(_ event: HistoryEvent) {
        switch event.kind {
        case .parallelStarted(let branches): nextFrame += branches
        case .mapStarted:
            iterations[event.frame] = nil
            visits[event.frame]?.iterations = nil
        case .iterationStarted(_, let index):
            iterations[event.frame, default: [:]][index] = nextFrame
            nextFrame += 1
        case .iterationFailed(_, let index, let failure?):
            let visit = iterations[event.frame]?[index].flatMap { visits[$0] }
            visits[event.frame]?.iterations.add(index, visit?.state ?? "", visit?.type, failure, event.at)
        // What has failed runs again.
        case .executionRedriven: for frame in Array(visits.keys) { visits[frame]?.iterations = nil }
        default: break
        }
    }

    private static func step(_ visit: Visit) -> FailedStep? {
        guard let (failure, at) = visit.failure else { return nil }
        return FailedStep(
            state: visit.state, resource: visit.resource, failure: failure, at: at, tries: max(1, visit.tries),
            iterations: visit.iterations)
    }
}

extension FailedIterations? {
    fileprivate mutating func add(
        _ item: Int, _ state: String, _ type: StateType?, _ failure: TaskFailure, _ at: Instant
    ) {
        let isFinal = type?.endsAlike == true
        guard var known = self else {
            self = FailedIterations(
                count: 1, item: item, state: state, failure: failure, at: at, areFinal: isFinal)
            return
        }
        known.count += 1
        known.areFinal = known.areFinal && isFinal
        self = known
    }
}

extension StateType {
    /// Whether the state only computes: tried again with the same input, it comes to the same end.
    var endsAlike: Bool {
        switch self {
        case .pass, .choice, .wait, .succeed, .fail: true
        case .task, .parallel, .map: false
        }
    }
}
