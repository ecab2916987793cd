import Synchronization

/// Names of answers, in the form of a UUID as AWS writes it. Unique and not secret, so that they need no call of the
/// system each: random numbers of this process's start, mixed with a count.
enum RequestID {
    private static let start: (UInt64, UInt64) = (.random(in: 0...(.max)), .random(in: 0...(.max)))
    private static let count = Atomic<UInt64>(0)

    static func make() -> String {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let first = mix(start.0 &+ number &* 0x9E37_79B9_7F4A_7C15)
        let second = mix(start.1 ^ first)
        var digits: [UInt8] = []
        digits.reserveCapacity(36)
        for place in 0..<32 {
            if [8, 12, 16, 20].contains(place) { digits.append(UInt8(ascii: "-")) }
            let nibble = UInt8(truncatingIfNeeded: (place < 16 ? first : second) >> UInt64(4 * (place % 16))) & 15
            digits.append(hexadecimal(place == 12 ? 4 : place == 16 ? nibble & 3 | 8 : nibble))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

    /// The finaliser of SplitMix64: every bit of the result depends on every bit of the number.
    private static func mix(_ number: UInt64) -> UInt64 {
        var value = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
