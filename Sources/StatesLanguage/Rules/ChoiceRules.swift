import JSONModel

/// Choices that can go nowhere, and rules that are never reached.
enum ChoiceRules {
    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        guard state.type == .choice, let rules = state.object["Choices"]?.arrayValue, !rules.isEmpty else { return }
        let conditions = rules.map(condition)
        let place = pointer(state.path, "Choices")
        var always: Int?
        for (index, condition) in conditions.enumerated() {
            if let always {
                findings.report(
                    .unreachableChoiceRule, at: pointer(place, index),
                    "This rule is never looked at: the condition of rule \(always + 1) always holds",
                    hint: "move it up, or remove it")
            } else if let earlier = conditions[..<index].firstIndex(of: condition), condition != [:] {
                findings.report(
                    .unreachableChoiceRule, at: pointer(place, index),
                    "This rule is never taken: rule \(earlier + 1) has the same condition",
                    hint: "change the condition of one of the two, or remove this rule")
            }
            if holdsAlways(condition) { always = always ?? index }
        }
        guard !state.object.contains("Default"), always == nil, !isExhaustive(conditions) else { return }
        findings.reportKey(
            .choiceWithoutDefault, at: state.path,
            "The Choice '\(state.name)' has no 'Default': when no rule matches, the execution fails",
            hint: "add 'Default', or leave it so if States.NoChoiceMatched is what you want")
    }

    /// What a rule tests, without where it leads.
    private static func condition(_ rule: JSONValue) -> JSONObject {
        var condition = rule.objectValue ?? [:]
        for name in ["Next", "Comment", "Assign", "Output"] { condition[name] = nil }
        return condition
    }

    private static func holdsAlways(_ condition: JSONObject) -> Bool {
        guard let value = condition["Condition"] else { return false }
        if value == true { return true }
        guard let text = value.stringValue, text.hasPrefix("{%"), text.hasSuffix("%}") else { return false }
        return text.dropFirst(2).dropLast(2).filter { !$0.isWhitespace } == "true"
    }

    /// Two rules that test the opposite of each other leave nothing over.
    private static func isExhaustive(_ conditions: [JSONObject]) -> Bool {
        conditions.contains { condition in
            if conditions.contains(["Not": .object(condition)]) { return true }
            guard let test = condition.keys.first(where: { condition[$0]?.boolValue != nil }) else { return false }
            var opposite = condition
            opposite[test] = .bool(condition[test] == false)
            return conditions.contains(opposite)
        }
    }
}
