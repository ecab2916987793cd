import StatesLanguage

/// The frame of every open task. Most executions have one such task at most, so that one is kept apart from the
/// dictionary of the others.
struct TaskTable: Sendable, Equatable {
    /// What tasks are counted by.
    struct Kind: Sendable, Hashable {
        var resource: Resource
        var isSubmitted = false
    }

    private struct Entry: Sendable {
        let task: TaskID
        let frame: FrameID
        var kind: Kind
    }

    private var first: Entry?
    private var others: [TaskID: Entry] = [:]
    /// How many of the others there are of each kind: a definition has few kinds, an execution any number of tasks.
    private var counts: [Kind: Int] = [:]

    subscript(task: TaskID) -> FrameID? {
        if let first, first.task == task { return first.frame }
        return others.isEmpty ? nil : others[task]?.frame
    }

    mutating func add(_ task: TaskID, of resource: Resource, in frame: FrameID) {
        remove(task)
        let entry = Entry(task: task, frame: frame, kind: Kind(resource: resource))
        guard first != nil else { return first = entry }
        others[task] = entry
        count(entry.kind, 1)
    }

    /// The task's request was accepted.
    mutating func noteSubmission(of task: TaskID) {
        if first?.task == task {
            first?.kind.isSubmitted = true
        } else if var entry = others[task] {
            count(entry.kind, -1)
            entry.kind.isSubmitted = true
            others[task] = entry
            count(entry.kind, 1)
        }
    }

    mutating func remove(_ task: TaskID) {
        if first?.task == task {
            first = nil
        } else if !others.isEmpty, let entry = others.removeValue(forKey: task) {
            count(entry.kind, -1)
        }
    }

    mutating func removeAll() { self = TaskTable() }

    private mutating func count(_ kind: Kind, _ more: Int) {
        let count = (counts[kind] ?? 0) + more
        counts[kind] = count == 0 ? nil : count
    }

    /// The tasks in the order of their ids.
    var ids: [TaskID] {
        guard let first else { return others.keys.sorted() }
        return others.isEmpty ? [first.task] : ([first.task] + others.keys).sorted()
    }

    /// Whether there are tasks of a kind that meets the condition: costs as much as there are kinds.
    func contains(_ condition: (Kind) -> Bool) -> Bool {
        if let first, condition(first.kind) { return true }
        return !counts.isEmpty && counts.keys.contains(where: condition)
    }

    /// Which of them stands apart makes no difference, and their kinds follow from their frames.
    static func == (left: TaskTable, right: TaskTable) -> Bool {
        let ids = left.ids
        return ids == right.ids && ids.allSatisfy { left[$0] == right[$0] }
    }
}
