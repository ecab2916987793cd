import JSONModel
import StatesLanguage
import WallTime

extension ExecutionState {
    /// The state after the events, from the first one on.
    /// - Throws: `InterpreterError.illegal` at the first event that cannot follow those before it.
    package static func fold(_ events: some Sequence<HistoryEvent>) throws(InterpreterError) -> ExecutionState {
        var state = ExecutionState.empty
        for event in events { try state.apply(event) }
        return state
    }

    /// The state after one more event.
    /// - Throws: `InterpreterError.illegal`, naming the event and what it met.
    package func applying(_ event: HistoryEvent) throws(InterpreterError) -> ExecutionState {
        var state = self
        try state.apply(event)
        return state
    }

    /// Adds one event, in place. After an error the state is not to be used.
    /// - Throws: `InterpreterError.illegal`, naming the event and what it met.
    package mutating func apply(_ event: HistoryEvent) throws(InterpreterError) {
        try count(event)
        switch event.kind {
        case .executionStarted(let input, let seed): try start(event, input: input, seed: seed)
        case .executionSucceeded(let output): try end(event, .succeeded(output: output))
        case .executionFailed(let failure): try end(event, .failed(failure))
        case .executionAborted(let error, let cause): try end(event, .aborted(error: error, cause: cause))
        case .executionTimedOut(let failure): try end(event, .timedOut(failure))
        case .executionRedriven(let count): try reopen(event, count: count)
        case .executionDeadline(let instant): deadline = instant
        case .stateEntered, .stateExited, .stateAborted, .evaluationFailed, .waiting, .retryPlanned:
            try applyToState(event)
        case .taskScheduled, .taskStarted, .taskStartFailed, .taskSubmitted, .taskSucceeded, .taskFailed,
            .taskTimedOut, .taskHeartbeat:
            try applyToTask(event)
        case .parallelStarted, .parallelSucceeded, .parallelFailed, .mapStarted, .mapRunStarted, .mapRunSucceeded,
            .mapRunFailed, .mapSucceeded, .mapFailed, .mapPlanned, .mapRunUpdated, .iterationStarted,
            .iterationSucceeded, .iterationFailed, .iterationAborted:
            try applyToJoin(event)
        }
        advanceChain(event)
        if let startedAt { frames.followDue(of: event.frame, startedAt: startedAt) }
    }

    /// Ids are contiguous: a gap means that a record is missing.
    private mutating func count(_ event: HistoryEvent) throws(InterpreterError) {
        guard event.kind.isNote == (event.id == 0) else { throw illegal(event, "notes, and only they, have id 0") }
        if event.id > 0 {
            guard event.id == lastEventID + 1 else { throw illegal(event, "the last event was \(lastEventID)") }
            lastEventID = event.id
        } else if event.id < 0 {
            guard event.id == lastHiddenID - 1 else { throw illegal(event, "the last event was \(lastHiddenID)") }
            lastHiddenID = event.id
            if let child = frames[event.frame]?.child, !frames.isLeftOut(event) {
                frames.edit(child)?.run?.eventCount += 1
            }
        }
    }

    /// The next event of the branch names this one as its predecessor, with AWS's exceptions: the first state follows
    /// 0, and what is said about a finished join does not stand between its last branch and its exit.
    ///
    /// What happens inside a distributed Map leaves the chain of the state machine's own events alone.
    private mutating func advanceChain(_ event: HistoryEvent) {
        if event.id < 0, frames[event.frame]?.isHidden == false { return }
        switch event.kind {
        case .executionStarted, .stateAborted, .iterationStarted, .taskHeartbeat, .executionDeadline: break
        case .parallelSucceeded, .mapSucceeded, .mapPlanned, .mapRunUpdated, .iterationFailed, .iterationAborted,
            .waiting,
            .retryPlanned:
            frames.edit(event.frame)?.previousID = event.previousID
        default: frames.edit(event.frame)?.previousID = event.id
        }
    }

    // MARK: The execution

    private mutating func start(
        _ event: HistoryEvent, input: JSONValue, seed: UInt64
    ) throws(InterpreterError) {
        guard !isStarted else { throw illegal(event, "the execution has started") }
        self.input = input
        self.seed = seed
        startedAt = event.at
        frames.add(FrameMembers(id: 0, parent: nil, index: 0, child: nil, previousID: 0, variables: [:]))
    }

    private mutating func end(_ event: HistoryEvent, _ outcome: Outcome) throws(InterpreterError) {
        try expectRunning(event)
        if case .succeeded = outcome, frames[0]?.output == nil {
            throw illegal(event, position(of: 0))
        }
        self.outcome = outcome
        endedAt = event.at
        deadline = nil
        tasks.removeAll()
    }

    /// Every branch that has not finished goes on from the state it was in, with the same input and new retries; a child
    /// execution whose history has no room for that has failed.
    private mutating func reopen(_ event: HistoryEvent, count: Int) throws(InterpreterError) {
        switch outcome {
        case .failed, .aborted, .timedOut: break
        case .succeeded: throw illegal(event, "the execution has succeeded")
        case nil: throw illegal(event, "the execution runs")
        }
        redriveCount = count
        redrivenAt = event.at
        outcome = nil
        endedAt = nil
        let lost = frames.unredrivableChildren
        frames.updateAll { frame in
            guard frame.output == nil, frame.child.map(lost.contains) != true else { return }
            frame.previousID = event.id
            frame.run?.endedAt = nil
            frame.run?.failure = nil
            // How it ended, and the redrive.
            frame.run?.eventCount += 2
            frame.resetForRedrive()
        }
        for child in lost { lose(child) }
        if let startedAt { frames.noteAllDues(startedAt: startedAt) }
    }

    func expectRunning(_ event: HistoryEvent) throws(InterpreterError) {
        guard isStarted else { throw illegal(event, "the execution has not started") }
        guard outcome == nil else { throw illegal(event, "the execution has ended") }
    }

    func illegal(_ event: HistoryEvent, _ state: String) -> InterpreterError {
        .illegal(event: "\(event.kind.label) \(event.id) in branch \(event.frame)", state: state)
    }

    /// Where a branch stands, for messages.
    func position(of frame: FrameID) -> String {
        guard let frame = frames[frame] else { return "there is no branch \(frame)" }
        guard let visit = frame.visit else {
            return frame.output == nil ? "branch \(frame.id) has not begun" : "branch \(frame.id) has ended"
        }
        return "branch \(frame.id) is in the \(visit.type.rawValue) state '\(visit.name)'"
    }
}

extension FrameTable {
    /// Whether the history of the child execution that the event's branch belongs to does without it.
    fileprivate func isLeftOut(_ event: HistoryEvent) -> Bool {
        event.kind.isIteration && self[event.frame]?.join?.isDistributed == true
            || event.kind.isTask && self[event.frame]?.visit?.type == .map
    }

    /// The child executions that no redrive can go on with, and those inside them.
    fileprivate var unredrivableChildren: Set<FrameID> {
        var found: Set<FrameID> = []
        // What is around a frame comes before it. One that has succeeded is there no more; one whose history was full
        // after a state's exit has the output of that.
        for frame in all {
            guard let run = frame.run else { continue }
            let around = frame.parent.flatMap { self[$0]?.child }
            if !run.hasRoomForRedrive || around.map(found.contains) == true { found.insert(frame.id) }
        }
        return found
    }
}

extension FrameMembers {
    fileprivate func resetForRedrive() {
        join?.failed = []
        join?.aborted = []
        visit?.retryCount = 0
        visit?.attempts = []
        visit?.failure = nil
        visit?.activity = join != nil ? .joining : .running
    }
}
