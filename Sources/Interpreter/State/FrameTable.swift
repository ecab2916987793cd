import JSONModel

/// The frames of an execution. Most executions have one, so that one is kept apart from the dictionary of the others.
struct FrameTable: Sendable, Equatable {
    private var root: Frame?
    private var others: [FrameID: Frame] = [:]

    subscript(id: FrameID) -> Frame? {
        @inline(__always) get { id == 0 ? root : others[id] }
    }

    /// The members of a frame, to be changed in place; nil when there is no such frame. They are to be let go before the
    /// frame is edited again through another call, which would else copy them.
    mutating func edit(_ id: FrameID) -> FrameMembers? {
        id == 0 ? root?.edit() : editOther(id)
    }

    private mutating func editOther(_ id: FrameID) -> FrameMembers? {
        guard let place = others.index(forKey: id) else { return nil }
        return others.values[place].edit()
    }

    /// Puts a frame that has just started into the table.
    mutating func add(_ members: FrameMembers) {
        if members.id == 0 { root = Frame(members) } else { others[members.id] = Frame(members) }
    }

    /// Whether the next thing to do in the branch is the interpreter's, not the world's.
    func isReady(_ frame: Frame) -> Bool {
        if let visit = frame.visit { return visit.activity == .running }
        guard frame.output == nil else { return false }
        guard let parent = frame.parent else { return true }
        return self[parent]?.visit?.activity == .joining
    }

    /// All frames, the machine's first, then in the order in which they started.
    var all: [Frame] {
        guard let root else { return [] }
        return others.isEmpty ? [root] : [root] + others.values.sorted { $0.id < $1.id }
    }

    /// Calls `body` with every frame, in no order and without copying them into an array.
    func forEach(_ body: (Frame) -> Void) {
        if let root { body(root) }
        for frame in others.values { body(frame) }
    }

    /// Removes the frames below this one's Parallel or Map.
    mutating func removeChildren(of id: FrameID) {
        guard let children = self[id]?.children.values, !children.isEmpty else { return }
        for child in children { remove(child) }
        edit(id)?.children = [:]
    }

    mutating func remove(_ id: FrameID) {
        removeChildren(of: id)
        guard let frame = others.removeValue(forKey: id), !frame.variableSizes.isEmpty, frame.child != id else {
            return
        }
        edit(frame.child ?? 0)?.storedVariables -= frame.variableSizes.values.reduce(0, +)
    }

    // MARK: Variables

    /// What is stored in the execution that the branch belongs to.
    func storedVariables(of id: FrameID) -> StoredVariables {
        guard let frame = self[id] else { return StoredVariables() }
        let outermost = frame.child ?? 0
        return StoredVariables(
            bytes: (outermost == id ? frame : self[outermost])?.storedVariables ?? 0, sizes: frame.variableSizes)
    }

    /// Sets variables of a branch, and counts them.
    mutating func assign(_ assigned: JSONObject, in id: FrameID) {
        guard !assigned.isEmpty, let grown = edit(id)?.set(assigned) else { return }
        edit(self[id]?.child ?? 0)?.storedVariables += grown
    }

    mutating func updateAll(_ change: (FrameMembers) -> Void) {
        for id in all.map(\.id) { edit(id).map(change) }
    }
}

extension FrameMembers {
    /// Sets the variables.
    /// - Returns: by how many bytes those that the branch has set itself have grown.
    fileprivate func set(_ assigned: JSONObject) -> Int {
        var grown = 0
        for (name, value) in assigned {
            let size = VariableLimit.size(ofRecorded: value)
            grown += size - (variableSizes.updateValue(size, forKey: name) ?? 0)
            variables[name] = value
        }
        return grown
    }
}
