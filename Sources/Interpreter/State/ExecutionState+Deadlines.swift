package import WallTime

extension ExecutionState {
    /// The earliest moment at which `.wake` does something: the end of a wait, a planned retry, a task's timeout or
    /// missed heartbeat, the machine's timeout. A moment in the past when the last decision stopped in the middle of
    /// its work. Nil when only the world can move the execution, or nothing can.
    package var nextDue: Instant? {
        guard outcome == nil, let startedAt else { return nil }
        guard let due = frames.nextDue(startedAt: startedAt) else { return deadline }
        return deadline.map { min($0, due) } ?? due
    }
}

extension Frame {
    /// When the state that the branch is in has to be looked at, if time alone brings that about.
    var due: Instant? {
        switch self.visit?.activity {
        case .waiting(let until): until
        case .retrying(let at, _): at
        case .task(let open): open.due
        case .running, .joining, .stopped, nil: nil
        }
    }
}
