import JSONModel

/// The members of a request, read one by one against the service model's constraints. What is violated is collected,
/// and thrown all at once by `check`, in AWS's words.
struct WireParameters {
    private let object: JSONObject
    /// Where these members are: `routingConfiguration.1.member.`.
    private let prefix: String
    private let violations: Violations
    /// Whom the audit log names, when it is not the caller of a request.
    let actor: String?

    /// Shared by a request and the structures inside it.
    private final class Violations {
        var texts: [String] = []
        var mistyped: String?
    }

    init(_ object: JSONObject, by actor: String? = nil) {
        self.object = object
        self.actor = actor
        prefix = ""
        violations = Violations()
    }

    private init(_ object: JSONObject, prefix: String, violations: Violations) {
        self.object = object
        actor = nil
        self.prefix = prefix
        self.violations = violations
    }

    /// - Throws: `SerializationException` for a member of the wrong type, else `ValidationException` with everything
    ///   that is violated.
    func check() throws(WireError) {
        if let mistyped = violations.mistyped { throw .serialization(mistyped) }
        let texts = violations.texts
        guard !texts.isEmpty else { return }
        throw .validation(
            "\(texts.count) validation error\(texts.count == 1 ? "" : "s") detected: \(texts.joined(separator: "; "))")
    }

    func contains(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }

    // MARK: Members

    func optionalString(
        _ name: String, min: Int = 0, max: Int? = nil, pattern: WirePattern? = nil
    ) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.stringValue else { return mistyped(value, "String") }
        if text.isEmpty, min > 0 {
            violate(name, text, "Member must have length greater than or equal to \(min)")
        } else if let max, Self.isLonger(text, than: max) {
            violate(name, text, "Member must have length less than or equal to \(max)")
        } else if let pattern, !pattern.matches(text) {
            violate(name, text, "Member must satisfy regular expression pattern: \(pattern.text)")
        }
        return text
    }

    /// Empty when it is missing; then `check` throws.
    func string(_ name: String, min: Int = 1, max: Int? = nil, pattern: WirePattern? = nil) -> String {
        guard let text = optionalString(name, min: min, max: max, pattern: pattern) else {
            requireMember(name)
            return ""
        }
        return text
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _: Value.Type = Value.self
    ) -> Value? where Value.RawValue == String {
        guard let text = optionalString(name) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        violate(name, text, "Member must satisfy enum value set: [\(known)]")
        return nil
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = member(name) else { return nil }
        guard let number = value.intValue else { return mistyped(value, "Integer") }
        if number < range.lowerBound {
            violate(name, "\(number)", "Member must have value greater than or equal to \(range.lowerBound)")
        } else if number > range.upperBound {
            violate(name, "\(number)", "Member must have value less than or equal to \(range.upperBound)")
        }
        return number
    }

    func double(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = member(name) else { return nil }
        let number: Double
        switch value {
        case .int(let whole): number = Double(whole)
        case .double(let broken): number = broken
        default: return mistyped(value, "Float")
        }
        if number < range.lowerBound {
            violate(name, value.jsonString, "Member must have value greater than or equal to \(range.lowerBound)")
        } else if number > range.upperBound {
            violate(name, value.jsonString, "Member must have value less than or equal to \(range.upperBound)")
        }
        return number
    }

    func flag(_ name: String) -> Bool? {
        guard let value = member(name) else { return nil }
        guard let flag = value.boolValue else { return mistyped(value, "Boolean") }
        return flag
    }

    func structure(_ name: String) -> WireParameters? {
        guard let value = member(name) else { return nil }
        guard let object = value.objectValue else { return mistyped(value, "structure") }
        return WireParameters(object, prefix: prefix + name + ".", violations: violations)
    }

    func structures(_ name: String) -> [WireParameters]? {
        guard let value = member(name) else { return nil }
        guard let elements = value.arrayValue else { return mistyped(value, "list") }
        return elements.enumerated().compactMap { index, element in
            guard let object = element.objectValue else { return mistyped(element, "structure") }
            return WireParameters(
                object, prefix: prefix + "\(name).\(index + 1).member.", violations: violations)
        }
    }

    func strings(_ name: String, max: Int) -> [String]? {
        guard let value = member(name) else { return nil }
        guard let elements = value.arrayValue else { return mistyped(value, "list") }
        return elements.compactMap { element in
            guard let text = element.stringValue else { return mistyped(element, "String") }
            if Self.isLonger(text, than: max) {
                violate(name, text, "Member must have length less than or equal to \(max)")
            }
            return text
        }
    }

    /// The member as it was given.
    func raw(_ name: String) -> JSONValue? { member(name) }

    /// Whether the text has more characters than `max`: they need no counting where there are not even as many bytes.
    private static func isLonger(_ text: String, than max: Int) -> Bool {
        text.utf8.count > max && text.unicodeScalars.count > max
    }

    // MARK: Violations

    func requireMember(_ name: String) {
        guard violations.mistyped == nil, member(name) == nil else { return }
        violations.texts.append(
            "Value null at '\(prefix)\(name)' failed to satisfy constraint: Member must not be null")
    }

    /// Says what is wrong with a member; not its value where that is the caller's own business, or long: the message ends
    /// in logs.
    func violate(_ name: String, _ value: String, _ constraint: String) {
        let isShown = !Self.sensitive.contains(name) && !Self.isLonger(value, than: Self.longestShown)
        violations.texts.append(
            "Value \(isShown ? "'\(value)' " : "")at '\(prefix)\(name)' failed to satisfy constraint: \(constraint)")
    }

    /// The members of requests that the service model calls sensitive; whichever structure they are in, they are.
    private static let sensitive: Set = [
        "input", "output", "error", "cause", "definition", "description", "versionDescription", "taskToken", "context",
        "variables", "result", "stateName", "errorCausedByState", "mapItemReaderData",
    ]
    /// Characters of a value in a message. AWS was recorded to repeat a token of 3,097.
    private static let longestShown = 4096

    private func member(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    private func mistyped<Value>(_ value: JSONValue, _ type: String) -> Value? {
        let found =
            switch value {
            case .string: "STRING_VALUE"
            case .int, .double: "NUMBER_VALUE"
            case .bool(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
            case .array: "START_ARRAY"
            case .object: "START_OBJECT"
            case .null: "NULL_VALUE"
            }
        violations.mistyped = violations.mistyped ?? "\(found) cannot be converted to \(type)"
        return nil
    }
}

/// A pattern of the service model, with its own check: there is no engine for regular expressions behind it.
struct WirePattern {
    let text: String
    let matches: @Sendable (String) -> Bool

    /// Letters, digits, `_`, `-` and `.`, and not digits alone.
    static let aliasName = WirePattern(text: #"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"#) { name in
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte | 0x20) || "_-.".utf8.contains(byte) }
        return name.utf8.allSatisfy { isDigit($0) || isLetter($0) } && !name.utf8.allSatisfy(isDigit)
    }

    static let ascii = WirePattern(text: #"\p{ASCII}*"#) { $0.utf8.allSatisfy { $0 < 0x80 } }
    /// Letters, digits and spaces of any script, and some punctuation (AWS, "Tagging in Step Functions").
    static let tag = WirePattern(text: #"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"#) { text in
        text.unicodeScalars.allSatisfy { scalar in
            if "_.:/=+-@".unicodeScalars.contains(scalar) { return true }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator, .paragraphSeparator:
                return true
            default: return false
            }
        }
    }
    static let visible = WirePattern(text: "[!-~]+") { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
