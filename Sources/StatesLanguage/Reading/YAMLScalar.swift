import JSONModel

/// Resolves plain scalars by YAML 1.2's core schema (section 10.3.2): `yes`, `no`, `on` and dates are strings.
enum YAMLScalar {
    /// The value of a plain scalar without a tag.
    static func resolve(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    /// Decimal, `0x` and `0o` integers, and decimal fractions with or without an exponent. JSON has no infinity and no
    /// "not a number": `.inf` and `.nan` stay strings.
    static func number(_ text: String) -> JSONValue? {
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8) }
        var rest = Substring(text)
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        let whole = takeDigits(&rest)
        var fraction: Substring?
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
        if rest.isEmpty, fraction == nil, let integer = Int64(text) { return .int(integer) }
        if rest.first == "e" || rest.first == "E" {
            rest.removeFirst()
            if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
            guard !takeDigits(&rest).isEmpty else { return nil }
        }
        guard rest.isEmpty, let value = Double(text), value.isFinite else { return nil }
        return .double(value)
    }

    private static func integer(_ digits: Substring, radix: Int) -> JSONValue? {
        guard digits.first?.isHexDigit == true else { return nil }
        return Int64(digits, radix: radix).map { .int($0) }
    }

    private static func takeDigits(_ text: inout Substring) -> Substring {
        let digits = text.prefix { ("0"..."9").contains($0) }
        text = text[digits.endIndex...]
        return digits
    }
}
