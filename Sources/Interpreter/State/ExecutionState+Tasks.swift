import JSONModel
import StatesLanguage
import WallTime

/// The part of the fold that follows a task from its scheduling to its result.
extension ExecutionState {
    mutating func applyToTask(_ event: HistoryEvent) throws(InterpreterError) {
        try expectRunning(event)
        switch event.kind {
        case .taskScheduled(let task): try schedule(event, task)
        case .taskStarted(let id, _): try change(event, id) { $0.startedAt = event.at }
        case .taskSubmitted(let id, _):
            try change(event, id) { $0.isSubmitted = true }
            tasks.noteSubmission(of: id)
        case .taskHeartbeat(let id): try change(event, id) { $0.lastHeartbeat = event.at }
        case .taskSucceeded(let id, let output):
            let resource = try close(event, id, failure: nil)
            if resource.readsItems { try read(event, output) }
        case .taskStartFailed(let id, let failure), .taskFailed(let id, let failure),
            .taskTimedOut(let id, let failure):
            _ = try close(event, id, failure: failure)
        default: throw illegal(event, position(of: event.frame))
        }
    }

    private mutating func schedule(_ event: HistoryEvent, _ task: ScheduledTask) throws(InterpreterError) {
        guard let visit = frames[event.frame]?.visit, visit.type == .task || frames[event.frame]?.join != nil,
            !visit.hasOpenTask
        else { throw illegal(event, position(of: event.frame)) }
        let open = OpenTask(
            id: event.id, scheduled: task, resource: resource(task.resource, visit), scheduledAt: event.at)
        frames.edit(event.frame)?.visit?.activity = .task(open)
        tasks.add(event.id, of: open.resource, in: event.frame)
    }

    /// The definition holds the resource as it was parsed once, unless the history is folded without it.
    private func resource(_ text: String, _ visit: StateVisit) -> Resource {
        if case .task(let task)? = visit.definition?.kind, task.resource.text == text { return task.resource }
        return Resource(parsing: text)
    }

    private mutating func change(
        _ event: HistoryEvent, _ id: TaskID, _ body: (inout OpenTask) -> Void
    ) throws(InterpreterError) {
        var open = try open(event, id)
        body(&open)
        frames.edit(event.frame)?.visit?.activity = .task(open)
    }

    private mutating func close(
        _ event: HistoryEvent, _ id: TaskID, failure: TaskFailure?
    ) throws(InterpreterError) -> Resource {
        let resource = try open(event, id).resource
        tasks.remove(id)
        guard let frame = frames.edit(event.frame) else { return resource }
        let isJoin = frame.join != nil
        frame.visit?.activity = isJoin ? .joining : .running
        frame.visit?.failure = failure
        if isJoin, let startedAt { frames.noteDuesBelow(event.frame, startedAt: startedAt) }
        return resource
    }

    /// A distributed Map has its items.
    private mutating func read(_ event: HistoryEvent, _ output: JSONValue) throws(InterpreterError) {
        guard let items = output.arrayValue else { throw illegal(event, "items are an array") }
        frames.edit(event.frame)?.join?.read = items
        frames.edit(event.frame)?.join?.count = items.count
    }

    private func open(_ event: HistoryEvent, _ id: TaskID) throws(InterpreterError) -> OpenTask {
        guard case .task(let open) = frames[event.frame]?.visit?.activity, open.id == id else {
            throw illegal(event, "\(position(of: event.frame)), where task \(id) is not open")
        }
        return open
    }
}
