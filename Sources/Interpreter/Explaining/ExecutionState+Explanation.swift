package import StatesLanguage
package import WallTime

extension ExecutionState {
    /// What the execution waits for, or why it failed.
    /// - Parameters:
    ///   - machine: the definition that it started with.
    ///   - history: all its events, by which a step is found whose failure was caught on the way to the end.
    ///   - isDoneHere: whether the process that is asked carries out such a task by itself: no worker takes it, and the
    ///     history does not tell when it was begun.
    package func explanation(
        _ machine: StateMachine, now: Instant, history: [HistoryEvent] = [],
        isDoneHere: (Resource) -> Bool = { _ in false }
    ) -> Explanation {
        var explanation = Explanation(
            status: status, since: endedAt ?? startedAt, waits: [], failure: failure, nextDue: nextDue, lines: [])
        if case .failed(let failure) = outcome {
            explanation.failure?.step = FailedStep(before: failedState, failure, in: history)
        }
        if outcome == nil, isStarted {
            explanation.waits = frames.all.compactMap { wait(of: $0, machine, now, isDoneHere) }
        }
        explanation.lines = lines(explanation, now)
        return explanation
    }

    private var status: Explanation.Status {
        switch outcome {
        case nil: isStarted ? .running : .notStarted
        case .succeeded: .succeeded
        case .failed: .failed
        case .aborted: .aborted
        case .timedOut: .timedOut
        }
    }

    private var failure: Explanation.Failure? {
        switch outcome {
        case .failed(let failure):
            Explanation.Failure(
                state: failedState, error: failure.error.isEmpty ? nil : failure.error,
                cause: failure.cause.isEmpty ? nil : failure.cause)
        case .aborted(let error, let cause): Explanation.Failure(state: nil, error: error, cause: cause)
        case .timedOut(let failure):
            Explanation.Failure(
                state: nil, error: failure.error, cause: failure.cause.isEmpty ? nil : failure.cause)
        case .succeeded, nil: nil
        }
    }

    /// The innermost state that failed.
    private var failedState: String? {
        var frame = frames[0]
        while let join = frame?.join, let failed = join.failed.min(),
            let child = frame?.children[failed].flatMap({ frames[$0] }), child.visit != nil
        {
            frame = child
        }
        return frame?.visit?.name
    }

    private func wait(
        of frame: Frame, _ machine: StateMachine, _ now: Instant, _ isDoneHere: (Resource) -> Bool
    ) -> Explanation.Wait? {
        guard let visit = frame.visit, visit.activity != .stopped else { return nil }
        // A definition without the state is told where the execution goes on; here the tries that are left stay unsaid.
        let retriers = (try? definition(of: visit.name, in: frame.id, of: machine))?.retriers ?? []
        let reason = visit.reason(
            retriers, frame.join, endedBranches: endedBranches(of: frame), isDoneHere: isDoneHere)
        let wait = Explanation.Wait(
            frame: frame.id, state: visit.name, type: visit.type, reason: reason, since: visit.enteredAt,
            due: frame.due, words: "")
        return wait.worded(now)
    }

    /// A Parallel keeps its branches when they have ended, a Map only their results.
    private func endedBranches(of frame: Frame) -> Int {
        frame.results.count + frame.children.values.count { frames[$0]?.output != nil }
    }

    private func lines(_ explanation: Explanation, _ now: Instant) -> [String] {
        let at = explanation.since?.iso8601 ?? ""
        switch explanation.status {
        case .notStarted: return ["The execution has not started."]
        case .succeeded: return ["The execution succeeded at \(at)."]
        case .aborted: return ["The execution was stopped at \(at)\(explanation.failure?.words ?? "")."]
        case .timedOut: return ["The execution ran longer than its state machine allows and was ended at \(at)."]
        case .failed:
            let state = explanation.failure?.state.map { " in the state '\($0)'" } ?? ""
            return ["The execution failed\(state) at \(at)\(explanation.failure?.words ?? "")."]
                + (explanation.failure?.stepWords ?? [])
        case .running:
            let due = deadline.map { ["The state machine's own timeout ends it at \($0.iso8601)."] } ?? []
            return explanation.waits.map(\.words) + due
        }
    }
}

extension StateVisit {
    fileprivate func reason(
        _ retriers: [Retrier], _ join: Join?, endedBranches: Int, isDoneHere: (Resource) -> Bool
    ) -> Explanation.Reason {
        let most = 1 + (retriers.map(\.maxAttempts).max() ?? 0)
        let attempt = Explanation.Attempt(number: retryCount + 1, most: max(most, retryCount + 1))
        switch activity {
        case .waiting(let until): return .time(until: until)
        case .retrying(let at, let retrier):
            let allowed = retriers.indices.contains(retrier) ? retriers[retrier].maxAttempts : retryCount
            return .retry(
                at: at, attempt: Explanation.Attempt(number: retryCount + 1, most: max(allowed, retryCount) + 1),
                failure: failure ?? TaskFailure(error: "", cause: ""))
        case .task(let task) where task.isSubmitted || task.resource.pattern == .waitForTaskToken:
            return .callback(
                resource: task.resource.text, since: task.startedAt ?? task.scheduledAt, attempt: attempt)
        case .task(let task):
            return .task(
                resource: task.resource.text, scheduledAt: task.scheduledAt,
                startedAt: task.startedAt ?? (isDoneHere(task.resource) ? task.scheduledAt : nil), attempt: attempt)
        case .joining:
            guard let join else { return .engine }
            return .branches(ended: endedBranches, failed: join.failed.count, count: join.count)
        case .running, .stopped: return .engine
        }
    }
}
