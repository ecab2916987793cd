/// An element of an XML document as AWS's query protocol uses them: a name, children, text. Attributes are checked and
/// dropped, prefixes cut from names.
struct XMLElement: Equatable {
    var name: String
    var children: [XMLElement] = []
    /// All text directly inside, references and CDATA resolved.
    var text = ""

    /// The first child of that name.
    func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }
}

/// Why a document is no XML that this reader takes, and at which byte.
struct XMLError: Error, Equatable, CustomStringConvertible {
    let message: String
    let offset: Int

    var description: String { "invalid XML at byte \(offset): \(message)" }
}

/// A strict reader of XML 1.0 in UTF-8, without document types: so no entities of a document's own, no external ones,
/// and nothing that grows while it is read.
struct XMLReader {
    static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The root element of a whole document.
    static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw XMLError(message: "not UTF-8", offset: 0)
        }
        var reader = XMLReader(bytes)
        _ = reader.take("\u{FEFF}")
        try reader.skipMiscellaneous()
        let root = try reader.element(depth: 1)
        try reader.skipMiscellaneous()
        guard reader.position == bytes.count else { throw reader.fault("something follows the root element") }
        return root
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth) levels") }
        guard take("<") else { throw fault("an element was expected") }
        let name = try self.name()
        let isEmpty = try skipAttributes()
        var element = XMLElement(name: String(name.split(separator: ":").last ?? name[...]))
        if isEmpty { return element }

        while true {
            if take("</") {
                guard try self.name() == name else { throw fault("the end tag does not match <\(name)>") }
                skipBlanks()
                guard take(">") else { throw fault("the end tag of <\(name)> is not closed") }
                return element
            }
            if take("<![CDATA[") {
                element.text += try text(until: "]]>")
            } else if try skipCommentOrInstruction() {
                continue
            } else if peek("<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                element.text += try characters(endedBy: "<")
            }
        }
    }

    /// Returns whether the tag closed its element too.
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        var names: Set<String> = []
        while true {
            let hadBlank = skipBlanks()
            if take("/>") { return true }
            if take(">") { return false }
            guard hadBlank else { throw fault("a blank, '>' or '/>' was expected") }
            let name = try self.name()
            guard names.insert(name).inserted else { throw fault("the attribute '\(name)' is given twice") }
            skipBlanks()
            guard take("=") else { throw fault("the attribute '\(name)' has no value") }
            skipBlanks()
            let quote: StaticString = peek("'") ? "'" : "\""
            guard take(quote) else { throw fault("the value of '\(name)' is not quoted") }
            _ = try characters(endedBy: quote)
            guard take(quote) else { throw fault("the value of '\(name)' holds '<' or does not end") }
        }
    }

    /// Text with its references resolved, up to the delimiter or a tag, which is not consumed.
    private mutating func characters(endedBy delimiter: StaticString) throws(XMLError) -> String {
        var result: [UInt8] = []
        while position < bytes.count, !peek(delimiter), !peek("<") {
            if take("&") {
                result += Array(String(try reference()).utf8)
            } else {
                let byte = bytes[position]
                guard byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else {
                    throw fault("a control character")
                }
                result.append(byte)
                position += 1
            }
        }
        guard position < bytes.count else { throw fault("the document ends too early") }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func reference() throws(XMLError) -> Character {
        for (name, character): (StaticString, Character) in [
            ("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("apos;", "'"),
        ] where take(name) { return character }
        guard take("#") else { throw fault("an unknown entity") }
        let radix = take("x") ? 16 : 10
        let start = position
        while position < bytes.count, position - start < 8, bytes[position] != UInt8(ascii: ";") { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let code = UInt32(digits, radix: radix), digits.first != "+", let scalar = Unicode.Scalar(code),
            code >= 0x20 || [0x09, 0x0A, 0x0D].contains(code), take(";")
        else { throw fault("a malformed character reference") }
        return Character(scalar)
    }

    private mutating func name() throws(XMLError) -> String {
        let start = position
        while position < bytes.count, isNameByte(bytes[position], first: position == start) { position += 1 }
        guard position > start else { throw fault("a name was expected") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...0xFF:
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }

    /// What may stand before and after the root: blanks, comments, processing instructions.
    private mutating func skipMiscellaneous() throws(XMLError) {
        repeat { skipBlanks() } while try skipCommentOrInstruction()
        guard !peek("<!") else { throw fault("document types are not accepted") }
    }

    private mutating func skipCommentOrInstruction() throws(XMLError) -> Bool {
        if take("<!--") {
            _ = try text(until: "-->")
        } else if take("<?") {
            _ = try text(until: "?>")
        } else {
            return false
        }
        return true
    }

    private mutating func text(until end: StaticString) throws(XMLError) -> String {
        let start = position
        while position < bytes.count {
            let stop = position
            if take(end) { return String(decoding: bytes[start..<stop], as: UTF8.self) }
            position += 1
        }
        throw fault("'\(end)' is missing")
    }

    @discardableResult
    private mutating func skipBlanks() -> Bool {
        let start = position
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        return position > start
    }

    private func peek(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard peek(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private func fault(_ message: String) -> XMLError { XMLError(message: message, offset: position) }
}
