import Glibc

extension Evaluator {
    func evaluateBinary(
        _ operation: Node.Operation, _ left: Node, _ right: Node, _ node: Node, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        let first = try evaluate(left, input, frame)
        let second = try evaluate(right, input, frame)
        do throws(JSONataError) {
            return try apply(operation, first, second)
        } catch {
            var error = error.naming(operation.rawValue)
            error.position = node.position
            error.token = operation.rawValue
            throw error
        }
    }

    private func apply(_ operation: Node.Operation, _ left: Value, _ right: Value) throws(JSONataError) -> Value {
        switch operation {
        case .add, .subtract, .multiply, .divide, .remainder: try arithmetic(operation, left, right)
        case .equal: .bool(try equals(left, right) ?? false)
        case .notEqual: .bool(try equals(left, right).map { !$0 } ?? false)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: try compare(operation, left, right)
        case .concatenate: try concatenate(left, right)
        case .range: try range(left, right)
        case .includes: try includes(left, right)
        }
    }

    // MARK: - Numbers

    private func arithmetic(
        _ operation: Node.Operation, _ left: Value, _ right: Value
    ) throws(JSONataError) -> Value {
        let a = try left.finiteNumber()
        if a == nil, !left.isUndefined { throw .make("T2001", about: left) }
        let b = try right.finiteNumber()
        if b == nil, !right.isUndefined { throw .make("T2002", about: right) }
        guard let a, let b else { return .undefined }
        switch operation {
        case .add: return .number(a + b)
        case .subtract: return .number(a - b)
        case .multiply: return .number(a * b)
        case .divide: return .number(a / b)
        default: return .number(fmod(a, b))
        }
    }

    func evaluateNegation(
        _ operand: Node, _ node: Node, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        let value = try evaluate(operand, input, frame)
        if value.isUndefined { return .undefined }
        guard let number = try value.finiteNumber() else {
            throw .make("D1002", about: value, position: node.position, token: "-")
        }
        return .number(-number)
    }

    // MARK: - Comparison

    /// Nil when one side is undefined: then neither `=` nor `!=` holds.
    private func equals(_ left: Value, _ right: Value) throws(JSONataError) -> Bool? {
        guard !left.isUndefined, !right.isUndefined else { return nil }
        return try areEqual(left, right)
    }

    private func compare(_ operation: Node.Operation, _ left: Value, _ right: Value) throws(JSONataError) -> Value {
        for value in [left, right] where value.double == nil && value.text == nil && !value.isUndefined {
            throw .make("T2010", about: value)
        }
        guard !left.isUndefined, !right.isUndefined else { return .undefined }
        guard let order = try order(left, right) else { throw .make("T2009", about: left, and: right) }
        switch operation {
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }

    private func includes(_ left: Value, _ right: Value) throws(JSONataError) -> Value {
        guard !left.isUndefined, !right.isUndefined else { return .bool(false) }
        guard case .array(let array) = right else { return .bool(try areIdentical(left, right)) }
        for place in 0..<array.count {
            if place & 7 == 7 { try charge() }
            if try areIdentical(left, array[place]) { return .bool(true) }
        }
        return .bool(false)
    }

    func evaluateLogic(
        _ node: Node, _ left: Node, _ right: Node, isAnd: Bool, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        let first = try isTruthy(evaluate(left, input, frame))
        if first != isAnd { return .bool(first) }
        do throws(JSONataError) {
            return .bool(try isTruthy(evaluate(right, input, frame)))
        } catch {
            // Whatever goes wrong on the right the reference blames on the operator.
            var error = error
            error.position = node.position
            error.token = isAnd ? "and" : "or"
            throw error
        }
    }

    // MARK: - Text and ranges

    private func concatenate(_ left: Value, _ right: Value) throws(JSONataError) -> Value {
        let first = try string(of: left) ?? ""
        let second = try string(of: right) ?? ""
        try checkLength(first.utf8.count + second.utf8.count)
        try chargeMemory(first.utf8.count + second.utf8.count)
        return .string(first + second)
    }

    private func range(_ left: Value, _ right: Value) throws(JSONataError) -> Value {
        let first = try bound(left, "T2003")
        let last = try bound(right, "T2004")
        guard let first, let last, first <= last else { return .undefined }
        let count = last - first + 1
        guard count <= 10_000_000, count <= Double(limits.sequenceLength) else {
            throw .make("D2014", about: .number(count))
        }
        return .array(ArrayValue(first: Int(first), count: Int(count), flags: .sequence))
    }

    /// A bound of a range: an integer, or nil for undefined.
    private func bound(_ value: Value, _ code: String) throws(JSONataError) -> Double? {
        if value.isUndefined { return nil }
        guard let number = value.double, number.rounded(.towardZero) == number, number.isFinite else {
            throw .make(code, about: value)
        }
        return number
    }
}
