package import JSONModel

extension DiagnosticPrinter {
    /// An array with one object for each diagnostic.
    package static func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        .array(diagnostics.map { .object(object($0)) })
    }

    private static func object(_ diagnostic: Diagnostic) -> JSONObject {
        var object: JSONObject = [
            "code": .string(diagnostic.code), "severity": .string(diagnostic.severity.rawValue),
            "message": .string(diagnostic.message), "pointer": .string(diagnostic.pointer),
        ]
        object["hint"] = diagnostic.hint.map { .string($0) }
        object["file"] = diagnostic.file.map { .string($0) }
        if let position = diagnostic.position {
            object["line"] = .int(Int64(position.line))
            object["column"] = .int(Int64(position.column))
        }
        return object
    }

    /// What a code stands for.
    package struct Rule: Sendable, Hashable {
        package let code: String
        /// In one word, such as `unknownField`.
        package let name: String
        package let meaning: String
        package let severity: Diagnostic.Severity

        package init(code: String, name: String, meaning: String, severity: Diagnostic.Severity) {
            self.code = code
            self.name = name
            self.meaning = meaning
            self.severity = severity
        }
    }

    /// The codes of state machines.
    package static var rules: [Rule] {
        DiagnosticCode.allCases.map {
            Rule(code: $0.rawValue, name: "\($0)", meaning: $0.meaning, severity: $0.severity)
        }
    }

    /// A log in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS), with one run.
    /// - Parameter rules: what is known of the codes; those that were not found are left out.
    package static func sarif(_ diagnostics: [Diagnostic], rules: [Rule] = DiagnosticPrinter.rules) -> JSONValue {
        let used = Set(diagnostics.map(\.code))
        let rules = rules.filter { used.contains($0.code) }
        let places = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.code, $0) })
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": ["name": "workflowctl lint", "rules": .array(rules.map(rule))]
                    ],
                    "columnKind": "unicodeCodePoints",
                    "results": .array(diagnostics.map { result($0, ruleIndex: places[$0.code]) }),
                ]
            ],
        ]
    }

    private static func rule(_ rule: Rule) -> JSONValue {
        [
            "id": .string(rule.code),
            "name": .string(rule.name),
            "shortDescription": ["text": .string(rule.meaning)],
            "defaultConfiguration": ["level": .string(rule.severity.rawValue)],
        ]
    }

    private static func result(_ diagnostic: Diagnostic, ruleIndex: Int?) -> JSONValue {
        let text = diagnostic.message + (diagnostic.hint.map { " (\($0))" } ?? "")
        var result: JSONObject = ["ruleId": .string(diagnostic.code)]
        result["ruleIndex"] = ruleIndex.map { .int(Int64($0)) }
        result["level"] = .string(diagnostic.severity.rawValue)
        result["message"] = ["text": .string(text)]
        result["locations"] = [.object(location(diagnostic))]
        return .object(result)
    }

    private static func location(_ diagnostic: Diagnostic) -> JSONObject {
        var location: JSONObject = [
            "logicalLocations": [["fullyQualifiedName": .string(diagnostic.pointer)]]
        ]
        guard let file = diagnostic.file else { return location }
        var physical: JSONObject = ["artifactLocation": ["uri": .string(uri(file))]]
        if let position = diagnostic.position {
            physical["region"] = [
                "startLine": .int(Int64(position.line)), "startColumn": .int(Int64(position.column)),
            ]
        }
        location["physicalLocation"] = .object(physical)
        return location
    }

    /// A file's name as a relative or absolute URI reference: everything but unreserved characters and `/` is escaped.
    private static func uri(_ file: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return file.utf8.reduce(into: file.hasPrefix("/") ? "file://" : "") { text, byte in
            let isPlain = byte &- 0x30 < 10 || byte | 0x20 &- 0x61 < 26 || "-._~/".utf8.contains(byte)
            text += isPlain ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
}
