// Equality and truth. Values may share parts, so that a small one unfolds into a giant: every part looked at is charged.
extension Evaluator {
    /// Equality by structure: objects whatever the order of their members, strings by code points.
    func areEqual(_ left: Value, _ right: Value) throws(JSONataError) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.exact(let a), .exact(let b)): return a == b
        case (.number, .number), (.number, .exact), (.exact, .number): return left.double == right.double
        case (.string(let a), .string(let b)):
            try chargeText(min(a.utf8.count, b.utf8.count))
            return Value.isSameText(a, b)
        case (.array(let a), .array(let b)): return try areEqual(a, b)
        case (.object(let a), .object(let b)): return try areEqual(a, b)
        case (.function(let a), .function(let b)): return a === b
        default: return false
        }
    }

    private func areEqual(_ left: ArrayValue, _ right: ArrayValue) throws(JSONataError) -> Bool {
        if left === right { return true }
        guard left.count == right.count else { return false }
        try charge()
        for place in 0..<left.count {
            if place & 7 == 7 { try charge() }
            guard try areEqual(left[place], right[place]) else { return false }
        }
        return true
    }

    private func areEqual(_ left: ObjectValue, _ right: ObjectValue) throws(JSONataError) -> Bool {
        if left === right { return true }
        guard left.count == right.count else { return false }
        try charge(1 + left.count / 4)
        for (key, value) in zip(left.keys, left.values) {
            let other = right[key]
            guard !other.isUndefined, try areEqual(value, other) else { return false }
        }
        return true
    }

    /// Equality of values that are not arrays, objects or functions, as `in` has it; containers only by identity.
    func areIdentical(_ left: Value, _ right: Value) throws(JSONataError) -> Bool {
        switch (left, right) {
        case (.array(let a), .array(let b)): a === b
        case (.object(let a), .object(let b)): a === b
        default: try areEqual(left, right)
        }
    }

    /// As an operand of `and`, `or`, `?:` and predicates (the `$boolean` cast); undefined is false.
    func isTruthy(_ value: Value) throws(JSONataError) -> Bool {
        switch value {
        case .undefined, .null, .tuples: return false
        // Against the reference's documentation, but what it does: a regular expression is the only false function.
        case .function(let function):
            guard case .regex = function.kind else { return true }
            return false
        case .bool(let value): return value
        case .number, .exact: return try value.finiteNumber().map { $0 != 0 } ?? false
        case .string(let value): return !value.isEmpty
        case .object(let object): return !object.isEmpty
        case .array(let array):
            for place in 0..<array.count {
                if place & 7 == 0 { try charge() }
                if try isTruthy(array[place]) { return true }
            }
            return false
        }
    }

    /// The order of two values as `Value.order` has it, charged by the length of texts.
    func order(_ left: Value, _ right: Value) throws(JSONataError) -> Int? {
        if case .string(let a) = left, case .string(let b) = right { try chargeText(min(a.utf8.count, b.utf8.count)) }
        return Value.order(left, right)
    }
}
