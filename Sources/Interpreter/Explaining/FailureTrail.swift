import StatesLanguage
import WallTime

/// A way through a history that notes which failures were caught, and which iterations failed.
struct FailureTrail {
    fileprivate struct Visit {
        var state: String
        var type: StateType
        var resource: String?
        var failure: (TaskFailure, at: Instant)?
        /// The step in a branch whose failure is this state's.
        var inner: FailedStep?
        var tries = 0
        var iterations: FailedIterations?
        /// Those of the iterations that no redrive tries again.
        var fullIterations: FailedIterations?
        /// Whether more than the data that the state has can have to do with its failure, since it was entered or
        /// redriven: a task of its own, a branch or an iteration that has failed.
        var hasOutsideCause = false
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

    /// Whether the state that the branch is in would fail again after a redrive, which gives it the same data.
    func endsAlike(in frame: FrameID, _ failure: TaskFailure) -> Bool { visits[frame]?.endsAlike(failure) == true }

    private mutating func take(_ event: HistoryEvent) {
        let frame = event.frame
        switch event.kind {
        case .stateEntered(let type, let name, _): visits[frame] = Visit(state: name, type: type)
        case .taskScheduled(let task):
            visits[frame]?.resource = task.resource
            visits[frame]?.failure = nil
            visits[frame]?.tries += 1
            // A Map's own task brings items, which are kept, or takes results away.
            if visits[frame]?.type == .task { visits[frame]?.hasOutsideCause = true }
        case .taskStartFailed(_, let failure), .taskFailed(_, let failure), .taskTimedOut(_, let failure):
            visits[frame]?.failure = (failure, event.at)
            visits[frame]?.hasOutsideCause = true
            lastTask = visits[frame].flatMap(Self.step)
        case .evaluationFailed(let failure, _, _): visits[frame]?.failure = (failure, event.at)
        case .parallelFailed(let failure), .mapFailed(let failure), .mapRunFailed(let failure):
            visits[frame]?.failure = (failure, event.at)
            // A Map's may be its own; what failed in it has an event before.
            if case .parallelFailed = event.kind { visits[frame]?.hasOutsideCause = true }
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
        case .parallelStarted(let branches):
            nextFrame += branches
            visits[event.frame]?.hasOutsideCause = false
        case .mapStarted:
            iterations[event.frame] = nil
            visits[event.frame]?.iterations = nil
            visits[event.frame]?.fullIterations = nil
            visits[event.frame]?.hasOutsideCause = false
        case .iterationStarted(_, let index):
            iterations[event.frame, default: [:]][index] = nextFrame
            nextFrame += 1
        case .iterationFailed(_, let index, let failure):
            visits[event.frame]?.hasOutsideCause = true
            guard let failure else { return }
            let visit = iterations[event.frame]?[index].flatMap { visits[$0] }
            let isFull = failure == .fullHistory
            let isFinal = isFull || visit?.endsAlike(failure) == true
            let state = visit?.state ?? ""
            visits[event.frame]?.iterations.add(index, state, isFinal, failure, event.at)
            if isFull { visits[event.frame]?.fullIterations.add(index, state, true, failure, event.at) }
        // What has failed runs again, but for those whose histories are full.
        case .executionRedriven:
            visits = visits.mapValues { visit in
                var visit = visit
                visit.iterations = visit.fullIterations
                visit.hasOutsideCause = false
                return visit
            }
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
        _ item: Int, _ state: String, _ isFinal: Bool, _ failure: TaskFailure, _ at: Instant
    ) {
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

extension FailureTrail.Visit {
    /// Whether the state, tried again with the same input, comes to the same end: it only computes, or its own fields
    /// could not be evaluated or made too much.
    func endsAlike(_ failure: TaskFailure) -> Bool {
        switch type {
        case .pass, .choice, .wait, .succeed, .fail: true
        case .task, .parallel, .map:
            !hasOutsideCause
                && [ErrorName.runtime, ErrorName.dataLimitExceeded, "States.QueryEvaluationError"].contains(
                    failure.error)
        }
    }
}
