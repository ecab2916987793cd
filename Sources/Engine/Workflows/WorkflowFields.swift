import JSONModel
import StatesLanguage
import WallTime

/// The members of one object of a workflow file. What is wrong is reported, and the reading goes on.
struct WorkflowFields {
    let object: JSONObject
    let path: String
    let findings: WorkflowFindings

    /// Reports every member that is not among `known`.
    init(_ object: JSONObject, at path: String, known: [String], findings: WorkflowFindings) {
        self.object = object
        self.path = path
        self.findings = findings
        for key in object.keys where !known.contains(key) {
            let similar = closest(to: key, among: known).map { "did you mean '\($0)'?" }
            findings.report(
                .unknownField, at: SourceDocument.memberPointer(path, key), "'\(key)' is not a field here",
                hint: similar ?? "the fields are \(known.joined(separator: ", "))", key: true)
        }
    }

    subscript(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func place(_ name: String) -> String { "\(path)/\(name)" }

    func report(_ code: WorkflowFinding, _ name: String, _ message: String, hint: String? = nil) {
        findings.report(code, at: place(name), message, hint: hint)
    }

    func string(_ name: String) -> String? {
        guard let value = self[name] else { return nil }
        if let text = value.stringValue { return text }
        let isScalar = value.objectValue == nil && value.arrayValue == nil
        wrongType(name, "a text", hint: isScalar ? "write \(name): \"\(value.jsonString)\"" : "such as \(name): abc")
        return nil
    }

    func requiredString(_ name: String, hint: String) -> String? {
        if self[name] == nil {
            findings.report(.missingField, at: path, "the field '\(name)' is missing", hint: hint)
        }
        return string(name)
    }

    func boolean(_ name: String) -> Bool? {
        guard let value = self[name] else { return nil }
        if let flag = value.boolValue { return flag }
        wrongType(name, "true or false", hint: "write \(name): true or \(name): false, without quotes")
        return nil
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.intValue else {
            wrongType(
                name, "a whole number", hint: "such as \(name): 10, from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        guard range.contains(number) else {
            report(
                .invalidValue, name, "'\(name)' is from \(range.lowerBound) to \(range.upperBound), not \(number)",
                hint: "write \(name): \(number < range.lowerBound ? range.lowerBound : range.upperBound)")
            return nil
        }
        return Int(number)
    }

    func duration(_ name: String, allowsZero: Bool = true) -> Duration? {
        guard let value = self[name] else { return nil }
        guard let duration = DurationText.parse(value), allowsZero || duration > .zero else {
            report(
                .invalidValue, name, "\(value.jsonString) is not a duration",
                hint: "such as 30s, 5m, 1h30m or 2d; it cannot be negative\(allowsZero ? "" : " or zero")")
            return nil
        }
        return duration
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Word.Type) -> Word? {
        guard let text = string(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        let similar = closest(to: text, among: known).map { "did you mean '\($0)'?" }
        report(
            .invalidValue, name, "'\(text)' is not a value of '\(name)'",
            hint: similar ?? "it is one of \(known.joined(separator: ", "))")
        return nil
    }

    func nested(_ name: String, known: [String]) -> WorkflowFields? {
        guard let value = self[name] else { return nil }
        guard case .object(let object) = value else {
            wrongType(name, "an object", hint: "its fields are \(known.joined(separator: ", "))")
            return nil
        }
        return WorkflowFields(object, at: place(name), known: known, findings: findings)
    }

    /// A template, nil where it is not valid, and warnings about what it hands on as it is.
    func template(_ name: String) -> InputTemplate? {
        guard let value = self[name] else { return nil }
        let (template, faults) = InputTemplate.read(value)
        for fault in faults {
            findings.report(
                .invalidTemplate, at: place(name) + fault.pointer, fault.message, hint: fault.hint,
                key: fault.isAboutName)
        }
        if template != nil { TemplateRules.check(value, at: place(name), findings: findings) }
        return template
    }

    private func wrongType(_ name: String, _ expected: String, hint: String) {
        report(
            .wrongType, name, "'\(name)' must be \(expected), not a value of type \(self[name]?.typeName ?? "null")",
            hint: hint)
    }
}
