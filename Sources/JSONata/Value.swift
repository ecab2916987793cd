import JSONModel

/// A value while an expression is evaluated: JSON, and what JSON cannot hold.
enum Value {
    /// No value; a member that is undefined is not there.
    case undefined
    case null
    case bool(Bool)
    case number(Double)
    /// An integer outside ±2^53 that came in as JSON: carried unchanged, a double as soon as it is computed with.
    case exact(Int64)
    case string(String)
    case array(ArrayValue)
    case object(ObjectValue)
    case function(FunctionValue)
    /// The intermediate result of a path that binds variables (`@`, `#`, `%`). Never leaves the path.
    case tuples(TupleStream)
}

extension Value {
    /// Integers up to here are exact as doubles.
    static let exactIntegerLimit: Int64 = 1 << 53

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value):
            let fits = value >= -Self.exactIntegerLimit && value <= Self.exactIntegerLimit
            self = fits ? .number(Double(value)) : .exact(value)
        case .double(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .array(ArrayValue(json: elements))
        case .object(let object): self = .object(ObjectValue(json: object))
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    /// The number, finite or not.
    var double: Double? {
        switch self {
        case .number(let value): value
        case .exact(let value): Double(value)
        default: nil
        }
    }

    var text: String? { if case .string(let value) = self { value } else { nil } }

    var array: ArrayValue? { if case .array(let value) = self { value } else { nil } }

    var object: ObjectValue? { if case .object(let value) = self { value } else { nil } }

    var function: FunctionValue? { if case .function(let value) = self { value } else { nil } }

    /// Arrays and objects inside each other; a value that came in as JSON counts as 0, since its reader bounded it.
    var depth: Int {
        switch self {
        case .array(let array): array.depth
        case .object(let object): object.depth
        default: 0
        }
    }

    /// The value as a number to compute with.
    /// - Throws: `D1001` for an infinite number.
    func finiteNumber() throws(JSONataError) -> Double? {
        guard let number = double, !number.isNaN else { return nil }
        guard number.isFinite else { throw .make("D1001", about: self) }
        return number
    }
}
