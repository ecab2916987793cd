import JSONModel

extension PathEvaluator {
    /// True when the filter holds for the value that `@` stands for.
    mutating func holds(_ filter: FilterExpression, for item: JSONValue) throws(EvaluationFault) -> Bool {
        try spend(1)
        switch filter {
        case .any(let operands):
            for operand in operands where try holds(operand, for: item) { return true }
            return false
        case .all(let operands):
            for operand in operands where try !holds(operand, for: item) { return false }
            return true
        case .not(let operand): return try !holds(operand, for: item)
        case .exists(let query):
            guard let found = try operand(query, for: item) else { return false }
            return query.isDefinite || found != .array([])
        case .comparison(let left, .matches, let right): return try matches(left, right, for: item)
        case .comparison(let left, let comparison, let right):
            return try compare(operand(left, for: item), comparison, operand(right, for: item))
        }
    }

    /// Nil for a path that leads nowhere and for a function that can't work on what it gets: neither fails the filter.
    private mutating func operand(_ query: PathQuery, for item: JSONValue) throws(EvaluationFault) -> JSONValue? {
        do throws(EvaluationFault) {
            return try value(of: query, item: item)
        } catch {
            switch error {
            case .notFound, .wrongArgument: return nil
            case .tooMuchWork: throw error
            }
        }
    }

    private mutating func operand(_ operand: FilterOperand, for item: JSONValue) throws(EvaluationFault) -> JSONValue? {
        switch operand {
        case .query(let query): try self.operand(query, for: item)
        case .literal(let literal): literal
        case .pattern: nil
        }
    }

    /// One side is a pattern, the other a text that it must match as a whole, or an array with such a text.
    private mutating func matches(_ left: FilterOperand, _ right: FilterOperand, for item: JSONValue)
        throws(EvaluationFault) -> Bool
    {
        let pattern: Pattern
        let subject: JSONValue?
        switch (left, right) {
        case (.pattern, .pattern): return false
        case (_, .pattern(let right)): (pattern, subject) = (right, try operand(left, for: item))
        case (.pattern(let left), _): (pattern, subject) = (left, try operand(right, for: item))
        default: return false
        }
        for candidate in subject?.arrayValue ?? [subject ?? .null] {
            guard let text = text(candidate) else { continue }
            if try matches(pattern, text) { return true }
        }
        return false
    }

    private func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .int, .double, .bool: value.jsonString
        case .null, .array, .object: nil
        }
    }

    /// Nil on a side is a path that leads nowhere: it equals nothing, not even another such path.
    private mutating func compare(_ left: JSONValue?, _ comparison: FilterOperator, _ right: JSONValue?)
        throws(EvaluationFault) -> Bool
    {
        switch comparison {
        case .equal: return try equals(left, right)
        case .notEqual: return try !equals(left, right)
        case .less: return isOrdered(left, right, <)
        case .lessOrEqual: return isOrdered(left, right, <=)
        case .greater: return isOrdered(right, left, <)
        case .greaterOrEqual: return isOrdered(right, left, <=)
        case .isIn, .isNotIn:
            guard let list = right?.arrayValue else { return false }
            return try isElement(left, of: list) == (comparison == .isIn)
        case .contains: return try contains(left, right)
        case .size: return isSize(left, right)
        case .empty: return isEmpty(left) == (right == .bool(true)) && isEmpty(left) != nil
        case .subsetOf, .anyOf, .noneOf, .all: return try compareLists(left, comparison, right)
        case .matches: return false
        }
    }

    /// Numbers among each other, and strings by UTF-16 unit as Java orders them; nothing else has an order.
    private func isOrdered(_ left: JSONValue?, _ right: JSONValue?, _ holds: (Int, Int) -> Bool) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return holds(left < right ? -1 : left > right ? 1 : 0, 0)
        case (.string(let left), .string(let right)):
            if left.utf16.elementsEqual(right.utf16) { return holds(0, 0) }
            return holds(left.utf16.lexicographicallyPrecedes(right.utf16) ? -1 : 1, 0)
        default:
            guard let left = left?.doubleValue, let right = right?.doubleValue else { return false }
            return holds(left < right ? -1 : left > right ? 1 : 0, 0)
        }
    }

    private mutating func contains(_ left: JSONValue?, _ right: JSONValue?) throws(EvaluationFault) -> Bool {
        switch (left, right) {
        case (.string(let text), .string(let part)):
            try spend(text.utf8.count)
            return text.utf8.contains(part.utf8)
        case (.array(let elements), let right?):
            return try isElement(right, of: elements)
        default: return false
        }
    }

    private func isSize(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        guard let size = right?.doubleValue else { return false }
        switch left {
        case .string(let text): return Double(text.utf16.count) == size
        case .array(let elements): return Double(elements.count) == size
        case .object(let object): return Double(object.count) == size
        default: return false
        }
    }

    private func isEmpty(_ value: JSONValue?) -> Bool? {
        switch value {
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        default: nil
        }
    }

    private mutating func compareLists(_ left: JSONValue?, _ comparison: FilterOperator, _ right: JSONValue?)
        throws(EvaluationFault) -> Bool
    {
        guard let left = left?.arrayValue, let right = right?.arrayValue else { return false }
        switch comparison {
        case .subsetOf: return try contains(right, allOf: left)
        case .all: return try contains(left, allOf: right)
        default:
            for element in left where try isElement(element, of: right) { return comparison == .anyOf }
            return comparison == .noneOf
        }
    }

    private mutating func contains(_ list: [JSONValue], allOf elements: [JSONValue]) throws(EvaluationFault) -> Bool {
        for element in elements where try !isElement(element, of: list) { return false }
        return true
    }

    private mutating func isElement(_ value: JSONValue?, of list: [JSONValue]) throws(EvaluationFault) -> Bool {
        try spend(list.count)
        for element in list where try equals(element, value) { return true }
        return false
    }

    /// Equality of JSON values, with each comparison counted. Nil equals nothing.
    private mutating func equals(_ left: JSONValue?, _ right: JSONValue?) throws(EvaluationFault) -> Bool {
        switch (left, right) {
        case (nil, _), (_, nil): return false
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            try spend(left.count)
            for (one, other) in zip(left, right) where try !equals(one, other) { return false }
            return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            try spend(left.count)
            for (name, value) in left where try !equals(value, right[name]) { return false }
            return true
        default: return left == right
        }
    }
}
