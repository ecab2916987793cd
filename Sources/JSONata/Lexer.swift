/// One word of an expression. `position` is the number of characters up to its end, as the reference counts.
struct Token {
    enum Kind: Equatable {
        case name(String)
        case variable(String)
        case operation(String)
        case string(String)
        case number(Double)
        case bool(Bool)
        case null
        case regex(pattern: String, ignoresCase: Bool, isMultiline: Bool)
        case end
    }

    let kind: Kind
    let position: Int

    /// What the token looks like in an error.
    var text: String {
        switch kind {
        case .name(let name), .variable(let name): name
        case .operation(let symbol): symbol
        case .string(let value): value
        case .number(let value): NumberText.shortest(value)
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .regex(let pattern, _, _): "/\(pattern)/"
        case .end: "(end)"
        }
    }

    /// The operator's symbol, which the parser's table is keyed by.
    var symbol: String? {
        switch kind {
        case .operation(let symbol): symbol
        case .end: "(end)"
        default: nil
        }
    }
}

/// Splits an expression into tokens.
struct Lexer {
    private let text: [Unicode.Scalar]
    private(set) var position = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    var length: Int { text.count }

    private static let operators: Set<Unicode.Scalar> = [
        ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">",
        "^", "&", "!", "~",
    ]
    private static let blanks: Set<Unicode.Scalar> = [" ", "\t", "\n", "\r", "\u{0B}"]
    private static let pairs: Set<String> = ["..", ":=", "!=", ">=", "<=", "**", "~>"]

    private func scalar(at place: Int) -> Unicode.Scalar? { place < text.count ? text[place] : nil }

    private func slice(_ range: Range<Int>) -> String {
        var slice = String.UnicodeScalarView()
        slice.append(contentsOf: text[range])
        return String(slice)
    }

    /// The next token.
    /// - Parameter infix: true where a `/` is a division, false where it starts a regular expression.
    mutating func next(infix: Bool) throws(JSONataError) -> Token {
        try skipBlanksAndComments()
        guard let first = scalar(at: position) else { return Token(kind: .end, position: text.count) }
        if first == "/", !infix {
            position += 1
            return try regex()
        }
        if position + 1 < text.count, Self.pairs.contains(slice(position..<position + 2)) {
            position += 2
            return token(.operation(slice(position - 2..<position)))
        }
        if Self.operators.contains(first) {
            position += 1
            return token(.operation(String(Character(first))))
        }
        if first == "\"" || first == "'" { return try string(quote: first) }
        if let number = try number() { return number }
        if first == "`" { return try quotedName() }
        return word()
    }

    private func token(_ kind: Token.Kind) -> Token { Token(kind: kind, position: position) }

    private mutating func skipBlanksAndComments() throws(JSONataError) {
        while let current = scalar(at: position) {
            if Self.blanks.contains(current) {
                position += 1
            } else if current == "/", scalar(at: position + 1) == "*" {
                let start = position
                position += 2
                while !(scalar(at: position) == "*" && scalar(at: position + 1) == "/") {
                    position += 1
                    guard position < text.count else { throw .make("S0106", position: start) }
                }
                position += 2
            } else {
                return
            }
        }
    }
}

// MARK: - Literals and names

extension Lexer {
    private mutating func string(quote: Unicode.Scalar) throws(JSONataError) -> Token {
        position += 1
        var units: [UInt16] = []
        while let current = scalar(at: position) {
            if current == quote {
                position += 1
                return token(.string(String(decoding: units, as: UTF16.self)))
            }
            if current == "\\" {
                position += 1
                units.append(try escape())
            } else {
                units.append(contentsOf: String(Character(current)).utf16)
            }
            position += 1
        }
        throw .make("S0101", position: position)
    }

