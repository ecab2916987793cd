import JSONModel
import StatesLanguage
import WallTime

/// What happens when a state fails: its `Retry`, then its `Catch`, then the branch around it.
extension Advance {
    /// A failure while a state was evaluated; JSONata's are recorded with their place.
    mutating func handle(_ failure: StateFailure, in frame: FrameID, _ definition: State) {
        if failure.isEvaluation, let current = state.frames[frame], let visit = current.visit {
            let isAtEntry = current.previousID == visit.enteredID && visit.type != .wait
            record(
                .evaluationFailed(failure.failure, state: visit.name, location: failure.location ?? ""), in: frame,
                after: isAtEntry ? visit.previousID : nil)
        }
        fail(frame, failure)
    }

    /// The state that the branch is in has failed.
    /// - Parameter previous: the event that the failure follows, where it is another branch's.
    mutating func fail(_ frame: FrameID, _ failure: StateFailure, after previous: Int? = nil) {
        // A definition without the state says nothing of what would catch it: the failure stands.
        guard let visit = state.frames[frame]?.visit, let definition = try? definition(of: visit.name, in: frame)
        else { return failBranch(frame, failure) }
        if planRetry(frame, definition, visit, failure, after: previous) { return }
        recordFailedJoin(frame, visit, failure, after: previous)
        for catcher in definition.catchers where failure.matches(catcher.errorEquals) {
            do {
                let exit = try evaluation(frame, definition, visit).exit(caught: failure.failure, by: catcher)
                leave(frame, visit, exit, to: catcher.next)
                return resume(frame)
            } catch {
                return failBranch(frame, error)
            }
        }
        failBranch(frame, failure)
    }

    /// Whether a retrier of the state takes the failure (ASL, "Retrying after error").
    private mutating func planRetry(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ failure: StateFailure, after previous: Int?
    ) -> Bool {
        guard let index = definition.retriers.firstIndex(where: { failure.matches($0.errorEquals) }) else {
            return false
        }
        let retrier = definition.retriers[index]
        let retries = visit.attempts(of: index)
        guard retries < retrier.maxAttempts else { return false }
        stopBranches(of: frame)
        var random = SplitMix64(seed: state.seed, salts: visit.enteredID, visit.retryCount, frame)
        let delay = retrier.delayMilliseconds(afterRetries: retries, random: &random)
        record(.retryPlanned(at: now + .milliseconds(delay), retrier: index), in: frame, after: previous)
        return true
    }

    /// A Parallel or Map that no retry saves is recorded as failed. A definition error of its own is not: AWS goes
    /// straight to the end of the execution.
    private mutating func recordFailedJoin(
        _ frame: FrameID, _ visit: StateVisit, _ failure: StateFailure, after previous: Int?
    ) {
        guard previous != nil || !failure.isTerminal else { return stopBranches(of: frame) }
        switch visit.type {
        case .parallel:
            stopBranches(of: frame)
            if state.frames[frame]?.join != nil { record(.parallelFailed(failure.failure), in: frame, after: previous) }
        case .map:
            stopBranches(of: frame)
            let isDistributed = state.frames[frame]?.join?.isDistributed == true
            if isDistributed { record(.mapRunFailed(failure.failure), in: frame, after: previous) }
            record(.mapFailed(failure.failure), in: frame, after: isDistributed ? nil : previous)
        case .pass, .task, .choice, .wait, .succeed, .fail: break
        }
    }

    /// A branch has failed for good: the execution with it, or the state that runs the branch.
    mutating func failBranch(_ frame: FrameID, _ failure: StateFailure) {
        guard let branch = state.frames[frame], let parent = branch.parent,
            let visit = state.frames[parent]?.visit
        else { return end(.executionFailed(failure.failure)) }
        switch visit.type {
        case .map: iterationFailed(branch, parent: parent, visit, failure)
        default: branchFailed(branch, parent: parent, failure)
        }
    }

    /// Aborts the state that a branch is in, innermost first, and its task with it.
    mutating func abort(_ frame: FrameID) {
        guard let visit = state.frames[frame]?.visit, visit.activity != .stopped, !hasFailed(frame) else { return }
        stopBranches(of: frame)
        if case .task(let open) = visit.activity { cancel(open.id) }
        record(.stateAborted(visit.type, name: visit.name), in: frame)
    }
}
