import JSONModel

/// Literals in filters and function arguments: JSON, with single quotes and unquoted strings allowed as Jayway and
/// published AWS examples have them (`@.Name==Receipt`, `@.size in ['S','M']`).
extension PathParser {
    mutating func literal() throws(JSONPathSyntaxError) -> JSONValue {
        switch reader.current {
        case "'", "\"": .string(try reader.quotedString())
        case "[": try arrayLiteral()
        case "{": try objectLiteral()
        default: try bareLiteral()
        }
    }

    private mutating func arrayLiteral() throws(JSONPathSyntaxError) -> JSONValue {
        try enter()
        defer { leave() }
        reader.position += 1
        var elements: [JSONValue] = []
        reader.skipBlanks()
        if reader.take("]") { return .array(elements) }
        repeat {
            reader.skipBlanks()
            elements.append(try literal())
            reader.skipBlanks()
        } while reader.take(",")
        try reader.expect("]", "at the end of the array")
        return .array(elements)
    }

    private mutating func objectLiteral() throws(JSONPathSyntaxError) -> JSONValue {
        try enter()
        defer { leave() }
        reader.position += 1
        var object = JSONObject()
        reader.skipBlanks()
        if reader.take("}") { return .object(object) }
        repeat {
            reader.skipBlanks()
            let isQuoted = reader.current == "'" || reader.current == "\""
            let name = isQuoted ? try reader.quotedString() : try bareWord()
            reader.skipBlanks()
            try reader.expect(":", "after the member's name")
            reader.skipBlanks()
            object[name] = try literal()
            reader.skipBlanks()
        } while reader.take(",")
        try reader.expect("}", "at the end of the object")
        return .object(object)
    }

    private mutating func bareLiteral() throws(JSONPathSyntaxError) -> JSONValue {
        let start = reader.position
        let word = try bareWord()
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default:
            guard let first = word.unicodeScalars.first, "+-.0123456789".unicodeScalars.contains(first) else {
                return .string(word)
            }
            do {
                return try JSONValue(parsing: word)
            } catch {
                throw reader.fault("'\(word)' is not a number: \(error.message)", at: start)
            }
        }
    }

    /// Up to a blank or a character that means something in a filter.
    private mutating func bareWord() throws(JSONPathSyntaxError) -> String {
        let start = reader.position
        while let scalar = reader.current, !isEndOfWord(scalar) { reader.position += 1 }
        guard reader.position > start else { throw reader.fault("expected a value\(reader.found)") }
        return reader.text(from: start)
    }

    private func isEndOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "(", ")", "[", "]", "{", "}", ",", ":", "'", "\"", "<", ">", "=", "~", "!", "?", "@", "$", "*", "/": true
        case "&", "|": reader.peek(1) == scalar
        default: scalar.isBlank
        }
    }
}
