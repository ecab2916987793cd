import JSONModel

/// Texts that are handed on as they are, and were hardly meant so.
enum LiteralRules {
    private static let payloads = ["Parameters", "ResultSelector", "ItemSelector", "Assign", "Arguments", "Output"]

    static func check(
        _ state: DefinitionOutline.StateOutline, machineLanguage: QueryLanguage, findings: Findings
    ) {
        let own = state.object["QueryLanguage"]?.stringValue.flatMap(QueryLanguage.init(rawValue:))
        let language = own ?? machineLanguage
        for field in payloads {
            guard let value = state.object[field] else { continue }
            visit(value, key: field, at: pointer(state.path, field), language, findings)
        }
        checkToken(state, findings: findings)
    }

    private static func visit(
        _ value: JSONValue, key: String, at path: String, _ language: QueryLanguage, _ findings: Findings
    ) {
        switch value {
        case .object(let object):
            for (name, member) in object { visit(member, key: name, at: pointer(path, name), language, findings) }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                visit(element, key: key, at: pointer(path, index), language, findings)
            }
        case .string(let text) where !key.hasSuffix(".$") && looksComputed(text, language):
            findings.report(
                .literalPath, at: path, "'\(text.prefix(60))' is handed on as this text, not as what it names",
                hint: language == .jsonPath
                    ? "write the name as '\(key).$' to have it looked up" : "write {% … %} around an expression")
        default: break
        }
    }

    private static func looksComputed(_ text: String, _ language: QueryLanguage) -> Bool {
        if language == .jsonata { return text.hasPrefix("$states.") || text.hasPrefix("$.") || text.hasPrefix("$$.") }
        if text.hasPrefix("$.") || text.hasPrefix("$$.") { return (try? Path(parsing: text)) != nil }
        return text.hasPrefix("States.") && text.hasSuffix(")") && (try? IntrinsicCall(parsing: text)) != nil
    }

    /// A task that waits for its token has to give it to somebody.
    private static func checkToken(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .task, let text = state.object["Resource"]?.stringValue,
            Resource(parsing: text).pattern == .waitForTaskToken
        else { return }
        let payload = (state.object["Parameters"] ?? state.object["Arguments"])?.jsonString ?? ""
        let passes = ["$$.Task", "\"$$\"", "context.Task", "$states.context"].contains { payload.contains($0) }
        guard !passes else { return }
        findings.report(
            .tokenNotPassed, at: pointer(state.path, "Resource"),
            "The task waits for its token, but never gives it to anybody",
            hint: state.object["Arguments"] == nil
                ? "put \"TaskToken.$\": \"$$.Task.Token\" into the Parameters"
                : "put \"{% $states.context.Task.Token %}\" into the Arguments")
    }
}
