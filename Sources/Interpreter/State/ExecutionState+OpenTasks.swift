package import StatesLanguage
package import WallTime

/// What a running engine asks about open tasks after every commit, without making their orders.
extension ExecutionState {
    /// Whether the task waits for its result.
    package func isOpen(_ task: TaskID) -> Bool { tasks[task] != nil }

    /// Whether some open task meets the condition, which is given its resource and whether its request was accepted:
    /// asked once for all tasks of a kind.
    package func hasOpenTask(where condition: (Resource, _ isSubmitted: Bool) -> Bool) -> Bool {
        tasks.contains { condition($0.resource, $0.isSubmitted) }
    }

    /// What an open task is of; nil when it is none.
    package func resource(of task: TaskID) -> Resource? {
        guard let frame = tasks[task], case .task(let open) = frames[frame]?.visit?.activity else { return nil }
        return open.resource
    }

    /// When the task was scheduled, if it is open and nobody has started it.
    package func waitsForWorkerSince(_ task: TaskID) -> Instant? {
        guard let frame = tasks[task], case .task(let open) = frames[frame]?.visit?.activity else { return nil }
        return open.startedAt == nil ? open.scheduledAt : nil
    }

    /// The order of an open task; nil when it is none.
    package func openTask(_ task: TaskID) -> TaskOrder? { order(task) }

    /// Whether the task's request was accepted, so that only its callback is awaited.
    package func isSubmitted(_ task: TaskID) -> Bool {
        guard let frame = tasks[task], case .task(let open) = frames[frame]?.visit?.activity else { return false }
        return open.isSubmitted
    }
}
