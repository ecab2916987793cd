extension Value {
    /// Equality by structure: objects whatever the order of their members, strings by code points.
    static func isDeepEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.exact(let a), .exact(let b)): a == b
        case (.number, .number), (.number, .exact), (.exact, .number): left.double == right.double
        case (.string(let a), .string(let b)): isSameText(a, b)
        case (.array(let a), .array(let b)): isDeepEqual(a, b)
        case (.object(let a), .object(let b)): isDeepEqual(a, b)
        case (.function(let a), .function(let b)): a === b
        default: false
        }
    }

    private static func isDeepEqual(_ left: ArrayValue, _ right: ArrayValue) -> Bool {
        if left === right { return true }
        guard left.count == right.count else { return false }
        return (0..<left.count).allSatisfy { isDeepEqual(left[$0], right[$0]) }
    }

    private static func isDeepEqual(_ left: ObjectValue, _ right: ObjectValue) -> Bool {
        if left === right { return true }
        guard left.count == right.count else { return false }
        return zip(left.keys, left.values).allSatisfy { key, value in
            let other = right[key]
            return !other.isUndefined && isDeepEqual(value, other)
        }
    }

    /// Equality of values that are not arrays, objects or functions, as `in` has it; containers only by identity.
    static func isIdentical(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.array(let a), .array(let b)): a === b
        case (.object(let a), .object(let b)): a === b
        default: isDeepEqual(left, right)
        }
    }

    /// Swift compares strings by canonical equivalence; JSONata compares what was written.
    static func isSameText(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    /// Order by UTF-16 code units, as the reference has it.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf16.lexicographicallyPrecedes(right.utf16)
    }

    /// The order of two numbers or two strings: -1, 0 or 1; nil for anything else.
    static func order(_ left: Value, _ right: Value) -> Int? {
        if case .string(let a) = left, case .string(let b) = right {
            return isSameText(a, b) ? 0 : isBefore(a, b) ? -1 : 1
        }
        guard let a = left.double, let b = right.double else { return nil }
        return a < b ? -1 : a > b ? 1 : 0
    }
}
