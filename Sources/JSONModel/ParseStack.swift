/// Where the parser lays down members and elements until it knows how many there are: then they move into an array of
/// just that size, without being copied or counted again. Left by an error, it frees what lies on it.
final class ParseStack<Element> {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    // Inlined, so that the compiler knows what lies on the stack: else every array made here asks the runtime for its type.
    @inline(__always)
    func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    /// Takes everything from `start` off.
    @inline(__always)
    func pop(from start: Int) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(count - start)
        for place in start..<count { taken.append((base + place).move()) }
        count = start
        return taken
    }

    private func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        (base, capacity) = (larger, capacity * 2)
    }
}
