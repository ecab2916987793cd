/// The frame of every open task. Most executions have one such task at most, so that one is kept apart from the
/// dictionary of the others.
struct TaskTable: Sendable, Equatable {
    private var first: (task: TaskID, frame: FrameID)?
    private var others: [TaskID: FrameID] = [:]

    subscript(task: TaskID) -> FrameID? {
        get {
            if let first, first.task == task { return first.frame }
            return others.isEmpty ? nil : others[task]
        }
        set {
            if first?.task == task {
                first = newValue.map { (task, $0) }
            } else if let newValue, first == nil, others[task] == nil {
                first = (task, newValue)
            } else if newValue != nil || !others.isEmpty {
                others[task] = newValue
            }
        }
    }

    /// The tasks in the order of their ids.
    var ids: [TaskID] {
        guard let first else { return others.keys.sorted() }
        return others.isEmpty ? [first.task] : ([first.task] + others.keys).sorted()
    }

    mutating func removeAll() {
        first = nil
        others = [:]
    }

    func contains(_ condition: (TaskID, FrameID) -> Bool) -> Bool {
        if let first, condition(first.task, first.frame) { return true }
        return others.contains { condition($0.key, $0.value) }
    }

    /// Which of them stands apart makes no difference.
    static func == (left: TaskTable, right: TaskTable) -> Bool {
        let ids = left.ids
        return ids == right.ids && ids.allSatisfy { left[$0] == right[$0] }
    }
}
