package import JSONModel

/// The size that a payload may have (AWS quota, "Maximum input or output size").
package enum PayloadLimit {
    /// Bytes of compact JSON in UTF-8.
    package static let bytes = 262_144
    /// Nested arrays and objects: every program that reads the payload has to get down to the bottom of it.
    package static let depth = 200

    /// Whether the value is small and flat enough. Costs no more than the limit, however large the value is.
    package static func allows(_ value: JSONValue) -> Bool {
        var left = bytes
        return spend(value, &left, depth: depth)
    }

    /// Bytes of the value as compact JSON in UTF-8; nil for one that is larger than `most` or nested deeper than `depth`.
    static func size(of value: JSONValue, most: Int = bytes, depth: Int = depth) -> Int? {
        var left = most
        return spend(value, &left, depth: depth) ? most - left : nil
    }

    private static func spend(_ value: JSONValue, _ left: inout Int, depth: Int) -> Bool {
        switch value {
        case .null: left -= 4
        case .bool(let value): left -= value ? 4 : 5
        case .int(let value): left -= (value >= 0 && value < 10) ? 1 : String(value).utf8.count
        case .double(let value): left -= value.description.utf8.count
        case .string(let value): spend(value, &left)
        case .array(let elements):
            left -= max(2, elements.count + 1)
            guard depth > 0, left >= 0 else { return false }
            for element in elements where !spend(element, &left, depth: depth - 1) { return false }
        case .object(let object):
            left -= max(2, 2 * object.count + 1)
            guard depth > 0, left >= 0 else { return false }
            for key in object.keys { spend(key, &left) }
            for value in object.values where !spend(value, &left, depth: depth - 1) { return false }
        }
        return left >= 0
    }

    /// Quotes, escapes of one character as two bytes, other control characters as six.
    private static func spend(_ text: String, _ left: inout Int) {
        left -= 2 + text.utf8.count
        guard left >= 0 else { return }
        for byte in text.utf8 where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            let isShort = [0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x22, 0x5C].contains(byte)
            left -= isShort ? 1 : 5
        }
    }
}
