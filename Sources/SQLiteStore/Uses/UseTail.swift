/// The uses after the last closed run, by their hash, in the order of their numbers. Kept in memory by the writer.
///
/// A table with chains, and no `Dictionary`: several uses may have one hash, and the last ones are taken back when a
/// transaction is undone.
struct UseTail {
    struct Entry {
        let hash: Int64
        let use: Int64
        /// The entry before it in the same chain; -1 for none.
        fileprivate var before: Int32 = -1

        init(hash: Int64, use: Int64) {
            self.hash = hash
            self.use = use
        }
    }

    private(set) var entries: [Entry] = []
    /// The last entry of each chain; -1 for none. A power of two of them.
    private var chains: [Int32] = []

    /// - Parameter entry: of a higher number than all that are there.
    mutating func append(_ entry: Entry) {
        if entries.count == chains.count { grow() }
        link(entry)
    }

    /// Those of that hash, the newest first.
    func uses(_ hash: Int64) -> [Int64] {
        guard !chains.isEmpty else { return [] }
        var found: [Int64] = []
        var next = chains[chain(hash)]
        while next >= 0 {
            let entry = entries[Int(next)]
            if entry.hash == hash { found.append(entry.use) }
            next = entry.before
        }
        return found
    }

    mutating func removeAll(after use: Int64) {
        while let last = entries.last, last.use > use {
            chains[chain(last.hash)] = last.before
            entries.removeLast()
        }
    }

    /// Keeps its memory for the next ones.
    mutating func removeAll() {
        for chain in chains.indices { chains[chain] = -1 }
        entries.removeAll(keepingCapacity: true)
    }

    private mutating func grow() {
        let all = entries
        chains = Array(repeating: -1, count: max(64, chains.count * 2))
        entries.removeAll(keepingCapacity: true)
        for entry in all { link(entry) }
    }

    private mutating func link(_ entry: Entry) {
        var entry = entry
        let chain = chain(entry.hash)
        entry.before = chains[chain]
        chains[chain] = Int32(entries.count)
        entries.append(entry)
    }

    private func chain(_ hash: Int64) -> Int { Int(truncatingIfNeeded: hash) & (chains.count - 1) }
}
