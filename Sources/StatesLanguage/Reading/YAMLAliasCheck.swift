/// Refuses a text whose anchors could exhaust the YAML library before this reader's own limits apply.
///
/// The library resolves an alias by copying a reference, so nesting adds up along a chain of anchors: n anchors can
/// make a value n times as deep as its text, and freeing that value recurses. What counts here are characters that
/// may be an anchor, whether or not they are inside a string: the check errs on the safe side.
enum YAMLAliasCheck {
    static let maximumAnchors = 200
    static let maximumAliases = 10_000
    /// Levels that one thread's stack holds with a wide margin.
    static let maximumDepth = 10_000

    static func check(_ text: String) throws(SourceFault) {
        let bytes = Array(text.utf8)
        var (anchors, aliases, brackets, indentation) = (0, 0, 0, 0)
        var (column, previous) = (0, UInt8(ascii: "\n"))
        for (place, byte) in bytes.enumerated() {
            let next = place + 1 < bytes.count ? bytes[place + 1] : UInt8(ascii: " ")
            let startsToken = " \t\n[{,:-?".utf8.contains(previous) && !" \t\r\n\"'".utf8.contains(next)
            switch byte {
            case UInt8(ascii: "&") where startsToken: anchors += 1
            case UInt8(ascii: "*") where startsToken: aliases += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
            default: break
            }
            column = byte == UInt8(ascii: "\n") ? 0 : column + 1
            if previous == UInt8(ascii: " ") || previous == UInt8(ascii: "\n"), byte != UInt8(ascii: " ") {
                indentation = max(indentation, column)
            }
            previous = byte
        }
        guard aliases > 0 else { return }
        let deepest = (anchors + 1) * min(1000, brackets + indentation)
        guard anchors <= maximumAnchors, aliases <= maximumAliases, anchors == 0 || deepest <= maximumDepth else {
            throw SourceFault(
                code: .documentLimit,
                message: "\(anchors) anchors and \(aliases) aliases are too many for a document as nested as this one",
                hint: "write some of the repeated parts out")
        }
    }
}
