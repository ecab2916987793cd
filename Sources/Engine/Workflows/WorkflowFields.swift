import JSONModel
import StatesLanguage
import WallTime

/// What a workflow file's diagnostics are called; `docs/yaml-reference.md` lists them.
enum WorkflowFinding: String {
    case notAnObject = "F101"
    case unknownField = "F102"
    case missingField = "F103"
    case wrongType = "F104"
    case invalidValue = "F105"
    case conflict = "F106"
    case invalidSchedule = "F107"
    case invalidPattern = "F108"
    case invalidTemplate = "F109"
    case invalidName = "F110"
}

/// Collects what is found about one file.
final class WorkflowFindings {
    let document: SourceDocument
    private(set) var diagnostics: [Diagnostic] = []

    init(document: SourceDocument) { self.document = document }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func report(
        _ code: WorkflowFinding, at pointer: String, _ message: String, hint: String? = nil, key: Bool = false
    ) {
        let position = key ? document.keyPosition(of: pointer) : nil
        diagnostics.append(
            Diagnostic(
                code: code.rawValue, severity: .error, message: message, hint: hint, pointer: pointer,
                file: document.file, position: position ?? nearestPosition(to: pointer)))
    }

    /// What has no place of its own is shown at the nearest object around it.
    private func nearestPosition(to pointer: String) -> SourcePosition? {
        var place = Substring(pointer)
        while true {
            if let position = document.position(of: String(place)) { return position }
            guard let slash = place.lastIndex(of: "/") else { return nil }
            place = place[..<slash]
        }
    }
}

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
                .unknownField, at: "\(path)/\(key)", "'\(key)' is not a field here",
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
        wrongType(name, "a text")
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
        wrongType(name, "true or false")
        return nil
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.intValue else {
            wrongType(name, "a whole number")
            return nil
        }
        guard range.contains(number) else {
            report(.invalidValue, name, "'\(name)' is from \(range.lowerBound) to \(range.upperBound), not \(number)")
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
            wrongType(name, "an object")
            return nil
        }
        return WorkflowFields(object, at: place(name), known: known, findings: findings)
    }

    func template(_ name: String) -> InputTemplate? {
        guard let value = self[name] else { return nil }
        do {
            return try InputTemplate(value)
        } catch {
            report(.invalidTemplate, name, error.message, hint: "a path is such as $.detail.name")
            return nil
        }
    }

    func wrongType(_ name: String, _ expected: String) {
        report(.wrongType, name, "'\(name)' must be \(expected), not a value of type \(self[name]?.typeName ?? "null")")
    }
}
