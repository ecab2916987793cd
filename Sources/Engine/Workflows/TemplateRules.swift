import JSONModel
import StatesLanguage

/// Texts of a workflow's template that are handed on as they are, and were hardly meant so: a template knows paths, but
/// neither JSONata nor the intrinsic functions.
enum TemplateRules {
    static func check(_ value: JSONValue, at place: String, findings: WorkflowFindings) {
        switch value {
        case .object(let object):
            for (key, member) in object where !key.hasSuffix(".$") {
                check(member, at: SourceDocument.memberPointer(place, key), findings: findings)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                check(element, at: "\(place)/\(index)", findings: findings)
            }
        case .string(let text): check(text, at: place, findings: findings)
        default: break
        }
    }

    private static func check(_ text: String, at place: String, findings: WorkflowFindings) {
        let hint = "a workflow's template knows paths such as $.detail.name; compute it in the state machine"
        if isExpression(text) {
            findings.warn(.unusedExpression, at: place, "the expression in this text is not evaluated", hint: hint)
        } else if isComputed(text) {
            findings.warn(
                .literalPath, at: place, "'\(text.prefix(60))' is handed on as this text, not as what it names",
                hint: hint)
        }
    }

    private static func isExpression(_ text: String) -> Bool {
        guard let open = text.firstRange(of: "{%") else { return false }
        return text[open.upperBound...].contains("%}")
    }

    private static func isComputed(_ text: String) -> Bool {
        if text.hasPrefix("$states.") { return true }
        guard text.hasPrefix("States."), text.hasSuffix(")") else { return false }
        do {
            _ = try IntrinsicCall(parsing: text)
            return true
        } catch {
            return false  // No call, so a text like any other.
        }
    }
}
