import JSONModel
import StatesLanguage
import WallTime

/// The part of the fold that starts the branches of Parallel and Map and brings their results together.
extension ExecutionState {
    mutating func applyToJoin(_ event: HistoryEvent) throws(InterpreterError) {
        try expectRunning(event)
        try expectJoin(event)
        switch event.kind {
        case .parallelStarted(let branches): try startBranches(event, branches)
        case .mapStarted(let length): startMap(event, length)
        case .mapPlanned(let iterations): frames.edit(event.frame)?.join?.count = iterations
        case .mapRunStarted(let run):
            frames.edit(event.frame)?.join?.mapRun = MapRun(arn: run)
            frames.edit(event.frame)?.join?.startedID = event.id
        case .mapRunUpdated(let bounds):
            frames.edit(event.frame)?.join?.bounds.replace(by: bounds)
            frames.edit(event.frame)?.join?.concurrency.value = nil
        case .mapRunSucceeded: break
        case .parallelSucceeded, .mapSucceeded: frames.edit(event.frame)?.visit?.activity = .running
        case .parallelFailed(let failure), .mapFailed(let failure), .mapRunFailed(let failure):
            frames.edit(event.frame)?.visit?.failure = failure
            if case .parallelFailed = event.kind { markFailedBranch(event) }
            stopChildren(of: event.frame)
            frames.edit(event.frame)?.visit?.activity = .stopped
        case .iterationStarted(_, let index): try startIteration(event, index)
        case .iterationSucceeded(_, let index): try finishIteration(event, index)
        case .iterationFailed(_, let index, let failure):
            let child = try child(event, index)
            stop(child)
            frames.edit(child)?.run?.failure = failure
            frames.edit(child)?.run?.endedAt = event.at
            frames.edit(event.frame)?.join?.failed.insert(index)
        case .iterationAborted(_, let index):
            let child = try child(event, index)
            stop(child)
            frames.edit(child)?.run?.endedAt = event.at
            frames.edit(event.frame)?.join?.aborted.insert(index)
        default: throw illegal(event, position(of: event.frame))
        }
    }

    /// Parallel's events need a Parallel state, Map's a Map; all but the first also need its branches.
    private func expectJoin(_ event: HistoryEvent) throws(InterpreterError) {
        let (type, isFirst): (StateType, Bool) =
            switch event.kind {
            case .parallelStarted: (.parallel, true)
            case .parallelSucceeded, .parallelFailed: (.parallel, false)
            case .mapStarted, .mapFailed: (.map, true)
            default: (.map, false)
            }
        guard let visit = frames[event.frame]?.visit, visit.type == type, isFirst || frames[event.frame]?.join != nil
        else {
            throw illegal(event, position(of: event.frame))
        }
    }

    private mutating func startBranches(_ event: HistoryEvent, _ branches: Int) throws(InterpreterError) {
        guard (1...HistoryLimits.branches).contains(branches) else {
            throw illegal(event, "a Parallel cannot have \(branches) branches")
        }
        var join = Join(count: branches, startedID: event.id, startedAt: event.at)
        frames.removeChildren(of: event.frame)
        for index in 0..<branches { addChild(of: event, index: index, isRun: false) }
        join.nextIndex = branches
        frames.edit(event.frame)?.join = join
        frames.edit(event.frame)?.visit?.activity = .joining
    }

    /// The branch that failed is the one whose last event the Parallel's failure follows. After a redrive several can
    /// have the same last event; the siblings among them were aborted.
    private mutating func markFailedBranch(_ event: HistoryEvent) {
        let candidates = (frames[event.frame]?.children ?? [:]).compactMap {
            index, child -> (isAborted: Int, index: Int)? in
            guard let frame = frames[child], let visit = frame.visit, frame.previousID == event.previousID else {
                return nil
            }
            return (visit.activity == .stopped ? 1 : 0, index)
        }
        if let failed = candidates.min(by: <) { frames.edit(event.frame)?.join?.failed.insert(failed.index) }
    }

    private mutating func startMap(_ event: HistoryEvent, _ length: Int) {
        frames.removeChildren(of: event.frame)
        frames.edit(event.frame)?.results = [:]
        frames.edit(event.frame)?.childRuns = [:]
        frames.edit(event.frame)?.join = Join(count: length, startedID: event.id, startedAt: event.at)
        frames.edit(event.frame)?.visit?.activity = .joining
    }

    private mutating func startIteration(_ event: HistoryEvent, _ index: Int) throws(InterpreterError) {
        guard let join = frames[event.frame]?.join, (0..<join.count).contains(index),
            frames[event.frame]?.children[index] == nil, frames[event.frame]?.results[index] == nil
        else { throw illegal(event, "item \(index) of \(position(of: event.frame)) has started or does not exist") }
        addChild(of: event, index: index, isRun: join.isDistributed)
        frames.edit(event.frame)?.join?.nextIndex = max(join.nextIndex, index + 1)
    }

    private mutating func finishIteration(_ event: HistoryEvent, _ index: Int) throws(InterpreterError) {
        guard let child = frames[event.frame]?.children[index], let output = frames[child]?.output else {
            throw illegal(event, "item \(index) of \(position(of: event.frame)) has no result")
        }
        frames.edit(event.frame)?.children[index] = nil
        frames.edit(event.frame)?.results[index] = output
        // Of a version before, which redrove children whose history was full, and let some end well.
        frames.edit(event.frame)?.join?.failed.remove(index)
        frames.edit(event.frame)?.join?.aborted.remove(index)
        if var run = frames[child]?.run {
            run.endedAt = event.at
            frames.edit(event.frame)?.childRuns[index] = run
        }
        frames.remove(child)
    }

    private func child(_ event: HistoryEvent, _ index: Int) throws(InterpreterError) -> FrameID {
        guard let child = frames[event.frame]?.children[index] else {
            throw illegal(event, "item \(index) of \(position(of: event.frame)) does not run")
        }
        return child
    }

    /// A child execution of a distributed Map sees no variables of its parent's (ASL, "Variable scope").
    private mutating func addChild(of event: HistoryEvent, index: Int, isRun: Bool) {
        let id = nextFrame
        nextFrame += 1
        let variables = isRun ? [:] : frames[event.frame]?.variables ?? [:]
        let members = FrameMembers(
            id: id, parent: event.frame, index: index, child: isRun ? id : frames[event.frame]?.child,
            previousID: isRun ? 0 : event.id, variables: variables)
        if isRun { members.run = ChildRun(startedAt: event.at) }
        frames.add(members)
        frames.edit(event.frame)?.children[index] = id
        if let startedAt { frames.noteDue(of: id, startedAt: startedAt) }
    }

    /// Stops a branch and all below it that have not ended; what they still waited for is forgotten.
    private mutating func stop(_ frame: FrameID) {
        if case .task(let open) = frames[frame]?.visit?.activity { tasks.remove(open.id) }
        frames.edit(frame)?.visit?.activity = .stopped
        stopChildren(of: frame)
    }

    /// A child execution that no redrive can go on with has failed, however it had ended.
    mutating func lose(_ child: FrameID) {
        stop(child)
        guard let frame = frames[child], let parent = frame.parent else { return }
        frames.edit(parent)?.join?.aborted.remove(frame.index)
        frames.edit(parent)?.join?.failed.insert(frame.index)
    }

    mutating func stopChildren(of frame: FrameID) {
        for child in (frames[frame]?.children ?? [:]).values { stop(child) }
    }
}
