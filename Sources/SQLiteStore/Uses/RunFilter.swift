/// A Bloom filter of a run's hashes: says of a hash that the run may hold it, or that it doesn't. Databases hold its
/// bytes, so which bits a hash has never changes.
struct RunFilter: Equatable {
    /// Bits that each hash sets, and asks for.
    static let probes = 8
    /// Bits for each use of a full run: one in 1700 other hashes is taken for one of the run's.
    private static let bitsPerUse = 16

    /// Bit `n` is bit `n & 7` of byte `n >> 3`. A power of two of them, and whole words.
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter room: how many hashes a full run has.
    init(_ hashes: some Sequence<Int64>, room: Int) {
        let slots = Self.slots(room: room)
        var bytes = [UInt8](repeating: 0, count: slots / 8)
        for hash in hashes {
            var probes = Probes(of: hash, slots: slots)
            for _ in 0..<Self.probes {
                let slot = probes.next()
                bytes[slot >> 3] |= 1 << UInt8(slot & 7)
            }
        }
        self.bytes = bytes
    }

    func mayHold(_ hash: Int64) -> Bool {
        guard !bytes.isEmpty else { return true }
        var probes = Probes(of: hash, slots: bytes.count * 8)
        for _ in 0..<Self.probes {
            let slot = probes.next()
            if bytes[slot >> 3] >> UInt8(slot & 7) & 1 == 0 { return false }
        }
        return true
    }

    static func slots(room: Int) -> Int {
        var slots = 64
        while slots < room * bitsPerUse { slots *= 2 }
        return slots
    }

    /// The slots of a hash, one after the other.
    struct Probes {
        private var place: UInt64
        private let stride: UInt64
        private let mask: UInt64

        @inline(__always)
        init(of hash: Int64, slots: Int) {
            place = UInt64(bitPattern: hash)
            // Odd, so that it goes through all slots before it comes back.
            stride = (place >> 32) | 1
            mask = UInt64(slots - 1)
        }

        @inline(__always)
        mutating func next() -> Int {
            defer { place &+= stride }
            return Int(place & mask)
        }
    }
}
