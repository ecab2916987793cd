import JSONModel
import JSONPath
import WallTime

/// The members of one object of a definition, read by name. What is wrong is reported, and the reading goes on: a
/// reader gets nil for what is missing or wrong.
struct Fields {
    let object: JSONObject
    /// JSON pointer of the object.
    let path: String
    let language: QueryLanguage
    let findings: Findings
    /// Which members of `$states` exist here besides `input` and `context`.
    private(set) var visible: Set<String> = []

    init(_ object: JSONObject, at path: String, language: QueryLanguage, findings: Findings) {
        self.object = object
        self.path = path
        self.language = language
        self.findings = findings
    }

    /// The same fields where expressions also see `$states.NAME`.
    func seeing(_ member: String) -> Fields {
        var fields = self
        fields.visible.insert(member)
        return fields
    }

    subscript(_ name: String) -> JSONValue? { object[name] }

    func has(_ name: String) -> Bool { object.contains(name) }

    func place(_ name: String) -> String { pointer(path, name) }

    // MARK: Reporting

    func report(_ code: DiagnosticCode, _ name: String, _ message: String, hint: String? = nil, character: Int = 0) {
        findings.report(code, at: place(name), message, hint: hint, character: character)
    }

    func wrongType(_ name: String, expected: String) {
        report(.wrongType, name, "'\(name)' must be \(expected), not \(article(object[name]?.typeName ?? "null"))")
    }

    func missing(_ name: String, hint: String? = nil) {
        findings.report(.missingField, at: path, "The field '\(name)' is required but was missing", hint: hint)
    }

    /// Of `names`, at most one may be there.
    @discardableResult
    func exclusive(_ names: String...) -> Bool {
        let found = names.filter(has)
        guard found.count > 1 else { return true }
        let list = found.map { "'\($0)'" }.joined(separator: " and ")
        findings.reportKey(
            .conflictingFields, at: place(found[1]), "\(list) exclude each other", hint: "keep one of them")
        return false
    }

    // MARK: Typed members

    func string(_ name: String) -> String? {
        guard let value = object[name] else { return nil }
        if let text = value.stringValue { return text }
        wrongType(name, expected: "a string")
        return nil
    }

    func requiredString(_ name: String) -> String? {
        if !has(name) { missing(name) }
        return string(name)
    }

    /// One of a few words.
    func word<Word: RawRepresentable<String>>(_ name: String, among words: [Word]) -> Word? {
        guard let text = string(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = words.map(\.rawValue)
        let similar = closest(to: text, among: known).map { "did you mean '\($0)'?" }
        report(
            .unknownValue, name, "'\(text)' is not a value of '\(name)'",
            hint: similar ?? "it takes one of: \(known.joined(separator: ", "))")
        return nil
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) -> Int? {
        guard let value = object[name] else { return nil }
        guard let number = value.intValue else {
            wrongType(name, expected: "an integer")
            return nil
        }
        guard range.contains(number) else {
            report(
                .outOfRange, name, "'\(name)' must be \(described(range)), not \(number)",
                hint: "give a whole number in that range, or leave '\(name)' out if it has a default")
            return nil
        }
        return Int(number)
    }

    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = object[name] else { return nil }
        guard let number = value.doubleValue else {
            wrongType(name, expected: "a number")
            return nil
        }
        guard range.contains(number) else {
            report(
                .outOfRange, name,
                range.upperBound.isInfinite
                    ? "'\(name)' must be at least \(range.lowerBound), not \(value.jsonString)"
                    : "'\(name)' must be between \(range.lowerBound) and \(range.upperBound), not \(value.jsonString)")
            return nil
        }
        return number
    }

    func array(_ name: String) -> [JSONValue]? {
        guard let value = object[name] else { return nil }
        if let array = value.arrayValue { return array }
        wrongType(name, expected: "an array")
        return nil
    }

    /// The fields of a member that is an object.
    func nested(_ name: String) -> Fields? {
        guard let value = object[name] else { return nil }
        guard let object = value.objectValue else {
            wrongType(name, expected: "an object")
            return nil
        }
        return inner(object, at: place(name))
    }

    /// The objects in a member that is an array.
    func elements(_ name: String) -> [Fields] {
        guard let array = array(name) else { return [] }
        return array.enumerated().compactMap { index, value in
            let path = pointer(place(name), index)
            guard let object = value.objectValue else {
                findings.report(.wrongType, at: path, "'\(name)' holds objects, not \(article(value.typeName))")
                return nil
            }
            return inner(object, at: path)
        }
    }

    private func inner(_ object: JSONObject, at path: String) -> Fields {
        var fields = Fields(object, at: path, language: language, findings: findings)
        fields.visible = visible
        return fields
    }

    private func described(_ range: ClosedRange<Int64>) -> String {
        range.upperBound == Int64.max
            ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
    }
}

/// A JSON type's name with its article.
func article(_ typeName: String) -> String {
    switch typeName {
    case "null": "null"
    case "array", "object": "an \(typeName)"
    default: "a \(typeName)"
    }
}
