/// The filters of all closed runs, turned over: for each slot a word with a bit for each of 64 runs. So eight reads, next
/// to each other for the further runs, answer for all of them; one filter after the other would take eight for each.
struct RunFilters {
    /// Bits of one filter.
    private var slots = 0
    /// Words for each slot: one for 64 runs.
    private var groups = 0
    /// Slot by slot, those of all groups together.
    private var words: [UInt64] = []
    /// Which run has the bit at a place; nil where none has.
    private var runs: [Int64?] = []
    /// Which places have a run, a word for each group.
    private var taken: [UInt64] = []
    /// Runs whose filters have another size: they may hold everything.
    private var others: [Int64] = []

    init() {}

    /// - Parameter expected: how many runs are about to be added.
    init(expecting expected: Int, slots: Int) {
        self.slots = slots
        widen(to: (expected + 63) / 64)
    }

    /// The runs that may hold it.
    func runs(mayHolding hash: Int64) -> [Int64] {
        var found = others
        guard groups > 0 else { return found }
        words.withUnsafeBufferPointer { words in
            for group in 0..<groups {
                var word = taken[group]
                var probes = RunFilter.Probes(of: hash, slots: slots)
                for _ in 0..<RunFilter.probes where word != 0 { word &= words[probes.next() * groups + group] }
                while word != 0 {
                    if let run = runs[group * 64 + word.trailingZeroBitCount] { found.append(run) }
                    word &= word - 1
                }
            }
        }
        return found
    }

    mutating func add(_ filter: RunFilter, of run: Int64) {
        if slots == 0 { slots = filter.bytes.count * 8 }
        guard filter.bytes.count * 8 == slots else { return others.append(run) }
        let place = freePlace()
        let (group, bit) = (place / 64, UInt64(1) << UInt64(place % 64))
        let groups = groups
        words.withUnsafeMutableBufferPointer { words in
            for slot in 0..<slots {
                let isSet = filter.bytes[slot >> 3] >> UInt8(slot & 7) & 1 == 1
                let index = slot * groups + group
                // The place may have had another run.
                words[index] = isSet ? words[index] | bit : words[index] & ~bit
            }
        }
        take(place, run)
    }

    /// The same for up to 64 of them, when none was there before: much faster than one by one.
    mutating func addGroup(_ filters: [(run: Int64, filter: RunFilter)]) {
        let ours = filters.filter { $0.filter.bytes.count * 8 == slots }
        others += filters.filter { $0.filter.bytes.count * 8 != slots }.map(\.run)
        guard !ours.isEmpty else { return }
        let group = runs.count / 64
        widen(to: group + 1)
        let groups = groups
        var block = [UInt64](repeating: 0, count: 64)
        words.withUnsafeMutableBufferPointer { words in
            for word in 0..<(slots / 64) {
                for (bit, filter) in ours.enumerated() {
                    block[bit] = filter.filter.bytes.withUnsafeBytes {
                        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self))
                    }
                }
                for bit in ours.count..<64 { block[bit] = 0 }
                Self.transpose(&block)
                for slot in 0..<64 { words[(word * 64 + slot) * groups + group] = block[slot] }
            }
        }
        for entry in ours { take(runs.count, entry.run) }
        runs += Array(repeating: nil, count: (group + 1) * 64 - runs.count)
    }

    mutating func remove(_ run: Int64) {
        others.removeAll { $0 == run }
        guard let place = runs.firstIndex(of: run) else { return }
        runs[place] = nil
        taken[place / 64] &= ~(1 << UInt64(place % 64))
    }

    private mutating func take(_ place: Int, _ run: Int64) {
        if place == runs.count { runs.append(run) } else { runs[place] = run }
        taken[place / 64] |= 1 << UInt64(place % 64)
    }

    private mutating func freePlace() -> Int {
        if let free = runs.firstIndex(of: nil) { return free }
        if runs.count == groups * 64 { widen(to: groups + 1) }
        return runs.count
    }

    private mutating func widen(to wider: Int) {
        guard wider > groups else { return }
        var wide = [UInt64](repeating: 0, count: slots * wider)
        for slot in 0..<(groups > 0 ? slots : 0) {
            for group in 0..<groups { wide[slot * wider + group] = words[slot * groups + group] }
        }
        (words, groups) = (wide, wider)
        taken += Array(repeating: 0, count: wider - taken.count)
    }

    /// Bit `i` of word `j` becomes bit `j` of word `i` (Hacker's Delight, 7-3).
    private static func transpose(_ block: inout [UInt64]) {
        var width = 32
        var mask: UInt64 = 0x0000_0000_FFFF_FFFF
        while width != 0 {
            var row = 0
            while row < 64 {
                let swapped = ((block[row] >> UInt64(width)) ^ block[row + width]) & mask
                block[row] ^= swapped << UInt64(width)
                block[row + width] ^= swapped
                row = (row + width + 1) & ~width
            }
            width >>= 1
            mask ^= mask << UInt64(width)
        }
    }
}
