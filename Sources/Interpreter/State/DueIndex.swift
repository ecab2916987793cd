import WallTime

/// When branches have to be looked at, the earliest first: a binary heap. An entry is only a hint, since what became of
/// its branch is not looked for in the middle: whoever reads the first one sees whether it still holds.
///
/// It follows from the frames, so tables that differ only in it are equal.
struct DueIndex: Sendable, Equatable {
    struct Entry: Sendable {
        var due: Instant
        var frame: FrameID
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    static func == (left: Self, right: Self) -> Bool { true }

    /// Anew, with these entries.
    mutating func fill(_ entries: [Entry]) {
        // An array in order is a heap.
        self.entries = entries.sorted { $0.due < $1.due }
    }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var place = entries.count - 1
        while place > 0, entries[place].due < entries[(place - 1) / 2].due {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].due < entries[least].due {
                least = child
            }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}
