import JSONModel
import WallTime

/// The frames of an execution. Most executions have one, so that one is kept apart from the dictionary of the others.
struct FrameTable: Sendable, Equatable {
    private var root: Frame?
    private var others: [FrameID: Frame] = [:]
    /// When one of the others has to be looked at.
    private var dues = DueIndex()

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

/// When something has to be done.
extension FrameTable {
    /// When a branch has to be looked at: at once, counted from when it was ready to go on, or when time brings it about.
    /// - Parameter startedAt: when the execution has started.
    func due(of frame: Frame, startedAt: Instant) -> Instant? {
        isReady(frame) ? frame.visit?.enteredAt ?? startedAt : frame.due
    }

    /// The earliest of all branches; costs the same however many there are.
    func nextDue(startedAt: Instant) -> Instant? {
        let own = root.flatMap { due(of: $0, startedAt: startedAt) }
        guard let first = dues.first?.due else { return own }
        return own.map { min($0, first) } ?? first
    }

    /// The branch was added, or may go on.
    mutating func noteDue(of id: FrameID, startedAt: Instant) {
        guard id != 0, let frame = others[id] else { return }
        // Whether one that has entered no state may go on hangs on the state around it, which can still change.
        let due =
            frame.visit == nil && frame.output == nil ? startedAt : due(of: frame, startedAt: startedAt)
        if let due { dues.insert(DueIndex.Entry(due: due, frame: id)) }
    }

    /// Branches below this one may go on that have entered no state.
    mutating func noteDuesBelow(_ id: FrameID, startedAt: Instant) {
        for child in (self[id]?.children ?? [:]).values { noteDue(of: child, startedAt: startedAt) }
    }

    /// Any branch may have been changed.
    mutating func noteAllDues(startedAt: Instant) {
        dues.fill(
            others.values.compactMap { frame in
                due(of: frame, startedAt: startedAt).map { DueIndex.Entry(due: $0, frame: frame.id) }
            })
    }

    /// An event of the branch was applied: the first entry of the index is right again, and it is not much larger than
    /// the table.
    mutating func followDue(of id: FrameID, startedAt: Instant) {
        guard !others.isEmpty else {
            if dues.count > 0 { dues = DueIndex() }
            return
        }
        noteDue(of: id, startedAt: startedAt)
        if dues.count > 2 * others.count + 16 { noteAllDues(startedAt: startedAt) }
        while let first = dues.first,
            others[first.frame].flatMap({ due(of: $0, startedAt: startedAt) }) != first.due
        {
            dues.removeFirst()
        }
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
