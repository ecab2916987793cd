package import JSONModel
package import JSONata

package struct ChoiceDefinition: Sendable {
    package var rules: [ChoiceRule]
    package var defaultNext: String?

    package init(rules: [ChoiceRule], defaultNext: String? = nil) {
        self.rules = rules
        self.defaultNext = defaultNext
    }
}

/// One alternative of a Choice: the first whose condition holds is taken.
package struct ChoiceRule: Sendable {
    package var condition: Condition
    package var next: String
    package var assign: [(name: String, value: Template)]
    package var output: Template?

    package init(
        condition: Condition, next: String, assign: [(name: String, value: Template)] = [], output: Template? = nil
    ) {
        self.condition = condition
        self.next = next
        self.assign = assign
        self.output = output
    }
}

/// A condition of a Choice rule (ASL, "Choice Rules"), or a JSONata `Condition`.
package indirect enum Condition: Sendable {
    case and([Condition])
    case or([Condition])
    case not(Condition)
    case compare(variable: Path, Comparison)
    case expression(JSONataExpression)
    case literal(Bool)
}

/// A data test or comparison, such as `StringEquals` or `NumericLessThanPath`.
package struct Comparison: Sendable {
    package enum Relation: String, Sendable, CaseIterable {
        case equals = "Equals"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
        case lessThanEquals = "LessThanEquals"
        case greaterThanEquals = "GreaterThanEquals"
        case matches = "Matches"
    }

    package enum Kind: Sendable, Hashable {
        case string(Relation)
        case numeric(Relation)
        case boolean
        case timestamp(Relation)
        case isNull, isPresent, isNumeric, isString, isBoolean, isTimestamp
    }

    package enum Operand: Sendable, Hashable {
        case literal(JSONValue)
        case path(Path)
    }

    package var kind: Kind
    package var operand: Operand

    package init(kind: Kind, operand: Operand) {
        self.kind = kind
        self.operand = operand
    }
}
