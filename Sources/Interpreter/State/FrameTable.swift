/// The frames of an execution. Most executions have one, so that one is kept apart from the dictionary of the others;
/// changes through the subscript happen in place.
struct FrameTable: Sendable, Equatable {
    private var root: Frame?
    private var others: [FrameID: Frame] = [:]

    subscript(id: FrameID) -> Frame? {
        _read {
            if id == 0 { yield root } else { yield others[id] }
        }
        _modify {
            if id == 0 { yield &root } else { yield &others[id] }
        }
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
        self[id]?.children = [:]
    }

    mutating func remove(_ id: FrameID) {
        removeChildren(of: id)
        others[id] = nil
    }

    mutating func updateAll(_ change: (inout Frame) -> Void) {
        if var frame = root {
            change(&frame)
            root = frame
        }
        for id in others.keys.sorted() {
            if var frame = others[id] {
                change(&frame)
                others[id] = frame
            }
        }
    }
}
