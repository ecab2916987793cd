/// What a document may not exceed.
package struct JSONLimits: Sendable {
    /// Nested arrays and objects; the parser recurses, and a thread's stack is finite.
    package var depth: Int
    /// Bytes of the whole document.
    package var bytes: Int
    /// Whether what is nested deeper, and a number out of range, is read as null: for documents of which most does not
    /// matter, so that whoever writes that part can't make the rest unreadable. Otherwise it is a fault.
    package var cutsOff: Bool

    package init(depth: Int = 256, bytes: Int = 64 << 20, cutsOff: Bool = false) {
        self.depth = depth
        self.bytes = bytes
        self.cutsOff = cutsOff
    }

    package static let standard = JSONLimits()
}

/// Why a text is not JSON, and where.
package struct JSONParseError: Error, Equatable, CustomStringConvertible {
    package let message: String
    /// Bytes from the start of the document.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// From 1, in bytes.
    package let column: Int

    package var description: String { "invalid JSON at line \(line), column \(column): \(message)" }
}

extension JSONValue {
    /// Parses one JSON document (RFC 8259, UTF-8, nothing after the value but blanks).
    /// - Throws: `JSONParseError` with the place of the first fault.
    package init(parsing text: String, limits: JSONLimits = .standard) throws(JSONParseError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// Parses one JSON document given as UTF-8 bytes. A member name that occurs twice keeps its last value.
    /// - Throws: `JSONParseError` with the place of the first fault.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONParseError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONParseError) -> JSONValue in
            var parser = JSONParser(bytes: buffer, limits: limits)
            return try parser.document()
        }
    }
}

