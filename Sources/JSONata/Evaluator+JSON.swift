import JSONModel

// The result as JSON, as `JSON.stringify` has it: functions and undefined members are left out, such elements are null.
extension Evaluator {
    /// Nil for undefined and for a function.
    /// - Throws: `D1001` for a number that JSON cannot hold, `U1001` when the value is nested too deep or too large.
    func json(of value: Value) throws(JSONataError) -> JSONValue? {
        var budget = limits.resultBytes
        return try json(of: value, nesting: limits.nesting, &budget)
    }

    private func json(of value: Value, nesting: Int, _ budget: inout Int) throws(JSONataError) -> JSONValue? {
        switch value {
        case .undefined, .function, .tuples: return nil
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return try json(value)
        case .exact(let value): return .int(value)
        case .string(let value):
            try spend(value.utf8.count, of: &budget)
            return .string(value)
        case .array(let array): return try json(of: array, nesting: nesting, &budget)
        case .object(let object): return try json(of: object, nesting: nesting, &budget)
        }
    }

    private func json(_ number: Double) throws(JSONataError) -> JSONValue {
        guard number.isFinite else { throw .make("D1001", about: .number(number)) }
        let limit = Double(Value.exactIntegerLimit)
        if number.rounded(.towardZero) == number, number >= -limit, number <= limit { return .int(Int64(number)) }
        return .double(number)
    }

    private func json(of array: ArrayValue, nesting: Int, _ budget: inout Int) throws(JSONataError) -> JSONValue {
        guard nesting > 0 else { throw Self.exceeded("the result is nested too deep") }
        if let elements = array.untouchedJSON {
            try require(.array(elements), nesting: nesting, &budget)
            return .array(elements)
        }
        try charge(1 + array.count / 8)
        try spend(Self.containerWeight + array.count * Self.elementWeight, of: &budget)
        var elements: [JSONValue] = []
        elements.reserveCapacity(array.count)
        for place in 0..<array.count {
            elements.append(try json(of: array[place], nesting: nesting - 1, &budget) ?? .null)
        }
        return .array(elements)
    }

    private func json(of object: ObjectValue, nesting: Int, _ budget: inout Int) throws(JSONataError) -> JSONValue {
        guard nesting > 0 else { throw Self.exceeded("the result is nested too deep") }
        if let untouched = object.untouchedJSON {
            try require(.object(untouched), nesting: nesting, &budget)
            return .object(untouched)
        }
        try charge(2 + object.count / 2)
        try spend(Self.containerWeight, of: &budget)
        var (names, values): ([String], [JSONValue]) = ([], [])
        names.reserveCapacity(object.count)
        values.reserveCapacity(object.count)
        for (key, value) in zip(object.keys, object.values) {
            guard let json = try json(of: value, nesting: nesting - 1, &budget) else { continue }
            try spend(key.utf8.count + Self.elementWeight, of: &budget)
            names.append(key)
            values.append(json)
        }
        return .object(JSONObject(uniqueNames: names, values: values))
    }

    /// Checks what came in as JSON and goes out unchanged: it may be there a thousand times.
    private func require(_ json: JSONValue, nesting: Int, _ budget: inout Int) throws(JSONataError) {
        switch json {
        case .string(let text): try spend(text.utf8.count, of: &budget)
        case .array(let elements):
            guard nesting > 0 else { throw Self.exceeded("the result is nested too deep") }
            try spend(elements.count * Self.elementWeight, of: &budget)
            for element in elements { try require(element, nesting: nesting - 1, &budget) }
        case .object(let object):
            guard nesting > 0 else { throw Self.exceeded("the result is nested too deep") }
            for (key, value) in object {
                try spend(key.utf8.count + Self.elementWeight, of: &budget)
                try require(value, nesting: nesting - 1, &budget)
            }
        default: break
        }
    }

    /// What an array or object costs besides its elements, though not in text.
    private static var containerWeight: Int { 32 }

    /// About what an element takes as JSON text besides its strings.
    private static var elementWeight: Int { 6 }

    private func spend(_ bytes: Int, of budget: inout Int) throws(JSONataError) {
        budget -= bytes
        guard budget >= 0 else { throw Self.exceeded("a result of more than \(limits.resultBytes) bytes") }
    }
}
