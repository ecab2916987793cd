import JSONModel

extension StateReader {
    func choice() -> ChoiceDefinition {
        if !fields.has("Choices") { fields.missing("Choices") }
        let rules = fields.elements("Choices").map(rule)
        if fields["Choices"]?.arrayValue?.isEmpty == true {
            fields.report(.invalidChoiceRule, "Choices", "'Choices' must hold at least one rule")
        }
        return ChoiceDefinition(rules: rules, defaultNext: fields.string("Default"))
    }

    private func rule(_ entry: Fields) -> ChoiceRule {
        var rule = ChoiceRule(condition: .literal(false), next: entry.requiredString("Next") ?? "")
        rule.assign = entry.assignments()
        if fields.language == .jsonPath {
            rule.condition = condition(entry, isNested: false)
        } else {
            rule.output = entry.template("Output")
            rule.condition = jsonataCondition(entry)
            entry.comment()
            entry.checkNames(in: .choiceRule)
        }
        return rule
    }

    private func jsonataCondition(_ entry: Fields) -> Condition {
        switch entry["Condition"] {
        case nil:
            entry.missing("Condition", hint: "such as Condition: \"{% $states.input.total > 100 %}\"")
        case .bool(let value)?: return .literal(value)
        case .string(let text)?:
            if case .expression(let expression)? =
                entry.expression(text, at: entry.place("Condition"), field: "Condition")
            {
                return .expression(expression)
            }
            if !text.hasPrefix("{%"), !text.hasSuffix("%}") {
                entry.wrongType("Condition", expected: "a boolean or a JSONata expression in {% … %}")
            }
        case _?: entry.wrongType("Condition", expected: "a boolean or a JSONata expression in {% … %}")
        }
        return .literal(false)
    }

    // MARK: JSONPath conditions

    /// Rules inside And, Or and Not have no `Next` of their own.
    private func condition(_ entry: Fields, isNested: Bool) -> Condition {
        entry.checkNames(in: isNested ? .nestedCondition : .choiceRule)
        entry.comment()
        let operators = entry.object.keys.filter { ComparisonOperator.all[$0] != nil }
        let combined = ["And", "Or", "Not"].filter(entry.has)
        guard operators.count + combined.count == 1 else {
            let count = operators.count + combined.count
            entry.findings.report(
                .invalidChoiceRule, at: entry.path,
                count == 0
                    ? "A choice rule needs a comparison operator, or And, Or or Not"
                    : "A choice rule has one operator, not \(count): "
                        + (combined + operators).joined(separator: ", "),
                hint: count == 0 ? nil : "combine several conditions with And")
            return .literal(false)
        }
        if let name = combined.first { return combination(name, entry) }
        if !entry.has("Variable") { entry.missing("Variable") }
        return comparison(operators[0], entry)
    }

    private func combination(_ name: String, _ entry: Fields) -> Condition {
        if entry.has("Variable") {
            entry.report(.invalidChoiceRule, "Variable", "'Variable' belongs into the rules inside '\(name)'")
        }
        guard name != "Not" else {
            return entry.nested("Not").map { .not(condition($0, isNested: true)) } ?? .literal(false)
        }
        let parts = entry.elements(name).map { condition($0, isNested: true) }
        if entry[name]?.arrayValue?.isEmpty == true {
            entry.report(.invalidChoiceRule, name, "'\(name)' must hold at least one rule")
        }
        return name == "And" ? .and(parts) : .or(parts)
    }

    private func comparison(_ name: String, _ entry: Fields) -> Condition {
        guard let comparison = ComparisonOperator.all[name] else { return .literal(false) }
        let (variable, operand) = (entry.referenceVariable("Variable"), operand(name, comparison, entry))
        guard let variable, let operand else { return .literal(false) }
        return .compare(variable: variable, Comparison(kind: comparison.kind, operand: operand))
    }

    private func operand(_ name: String, _ comparison: ComparisonOperator, _ entry: Fields) -> Comparison.Operand? {
        guard !comparison.takesPath else { return entry.referenceVariable(name).map { .path($0) } }
        guard let value = entry[name] else { return nil }
        let expected: String? =
            switch comparison.kind {
            case .string: value.stringValue == nil ? "a string" : nil
            case .numeric: value.doubleValue == nil ? "a number" : nil
            case .timestamp: value.stringValue == nil ? "an RFC 3339 timestamp" : nil
            default: value.boolValue == nil ? "a boolean" : nil
            }
        if let expected {
            entry.wrongType(name, expected: expected)
            return nil
        }
        if case .timestamp = comparison.kind, let text = value.stringValue, !entry.isTimestamp(text, name) {
            return nil
        }
        return .literal(value)
    }
}

extension Fields {
    /// `Variable` and the operands that end in `Path`. AWS takes any path here, not just Reference Paths.
    func referenceVariable(_ name: String) -> Path? { path(name) }
}

/// The comparison operators by the field's name (ASL, "Choice Rules").
struct ComparisonOperator {
    let kind: Comparison.Kind
    /// The operand is a path: the field's name ends in `Path`.
    let takesPath: Bool

    static let all: [String: ComparisonOperator] = {
        var all: [String: ComparisonOperator] = [:]
        for relation in Comparison.Relation.allCases where relation != .matches {
            for (type, kind) in [
                ("String", Comparison.Kind.string(relation)), ("Numeric", .numeric(relation)),
                ("Timestamp", .timestamp(relation)),
            ] {
                all[type + relation.rawValue] = ComparisonOperator(kind: kind, takesPath: false)
                all[type + relation.rawValue + "Path"] = ComparisonOperator(kind: kind, takesPath: true)
            }
        }
        all["BooleanEquals"] = ComparisonOperator(kind: .boolean, takesPath: false)
        all["BooleanEqualsPath"] = ComparisonOperator(kind: .boolean, takesPath: true)
        all["StringMatches"] = ComparisonOperator(kind: .string(.matches), takesPath: false)
        for (name, kind) in [
            ("IsNull", Comparison.Kind.isNull), ("IsPresent", .isPresent), ("IsNumeric", .isNumeric),
            ("IsString", .isString), ("IsBoolean", .isBoolean), ("IsTimestamp", .isTimestamp),
        ] { all[name] = ComparisonOperator(kind: kind, takesPath: false) }
        return all
    }()
}
