import JSONModel

/// Reads strict JSON and notes where everything stands.
enum JSONSource {
    static func read(
        _ text: String, limits: SourceDocument.Limits
    ) -> Result<SourceDocument.Parts, SourceFault> {
        do {
            let value = try JSONValue(parsing: text, limits: JSONLimits(depth: limits.depth, bytes: limits.bytes))
            var scanner = JSONPlaceScanner(text)
            let places = try scanner.places()
            return .success(.init(value: value, places: places, faults: scanner.faults))
        } catch let error as JSONParseError {
            // The parser counts columns in bytes, the reader of a message counts characters.
            let column = String(decoding: line(error.line, of: text).prefix(error.column - 1), as: UTF8.self).count + 1
            return .failure(
                SourceFault(
                    code: .notJSON, message: "this is not JSON: \(error.message)", hint: hint(for: error, in: text),
                    position: SourcePosition(line: error.line, column: column)))
        } catch let fault as SourceFault {
            return .failure(fault)
        } catch {
            return .failure(SourceFault(code: .notJSON, message: "\(error)"))
        }
    }

    private static func line(_ number: Int, of text: String) -> [UInt8] {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.indices.contains(number - 1) ? Array(lines[number - 1]) : []
    }

    private static func hint(for error: JSONParseError, in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard error.offset < bytes.count else { return "a bracket, a brace or a quote is not closed" }
        switch bytes[error.offset] {
        case UInt8(ascii: "'"): return "JSON strings are written in double quotes"
        case UInt8(ascii: "#"), UInt8(ascii: "/"): return "JSON has no comments; use the Comment field"
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return "there may be a comma too many before this place"
        default: return nil
        }
    }
}

/// Goes over a text that is known to be JSON within the depth limit.
private struct JSONPlaceScanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var column = 1
    private var found: [String: SourceDocument.Place] = [:]
    private var pathBytes = PathBytes()
    /// Names that an object has twice.
    private(set) var faults: [SourceFault] = []

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// - Throws: `SourceFault` for names that are too long.
    mutating func places() throws(SourceFault) -> [String: SourceDocument.Place] {
        try value(at: "", key: nil)
        return found
    }

    private mutating func value(at path: String, key: SourcePosition?) throws(SourceFault) {
        try pathBytes.add(path)
        skipBlanks()
        var place = SourceDocument.Place(key: key, value: here)
        switch scalars[index] {
        case "{": try object(at: path)
        case "[": try array(at: path)
        case "\"":
            _ = string()
            place.isText = true
        default: while index < scalars.count, !",]} \t\r\n".unicodeScalars.contains(scalars[index]) { advance() }
        }
        found[path] = place
    }

    private mutating func object(at path: String) throws(SourceFault) {
        advance()
        var keys: [String: SourcePosition] = [:]
        skipBlanks()
        while scalars[index] != "}" {
            let place = here
            let name = string()
            if let first = keys[name] {
                faults.append(duplicateKey(name, first: first, second: place))
            } else {
                keys[name] = place
            }
            skipBlanks()
            advance()
            try value(at: pointer(path, name), key: place)
            skipBlanks()
            if scalars[index] == "," { advance() }
            skipBlanks()
        }
        advance()
    }

    private mutating func array(at path: String) throws(SourceFault) {
        advance()
        skipBlanks()
        var count = 0
        while scalars[index] != "]" {
            try value(at: pointer(path, count), key: nil)
            count += 1
            skipBlanks()
            if scalars[index] == "," { advance() }
            skipBlanks()
        }
        advance()
    }

    private mutating func string() -> String {
        let start = index
        advance()
        var hasEscapes = false
        while scalars[index] != "\"" {
            if scalars[index] == "\\" {
                hasEscapes = true
                advance()
            }
            advance()
        }
        advance()
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<index])
        let raw = String(view)
        guard hasEscapes else { return String(raw.dropFirst().dropLast()) }
        // The text was parsed before, so that its parts can't fail; the raw name would do as well.
        do { return try JSONValue(parsing: raw).stringValue ?? raw } catch { return raw }
    }

    private var here: SourcePosition { SourcePosition(line: line, column: column) }

    private mutating func skipBlanks() {
        while index < scalars.count, " \t\r\n".unicodeScalars.contains(scalars[index]) { advance() }
    }

    private mutating func advance() {
        if scalars[index] == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
        index += 1
    }
}

/// The fault of a name that an object has twice.
func duplicateKey(_ name: String, first: SourcePosition?, second: SourcePosition?) -> SourceFault {
    let place = first.map { " on line \($0.line), column \($0.column)" } ?? ""
    return SourceFault(
        code: .duplicateKey, message: "'\(name)' is defined twice; the first time\(place)",
        hint: "remove or rename one of the two", position: second)
}
