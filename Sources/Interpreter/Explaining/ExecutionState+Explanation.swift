package import StatesLanguage
package import WallTime

extension ExecutionState {
    /// What the execution waits for, or why it failed.
    /// - Parameters:
    ///   - machine: the definition that it started with.
    ///   - history: all its events, by which a step is found whose failure was caught on the way to the end, and the
    ///     deadline.
    package func explanation(
        _ machine: StateMachine, now: Instant, history: [HistoryEvent] = [],
        circumstances: Circumstances = Circumstances()
    ) -> Explanation {
        var explanation = Explanation(
            status: status, input: input, since: endedAt ?? startedAt, waits: [], failure: failure, nextDue: nextDue,
            lines: [])
        let trail = FailureTrail(outcome == nil ? [] : history)
        if case .failed(let failure) = outcome, let frame = failedFrame {
            explanation.failure?.step = trail.step(before: frame.visit?.name, type: frame.visit?.type, failure)
            explanation.failure?.iterations = trail.failedIterations(in: frame.id)
        }
        if outcome == nil, isStarted {
            explanation.waits = frames.all.compactMap { wait(of: $0, machine, now, circumstances) }
        } else if isStarted, explanation.failure != nil {
            explanation.redrive = redrive(trail)
            explanation.nextDue = circumstances.nextRedrive?.at
            explanation.deadLetter = circumstances.nextRedrive?.deadLetter
        }
        explanation.lines = lines(explanation, circumstances.limit(history), now)
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
            Explanation.Failure(state: failedFrame?.visit?.name, error: failure.error, cause: failure.cause)
        case .aborted(let error, let cause): Explanation.Failure(state: nil, error: error, cause: cause)
        case .timedOut(let failure): Explanation.Failure(state: nil, error: failure.error, cause: failure.cause)
        case .succeeded, nil: nil
        }
    }

    /// The innermost branch that failed. A distributed Map fails for reasons of its own, and may have put up with any
    /// number of iterations that did.
    private var failedFrame: Frame? {
        var frame = frames[0]
        while let join = frame?.join, !join.isDistributed, let failed = join.failed.min(),
            let child = frame?.children[failed].flatMap({ frames[$0] }), child.visit != nil
        {
            frame = child
        }
        return frame
    }

    private func redrive(_ trail: FailureTrail) -> Explanation.Redrive {
        if let reason = redriveRefusal { return .refused(reason: reason) }
        guard case .failed(let failure) = outcome, let frame = failedFrame, let visit = frame.visit else {
            return .goesOn
        }
        let isOfIterations = failure.error == ErrorName.exceedToleratedFailureThreshold
        if trail.endsAlike(in: frame.id, failure)
            || isOfIterations && trail.failedIterations(in: frame.id)?.areFinal == true
        {
            return .endsAgain(state: visit.name, type: visit.type)
        }
        return .goesOn
    }

    private func wait(
        of frame: Frame, _ machine: StateMachine, _ now: Instant, _ circumstances: Circumstances
    ) -> Explanation.Wait? {
        guard let visit = frame.visit, visit.activity != .stopped else { return nil }
        // A definition without the state is told where the execution goes on; here the tries that are left stay unsaid.
        let retriers = (try? definition(of: visit.name, in: frame.id, of: machine))?.retriers ?? []
        let reason = visit.reason(
            retriers, frame.join, endedBranches: endedBranches(of: frame), circumstances)
        let wait = Explanation.Wait(
            frame: frame.id, state: visit.name, type: visit.type, reason: reason, since: visit.enteredAt,
            due: frame.due, words: "")
        return wait.worded(now)
    }

    /// A Parallel keeps its branches when they have ended, a Map only their results.
    private func endedBranches(of frame: Frame) -> Int {
        frame.results.count + frame.children.values.count { frames[$0]?.output != nil }
    }

    private func lines(_ explanation: Explanation, _ limit: Circumstances.Limit?, _ now: Instant) -> [String] {
        let at = explanation.since?.iso8601 ?? ""
        let end: String
        switch explanation.status {
        case .notStarted: return ["The execution has not started."]
        case .succeeded: return ["The execution succeeded at \(at)."]
        case .running: return explanation.waits.map(\.words) + (deadline.map { [ends(at: $0, limit)] } ?? [])
        case .aborted: end = "The execution was stopped at \(at)\(explanation.failure?.words ?? "")"
        case .timedOut:
            let whose =
                if let workflow = limit?.workflow, let seconds = limit?.seconds {
                    "the deadline of its workflow '\(workflow)' allows (\(seconds.inUnits))"
                } else { "its state machine allows" }
            end = "The execution ran longer than \(whose) and was ended at \(at)"
        case .failed:
            let state = explanation.failure?.state.map { " in the state '\($0)'" } ?? ""
            end = "The execution failed\(state) at \(at)\(explanation.failure?.words ?? "")"
        }
        return [end.sentence] + explanation.furtherWords(now)
    }

    private func ends(at instant: Instant, _ limit: Circumstances.Limit?) -> String {
        let whose = limit?.workflow.map { "deadline of its workflow '\($0)'" } ?? "state machine's own timeout"
        return "The \(whose) ends it at \(instant.iso8601)."
    }
}

extension StateVisit {
    fileprivate func reason(
        _ retriers: [Retrier], _ join: Join?, endedBranches: Int, _ circumstances: Circumstances
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
                resource: task.resource.text, child: circumstances.children[task.id],
                since: task.startedAt ?? task.scheduledAt, attempt: attempt)
        case .task(let task):
            return .task(
                resource: task.resource.text, scheduledAt: task.scheduledAt,
                startedAt: task.startedAt ?? (circumstances.isDoneHere(task.resource) ? task.scheduledAt : nil),
                attempt: attempt)
        case .joining:
            guard let join else { return .engine }
            return .branches(ended: endedBranches, failed: join.failed.count, count: join.count)
        case .running, .stopped: return .engine
        }
    }
}