/// A recursive-descent parser over bytes. Lives no longer than the buffer it reads.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    /// What belongs to the arrays and objects that are still open.
    private let names = ParseStack<String>(capacity: 32)
    private let values = ParseStack<JSONValue>(capacity: 64)
    /// The text of a string with escapes.
    private var unescaped: [UInt8] = []

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONParseError) -> JSONValue {
        guard bytes.count <= limits.bytes else { throw fault("the document is larger than \(limits.bytes) bytes") }
        skipBlanks()
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw fault("unexpected text after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
        guard position < bytes.count else { throw fault("unexpected end of the document") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fault("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONParseError) -> JSONValue {
        guard depth <= limits.depth else { return try tooDeep() }
        position += 1
        let (firstName, firstValue) = (names.count, values.count)
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        while true {
            skipBlanks()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw fault("expected a member name in double quotes")
            }
            names.push(try string())
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault("expected ':' after the member name") }
            skipBlanks()
            values.push(try value(depth: depth))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            if take(UInt8(ascii: "}")) {
                return .object(JSONObject(names: names.pop(from: firstName), values: values.pop(from: firstValue)))
            }
            throw fault("expected ',' or '}'")
        }
    }

    private mutating func array(depth: Int) throws(JSONParseError) -> JSONValue {
        guard depth <= limits.depth else { return try tooDeep() }
        position += 1
        let first = values.count
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            skipBlanks()
            values.push(try value(depth: depth))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            if take(UInt8(ascii: "]")) { return .array(values.pop(from: first)) }
            throw fault("expected ',' or ']'")
        }
    }

    /// Passes over an array or object without recursion, where it is to be cut off.
    private mutating func tooDeep() throws(JSONParseError) -> JSONValue {
        guard limits.cutsOff else { throw fault("nested deeper than \(limits.depth) levels") }
        var open = 0
        repeat {
            guard position < bytes.count else { throw fault("unexpected end of the document") }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): open -= 1
            default: break
            }
            position += 1
        } while open > 0
        return .null
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw fault("expected \(word)") }
        for offset in 0..<length where bytes[position + offset] != word.utf8Start[offset] {
            throw fault("expected \(word)")
        }
        position += length
        return value
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func fault(_ message: String, at offset: Int? = nil) -> JSONParseError {
        let offset = min(offset ?? position, bytes.count)
        var line = 1
        var lineStart = 0
        for place in 0..<offset where bytes[place] == 0x0A {
            line += 1
            lineStart = place + 1
        }
        return JSONParseError(message: message, offset: offset, line: line, column: offset - lineStart + 1)
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONParseError) -> JSONValue {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        guard position < bytes.count, isDigit(bytes[position]) else { throw fault("expected a digit") }
        if bytes[position] == UInt8(ascii: "0"), position + 1 < bytes.count, isDigit(bytes[position + 1]) {
            throw fault("a number may not start with 0")
        }
        var magnitude: UInt64 = 0
        var overflow = false
        while position < bytes.count, isDigit(bytes[position]) {
            let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(bytes[position] - UInt8(ascii: "0")))
            overflow = overflow || tooLarge || carried
            magnitude = sum
            position += 1
        }
        let isInteger = try !fractionAndExponent()
        if isInteger, !overflow {
            if !negative, magnitude <= UInt64(Int64.max) { return .int(Int64(magnitude)) }
            if negative, magnitude <= UInt64(Int64.max) + 1 { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            if limits.cutsOff { return .null }
            throw fault("the number \(text) is out of range", at: start)
        }
        return .double(value)
    }

    /// True when there was a fraction or an exponent.
    private mutating func fractionAndExponent() throws(JSONParseError) -> Bool {
        var found = false
        if take(UInt8(ascii: ".")) {
            found = true
            try digits(after: "the decimal point")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            found = true
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits(after: "the exponent")
        }
        return found
    }

    private mutating func digits(after what: String) throws(JSONParseError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        if position == start { throw fault("expected a digit after \(what)") }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONParseError) -> String {
        position += 1
        let start = position
        var seen: UInt8 = skipPlainWords() ? 0x80 : 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                let slice = UnsafeBufferPointer(rebasing: bytes[start..<position])
                // Only what isn't ASCII can be invalid, and the library's check costs more than the rest of this loop.
                let text = seen < 0x80 ? String(decoding: slice, as: UTF8.self) : try validated(slice, at: start)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw fault("a control character in a string must be escaped")
            default:
                seen |= byte
                position += 1
            }
        }
        throw fault("the string is not closed", at: start - 1)
    }

    /// Skips eight bytes at a time as long as none of them ends the string, is escaped or may not stand in it; true when
    /// one was not ASCII.
    private mutating func skipPlainWords() -> Bool {
        let (ones, highs) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return false }
        var seen: UInt64 = 0
        while position + 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let (quotes, backslashes) = (word ^ (ones &* 0x22), word ^ (ones &* 0x5C))
            // A byte's high bit is set where a quote or a backslash became zero, and below a blank.
            let stops =
                ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                | ((word &- (ones &* 0x20)) & ~word)
            if stops & highs != 0 { break }
            seen |= word
            position += 8
        }
        return seen & highs != 0
    }

    private mutating func escapedString(from start: Int) throws(JSONParseError) -> String {
        unescaped.removeAll(keepingCapacity: true)
        var runStart = start
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<position]))
                position += 1
                return try unescaped.withUnsafeBufferPointer { buffer throws(JSONParseError) -> String in
                    try validated(buffer, at: start)
                }
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<position]))
                try escape()
                runStart = position
            case 0..<0x20: throw fault("a control character in a string must be escaped")
            default: position += 1
            }
        }
        throw fault("the string is not closed", at: start - 1)
    }

    private mutating func escape() throws(JSONParseError) {
        guard position + 1 < bytes.count else { throw fault("the string is not closed") }
        let letter = bytes[position + 1]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw fault("unknown escape '\\\(Character(Unicode.Scalar(letter)))'")
        }
        position += 2
    }

    /// `\uXXXX`, or two of them for a character outside the basic plane. A lone surrogate becomes U+FFFD, since a
    /// Swift string cannot hold it.
    private mutating func unicodeEscape() throws(JSONParseError) {
        let first = try hexadecimal(at: position + 2)
        position += 6
        var scalar = Unicode.Scalar(first)
        if first & 0xFC00 == 0xD800, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let second = try hexadecimal(at: position + 2)
            if second & 0xFC00 == 0xDC00 {
                position += 6
                scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            }
        }
        unescaped.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
    }

    private func hexadecimal(at start: Int) throws(JSONParseError) -> UInt32 {
        guard start + 4 <= bytes.count else { throw fault("expected four hexadecimal digits", at: start) }
        var value: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("expected four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func validated(_ slice: UnsafeBufferPointer<UInt8>, at offset: Int) throws(JSONParseError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw fault("the string is not valid UTF-8", at: offset)
        }
        return text
    }
}
