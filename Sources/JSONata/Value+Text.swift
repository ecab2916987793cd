// Text by code points and by UTF-16 code units, where Swift's own comparison is up to canonical equivalence.
extension Value {
    /// True when the very code points are the same.
    static func isSameText(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return firstDifference(left, right) == nil
    }

    /// Order by UTF-16 code units, as the reference has it.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        guard let place = firstDifference(left, right) else { return left.utf8.count < right.utf8.count }
        let (a, b) = (scalar(of: left, at: place), scalar(of: right, at: place))
        // The bytes of UTF-8 are in the order of code points; in UTF-16 what is outside the basic plane starts with a
        // surrogate, and so comes before its last characters.
        return (a > 0xFFFF) == (b > 0xFFFF) ? a < b : utf16Start(a) < utf16Start(b)
    }

    /// The order of two numbers or two strings: -1, 0 or 1; nil for anything else.
    static func order(_ left: Value, _ right: Value) -> Int? {
        if case .string(let a) = left, case .string(let b) = right {
            return isSameText(a, b) ? 0 : isBefore(a, b) ? -1 : 1
        }
        guard let a = left.double, let b = right.double else { return nil }
        return a < b ? -1 : a > b ? 1 : 0
    }

    /// The offset of the first byte in which two texts differ; nil when one is the start of the other.
    private static func firstDifference(_ left: String, _ right: String) -> Int? {
        var (left, right) = (left, right)
        return left.withUTF8 { a in
            right.withUTF8 { b in
                let count = Swift.min(a.count, b.count)
                var place = 0
                while place < count, a[place] == b[place] { place += 1 }
                return place < count ? place : nil
            }
        }
    }

    /// The scalar that the byte at an offset belongs to.
    private static func scalar(of text: String, at offset: Int) -> UInt32 {
        var place = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        while text.utf8[place] & 0xC0 == 0x80 { place = text.utf8.index(before: place) }
        return text.unicodeScalars[place].value
    }

    private static func utf16Start(_ scalar: UInt32) -> UInt32 {
        scalar > 0xFFFF ? 0xD800 + (scalar - 0x10000) >> 10 : scalar
    }
}
