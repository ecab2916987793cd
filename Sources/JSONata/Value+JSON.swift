import JSONModel

extension Value {
    /// The value as JSON, as `JSON.stringify` has it: functions and undefined members are left out, such elements are
    /// null. Nil for undefined and for a function.
    /// - Parameter nesting: arrays and objects allowed inside each other.
    /// - Throws: `D1001` for a number that JSON cannot hold, `U1001` when the value is nested too deep.
    func json(nesting: Int) throws(JSONataError) -> JSONValue? {
        switch self {
        case .undefined, .function, .tuples: return nil
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return try Self.json(value)
        case .exact(let value): return .int(value)
        case .string(let value): return .string(value)
        case .array(let array): return try Self.json(array, nesting: nesting)
        case .object(let object): return try Self.json(object, nesting: nesting)
        }
    }

    private static func json(_ number: Double) throws(JSONataError) -> JSONValue {
        guard number.isFinite else { throw .make("D1001", about: .number(number)) }
        let limit = Double(exactIntegerLimit)
        if number.rounded(.towardZero) == number, number >= -limit, number <= limit { return .int(Int64(number)) }
        return .double(number)
    }

    private static func json(_ array: ArrayValue, nesting: Int) throws(JSONataError) -> JSONValue {
        guard nesting > 0 else { throw tooDeep }
        if let elements = array.untouchedJSON {
            for element in elements { try require(element, nesting: nesting - 1) }
            return .array(elements)
        }
        var elements: [JSONValue] = []
        elements.reserveCapacity(array.count)
        for place in 0..<array.count { elements.append(try array[place].json(nesting: nesting - 1) ?? .null) }
        return .array(elements)
    }

    private static func json(_ object: ObjectValue, nesting: Int) throws(JSONataError) -> JSONValue {
        guard nesting > 0 else { throw tooDeep }
        if let untouched = object.untouchedJSON {
            try require(.object(untouched), nesting: nesting)
            return .object(untouched)
        }
        var result = JSONObject()
        result.reserveCapacity(object.count)
        for (key, value) in zip(object.keys, object.values) {
            if let json = try value.json(nesting: nesting - 1) { result[key] = json }
        }
        return .object(result)
    }

    private static func require(_ json: JSONValue, nesting: Int) throws(JSONataError) {
        switch json {
        case .array(let elements):
            guard nesting > 0 else { throw tooDeep }
            for element in elements { try require(element, nesting: nesting - 1) }
        case .object(let object):
            guard nesting > 0 else { throw tooDeep }
            for element in object.values { try require(element, nesting: nesting - 1) }
        default: break
        }
    }

    private static var tooDeep: JSONataError { .make("U1001", value: "the result is nested too deep") }
}
