import WallTime

/// A binary heap of deadlines, the earliest first.
struct DueHeap {
    struct Entry {
        var due: Instant
        var execution: ExecutionID
    }

    private var entries: [Entry] = []

    init() {}

    init(_ entries: [Entry]) {
        // An array in order is a heap.
        self.entries = entries.sorted { $0.due < $1.due }
    }

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var place = entries.count - 1
        while place > 0, entries[place].due < entries[(place - 1) / 2].due {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    @discardableResult
    mutating func removeFirst() -> Entry? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].due < entries[least].due {
                least = child
            }
            guard least != place else { return first }
            entries.swapAt(place, least)
            place = least
        }
    }
}
