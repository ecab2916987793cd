/// Finds a text in others in time linear in both (Knuth, Morris and Pratt), by code points: Swift's own search goes by
/// grapheme, and would not find the `e` of a decomposed `é`.
struct TextSearch {
    private let needle: [UInt8]
    /// For each prefix, the length of its longest proper prefix that is also its suffix.
    private let fallback: [Int]

    init(_ text: String) {
        needle = Array(text.utf8)
        var table = Array(repeating: 0, count: needle.count)
        var length = 0
        for place in needle.indices.dropFirst() {
            while length > 0, needle[place] != needle[length] { length = table[length - 1] }
            if needle[place] == needle[length] { length += 1 }
            table[place] = length
        }
        fallback = table
    }

    /// The first occurrence at `start` or behind it; an empty text is found at once.
    func firstRange(in bytes: [UInt8], from start: Int = 0) -> Range<Int>? {
        if needle.isEmpty { return start..<start }
        guard start <= bytes.count else { return nil }
        var length = 0
        for place in start..<bytes.count {
            while length > 0, bytes[place] != needle[length] { length = fallback[length - 1] }
            if bytes[place] == needle[length] { length += 1 }
            if length == needle.count { return place + 1 - length..<place + 1 }
        }
        return nil
    }
}

extension String {
    /// The first place where the very code points of a text occur.
    func firstRange(ofText needle: String) -> Range<String.Index>? {
        guard let range = TextSearch(needle).firstRange(in: Array(utf8)) else { return nil }
        let lower = utf8.index(startIndex, offsetBy: range.lowerBound)
        return lower..<utf8.index(lower, offsetBy: range.count)
    }
}
