import WallTime

/// An RFC 3339 timestamp to compare with another, exactly: a fraction may have any number of digits.
struct Timestamp: Comparable {
    private let instant: Instant
    /// The digits after those of the milliseconds, without zeros at the end.
    private let rest: [UInt8]

    /// Nil for a text that is no such timestamp.
    init?(_ text: String) {
        guard let instant = Instant(iso8601: text) else { return nil }
        self.instant = instant
        let fraction = text.utf8.drop { $0 != UInt8(ascii: ".") }.dropFirst().prefix { $0 &- 0x30 < 10 }
        var rest = Array(fraction.dropFirst(3))
        while rest.last == UInt8(ascii: "0") { rest.removeLast() }
        self.rest = rest
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool {
        guard left.instant == right.instant else { return left.instant < right.instant }
        return left.rest.lexicographicallyPrecedes(right.rest)
    }
}
