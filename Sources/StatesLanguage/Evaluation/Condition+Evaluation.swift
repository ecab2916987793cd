import JSONModel
import JSONPath
import JSONata
import WallTime

extension Condition {
    /// Whether the condition holds (ASL, "Choice Rules").
    ///
    /// A comparison between values of different types does not hold. `IsPresent` may look at what is not there; every
    /// other test of a missing value is an error.
    /// - Throws: `States.Runtime` for a path without a value, `States.QueryEvaluationError` for JSONata.
    package func holds(in scope: EvaluationScope) throws(EvaluationError) -> Bool {
        switch self {
        case .literal(let value): return value
        case .not(let condition): return try !condition.holds(in: scope)
        case .and(let conditions):
            for condition in conditions where try !condition.holds(in: scope) { return false }
            return true
        case .or(let conditions):
            for condition in conditions where try condition.holds(in: scope) { return true }
            return false
        case .compare(let variable, let comparison):
            try scope.effort.check(for: variable.text, error: "States.Runtime")
            return try comparison.holds(for: variable, in: scope)
        case .expression(let expression):
            var evaluator = TemplateEvaluator(scope: scope, field: "Condition")
            let value = try evaluator.value(of: expression, at: "Condition")
            guard let answer = value.boolValue else {
                throw EvaluationError(
                    error: "States.QueryEvaluationError",
                    cause:
                        "The JSONata expression '\(expression.text)' specified for the field 'Condition' returned an "
                        + "unexpected result type. Expected 'boolean', but was '\(value.typeName)' for value: "
                        + value.quotedForCause)
            }
            return answer
        }
    }
}

extension Comparison {
    fileprivate func holds(for variable: Path, in scope: EvaluationScope) throws(EvaluationError) -> Bool {
        if kind == .isPresent { return try isPresent(variable, in: scope) == operandValue(in: scope).boolValue }
        let value: JSONValue
        do { value = try variable.evaluate(in: scope) } catch {
            throw EvaluationError(
                error: error.error,
                cause: "Invalid path '\(variable.text)': The choice state's condition path references an invalid value."
            )
        }
        let operand = try operandValue(in: scope)
        switch kind {
        case .string(.matches): return matches(value, pattern: operand)
        case .string(let relation):
            guard let left = value.stringValue, let right = operand.stringValue else { return false }
            return relation.holds(utf16Order(left, right))
        case .numeric(let relation): return relation.holds(numericOrder(value, operand))
        case .timestamp(let relation):
            guard let left = value.stringValue.flatMap(Timestamp.init),
                let right = operand.stringValue.flatMap(Timestamp.init)
            else { return false }
            return relation.holds(left < right ? .less : left == right ? .equal : .greater)
        case .boolean:
            guard let left = value.boolValue, let right = operand.boolValue else { return false }
            return left == right
        case .isNull: return value.isNull == operand.boolValue
        case .isString: return (value.stringValue != nil) == operand.boolValue
        case .isNumeric: return (value.doubleValue != nil) == operand.boolValue
        case .isBoolean: return (value.boolValue != nil) == operand.boolValue
        case .isTimestamp:
            return (value.stringValue.flatMap(Instant.init(iso8601:)) != nil) == operand.boolValue
        case .isPresent: return false
        }
    }

    /// An indefinite path selects an array, which is present only if something is in it.
    private func isPresent(_ variable: Path, in scope: EvaluationScope) throws(EvaluationError) -> Bool {
        do {
            let value = try variable.evaluate(in: scope)
            return variable.path.isDefinite || value != .array([])
        } catch  where error.error == "States.Runtime" {
            return false
        }
    }

    private func operandValue(in scope: EvaluationScope) throws(EvaluationError) -> JSONValue {
        switch operand {
        case .literal(let value): value
        case .path(let path): try path.evaluate(in: scope)
        }
    }

    private func matches(_ value: JSONValue, pattern: JSONValue) -> Bool {
        guard let text = value.stringValue, let pattern = pattern.stringValue else { return false }
        return WildcardPattern(pattern).matches(text)
    }
}

private enum Order { case less, equal, greater, none }

extension Comparison.Relation {
    fileprivate func holds(_ order: Order) -> Bool {
        switch (self, order) {
        case (_, .none), (.matches, _): false
        case (.equals, .equal), (.lessThanEquals, .equal), (.greaterThanEquals, .equal): true
        case (.lessThan, .less), (.lessThanEquals, .less): true
        case (.greaterThan, .greater), (.greaterThanEquals, .greater): true
        default: false
        }
    }
}

/// Strings are compared as Java does, by their UTF-16 code units.
private func utf16Order(_ left: String, _ right: String) -> Order {
    if left.utf16.elementsEqual(right.utf16) { return .equal }
    return left.utf16.lexicographicallyPrecedes(right.utf16) ? .less : .greater
}

/// Integers are compared exactly; a Double would take 2^53 + 1 for 2^53.
private func numericOrder(_ left: JSONValue, _ right: JSONValue) -> Order {
    if case .int(let left) = left, case .int(let right) = right {
        return left < right ? .less : left == right ? .equal : .greater
    }
    guard let left = left.doubleValue, let right = right.doubleValue else { return .none }
    return left < right ? .less : left == right ? .equal : left > right ? .greater : .none
}
