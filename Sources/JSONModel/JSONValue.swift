/// A JSON value (RFC 8259) with insertion-ordered objects and exact 64-bit integers.
///
/// A number without fraction or exponent that fits `Int64` is `.int`; every other number is `.double`.
/// Equality is by meaning: `1` equals `1.0`, and objects are equal whatever the order of their members. Strings are equal
/// when their code points are (RFC 8259, section 8.3), unlike Swift's own, which take `é` and `e` with an accent as one.
/// The enum is not `indirect` on purpose: arrays and objects are indirection enough, and boxing every scalar costs a
/// quarter of the parser's speed.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Equatable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Int64(exactly: b) == a
        case (.string(let a), .string(let b)): a.hasSameScalars(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSONValue {
    /// Whether two values are known to be equal without a look at their parts, since they share them. False says nothing.
    package func isSameStorage(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.array(let a), .array(let b)): a.isSameStorage(as: b)
        case (.object(let a), .object(let b)): a.keys.isSameStorage(as: b.keys) && a.values.isSameStorage(as: b.values)
        default: false
        }
    }
}

extension Array {
    fileprivate func isSameStorage(as other: [Element]) -> Bool {
        count == other.count
            && withUnsafeBufferPointer { mine in other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress } }
    }
}

extension JSONValue: Hashable {
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value):
            if let exact = Int64(exactly: value) { hasher.combine(exact) } else { hasher.combine(value) }
        case .string(let value): hasher.combine(value)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSONValue {
    /// The JSON name of this value's type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    package var isNull: Bool { if case .null = self { true } else { false } }

    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The value as an integer: an `.int`, or a `.double` without fraction that fits.
    package var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    package var doubleValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    package var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    package var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The member `key` of an object; nil for a missing member and for anything that is not an object.
    package subscript(_ key: String) -> JSONValue? { objectValue?[key] }

    /// The element at `index` of an array; nil out of range and for anything that is not an array.
    package subscript(_ index: Int) -> JSONValue? {
        guard let array = arrayValue, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