    /// The code unit of an escape; the position is left on its last character. Two escapes make a character outside
    /// the basic plane; half of one becomes U+FFFD, since a string cannot hold it.
    private mutating func escape() throws(JSONataError) -> UInt16 {
        guard let letter = scalar(at: position) else { throw .make("S0103", position: position, token: "") }
        switch letter {
        case "\"", "\\", "/": return UInt16(letter.value)
        case "b": return 0x08
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "u":
            guard position + 4 < text.count, let code = hexadecimal(slice(position + 1..<position + 5)) else {
                throw .make("S0104", position: position)
            }
            position += 4
            return code
        default: throw .make("S0103", position: position, token: String(Character(letter)))
        }
    }

    private func hexadecimal(_ digits: String) -> UInt16? {
        digits.allSatisfy(\.isHexDigit) ? UInt16(digits, radix: 16) : nil
    }

    /// A number without sign; nil when none starts here.
    private mutating func number() throws(JSONataError) -> Token? {
        var end = position
        func isDigit(_ place: Int) -> Bool { scalar(at: place).map { ("0"..."9").contains($0) } ?? false }
        guard isDigit(end) else { return nil }
        if scalar(at: end) == "0" {
            end += 1
        } else {
            while isDigit(end) { end += 1 }
        }
        if scalar(at: end) == ".", isDigit(end + 1) {
            end += 1
            while isDigit(end) { end += 1 }
        }
        if scalar(at: end) == "e" || scalar(at: end) == "E" {
            var exponent = end + 1
            if scalar(at: exponent) == "+" || scalar(at: exponent) == "-" { exponent += 1 }
            if isDigit(exponent) {
                while isDigit(exponent) { exponent += 1 }
                end = exponent
            }
        }
        let digits = slice(position..<end)
        guard let value = Double(digits), value.isFinite else {
            throw .make("S0102", position: position, token: digits)
        }
        position = end
        return token(.number(value))
    }

    private mutating func quotedName() throws(JSONataError) -> Token {
        position += 1
        guard let end = text[position...].firstIndex(of: "`") else {
            throw .make("S0105", position: text.count)
        }
        let name = slice(position..<end)
        position = end + 1
        return token(.name(name))
    }

    private mutating func word() -> Token {
        let start = position
        while let current = scalar(at: position), !Self.blanks.contains(current), !Self.operators.contains(current) {
            position += 1
        }
        if text[start] == "$" { return token(.variable(slice(start + 1..<position))) }
        switch slice(start..<position) {
        case let word where word == "or" || word == "in" || word == "and": return token(.operation(word))
        case "true": return token(.bool(true))
        case "false": return token(.bool(false))
        case "null": return token(.null)
        case let name: return token(.name(name))
        }
    }

    /// The rest of a regular expression whose first slash has been read. A slash within brackets does not end it.
    private mutating func regex() throws(JSONataError) -> Token {
        let start = position
        var depth = 0
        while let current = scalar(at: position) {
            let isEscaped = position > 0 && text[position - 1] == "\\"
            if current == "/", depth == 0, backslashes(before: position) % 2 == 0 {
                return try regexFlags(pattern: slice(start..<position))
            }
            if !isEscaped {
                if current == "(" || current == "[" || current == "{" { depth += 1 }
                if current == ")" || current == "]" || current == "}" { depth -= 1 }
            }
            position += 1
        }
        throw .make("S0302", position: position)
    }

    private func backslashes(before place: Int) -> Int {
        var count = 0
        while place - count - 1 >= 0, text[place - count - 1] == "\\" { count += 1 }
        return count
    }

    private mutating func regexFlags(pattern: String) throws(JSONataError) -> Token {
        guard !pattern.isEmpty else { throw .make("S0301", position: position) }
        position += 1
        var flags: Set<Unicode.Scalar> = []
        while let flag = scalar(at: position), flag == "i" || flag == "m" {
            flags.insert(flag)
            position += 1
        }
        return token(
            .regex(pattern: pattern, ignoresCase: flags.contains("i"), isMultiline: flags.contains("m")))
    }
}
