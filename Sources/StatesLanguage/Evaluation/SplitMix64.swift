/// SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, one addition and three mixing steps a number.
///
/// Used for `States.MathRandom` and `States.UUID`: evaluating again with the same seed gives the same numbers, on every
/// machine and in every version of Steward, so a recorded execution can be replayed.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `range`, every one as likely as any other (rejection sampling).
    package mutating func number(in range: Range<Int64>) -> Int64 {
        let span = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        let fair = UInt64.max - UInt64.max % span
        var drawn = next()
        while drawn >= fair { drawn = next() }
        return range.lowerBound &+ Int64(bitPattern: drawn % span)
    }

    /// A version 4 UUID (RFC 9562) in its usual lower-case form.
    package mutating func uuid() -> String {
        let high = next() & ~0xF000 | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = hexadecimal(high) + hexadecimal(low)
        var text = ""
        for (place, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private func hexadecimal(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
