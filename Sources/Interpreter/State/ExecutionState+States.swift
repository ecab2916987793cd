import JSONModel
import StatesLanguage
import WallTime

/// The part of the fold that moves a branch from state to state.
extension ExecutionState {
    mutating func applyToState(_ event: HistoryEvent) throws(InterpreterError) {
        try expectRunning(event)
        switch event.kind {
        case .stateEntered(let type, let name, let input): try enter(event, type: type, name: name, input: input)
        case .stateExited(_, let name, let output, let assigned):
            try exit(event, name: name, output: output, assigned: assigned)
        case .stateAborted(_, let name): try abort(event, name: name)
        case .evaluationFailed(let failure, let state, _):
            try expect(event, state)
            frames.edit(event.frame)?.visit?.failure = failure
        case .waiting(let until):
            guard frames[event.frame]?.visit?.type == .wait else { throw illegal(event, position(of: event.frame)) }
            frames.edit(event.frame)?.visit?.activity = .waiting(until: until)
        case .retryPlanned(let at, let retrier):
            guard let visit = frames[event.frame]?.visit, !visit.hasOpenTask, (0..<1000).contains(retrier) else {
                throw illegal(event, position(of: event.frame))
            }
            stopChildren(of: event.frame)
            let frame = frames.edit(event.frame)
            frame?.visit?.countAttempt(of: retrier)
            frame?.visit?.activity = .retrying(at: at, retrier: retrier)
        default: throw illegal(event, position(of: event.frame))
        }
    }

    private mutating func enter(
        _ event: HistoryEvent, type: StateType, name: String, input: JSONValue
    ) throws(InterpreterError) {
        guard let frame = frames.edit(event.frame), frame.visit == nil else {
            throw illegal(event, position(of: event.frame))
        }
        let entry = Self.count(&frame.entries[name, default: 0])
        frame.output = nil
        if frame.run != nil, frame.run?.input == nil { frame.run?.input = input }
        frame.join = nil
        frame.visit = StateVisit(
            type: type, name: name, input: input, enteredID: event.id, previousID: event.previousID,
            enteredAt: event.at, entry: entry)
    }

    /// Counts on, and returns the count: the name is looked for once.
    private static func count(_ entries: inout Int) -> Int {
        entries += 1
        return entries
    }

    private mutating func exit(
        _ event: HistoryEvent, name: String, output: JSONValue, assigned: JSONObject
    ) throws(InterpreterError) {
        try expect(event, name)
        guard let visit = frames[event.frame]?.visit, !visit.hasOpenTask else {
            throw illegal(event, "\(position(of: event.frame)), which has an open task")
        }
        frames.removeChildren(of: event.frame)
        frames.edit(event.frame)?.leaveState(with: output)
        frames.assign(assigned, in: event.frame)
    }

    private mutating func abort(_ event: HistoryEvent, name: String) throws(InterpreterError) {
        try expect(event, name)
        if case .task(let open) = frames[event.frame]?.visit?.activity { tasks.remove(open.id) }
        frames.edit(event.frame)?.visit?.activity = .stopped
    }

    /// The branch has to be in the state that the event names.
    func expect(_ event: HistoryEvent, _ name: String) throws(InterpreterError) {
        guard frames[event.frame]?.visit?.name == name else { throw illegal(event, position(of: event.frame)) }
    }
}

extension FrameMembers {
    fileprivate func leaveState(with output: JSONValue) {
        if join != nil {
            results = [:]
            childRuns = [:]
            join = nil
        }
        visit = nil
        self.output = output
    }
}

extension StateVisit {
    var hasOpenTask: Bool { if case .task = activity { true } else { false } }
}
