import Yams

/// Refuses a text whose anchors could exhaust the YAML library before this reader's own limits apply.
///
/// The library resolves an alias by copying a reference, so nesting adds up along a chain of anchors: n anchors can
/// make a value n times as deep as its text, and freeing that value recurses. What counts here are characters that
/// may be an anchor, whether or not they are inside a string: the check errs on the safe side.
enum YAMLAliasCheck {
    static let maximumAliases = 10_000
    /// Levels that one thread's stack holds with a wide margin.
    static let maximumDepth = 10_000
    /// Levels that the library reads at most.
    private static let deepest = 1000

    static func check(_ text: String) throws(SourceFault) {
        let found = Characters(text)
        guard found.aliases > 0, found.anchors > 0 else { return }
        let levels = nesting(of: text) ?? min(deepest, found.brackets + found.indentation)
        guard found.aliases <= maximumAliases, (found.anchors + 1) * levels <= maximumDepth else {
            throw SourceFault(
                code: .documentLimit,
                message:
                    "what may be \(found.anchors) anchors and \(found.aliases) aliases is too much for a document of \(levels) levels",
                hint: "write some of the repeated parts out", position: found.firstAlias)
        }
    }

    /// How deep the text itself is nested. Without asterisks it has no aliases, and is the same otherwise. Nil where the
    /// library can't read it: the reader will say why.
    private static func nesting(of text: String) -> Int? {
        let plain = String(decoding: text.utf8.map { $0 == UInt8(ascii: "*") ? UInt8(ascii: "x") : $0 }, as: UTF8.self)
        do {
            return try Yams.Parser(yaml: plain).singleRoot().map(depth) ?? 0
        } catch {
            return nil
        }
    }

    private static func depth(_ node: Node) -> Int {
        switch node {
        case .scalar, .alias: 1
        case .sequence(let sequence): 1 + (sequence.lazy.map(depth).max() ?? 0)
        case .mapping(let mapping): 1 + (mapping.lazy.map { max(depth($0.key), depth($0.value)) }.max() ?? 0)
        }
    }
}

/// What a text may hold of anchors, aliases and levels, at most.
private struct Characters {
    var (anchors, aliases, brackets, indentation) = (0, 0, 0, 0)
    var firstAlias: SourcePosition?

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var (line, column, previous) = (1, 0, UInt8(ascii: "\n"))
        for (place, byte) in bytes.enumerated() {
            let next = place + 1 < bytes.count ? bytes[place + 1] : UInt8(ascii: " ")
            // Some characters beyond ASCII end a line for the library, too.
            let isBefore = " \t\r\n[{,:-?".utf8.contains(previous) || previous >= 0x80
            let startsToken = isBefore && !" \t\r\n\"'".utf8.contains(next)
            switch byte {
            case UInt8(ascii: "&") where startsToken: anchors += 1
            case UInt8(ascii: "*") where startsToken:
                aliases += 1
                firstAlias = firstAlias ?? SourcePosition(line: line, column: column + 1)
            case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
            default: break
            }
            if byte & 0xC0 != 0x80 { column += 1 }
            if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 0) }
            if previous == UInt8(ascii: " ") || previous == UInt8(ascii: "\n"), byte != UInt8(ascii: " ") {
                indentation = max(indentation, column)
            }
            previous = byte
        }
    }
}
