import JSONModel

/// How much may be made while one template is evaluated. A value that occurs many times takes memory once until it is
/// written out, so that a definition of a megabyte could otherwise ask for a text of many gigabytes.
struct EvaluationRoom {
    /// About the bytes in memory: 16 for each value, and those of the texts.
    static let bytes = 268_435_456

    private(set) var left = bytes

    /// Counts a value with all that is in it. Costs no more than there is room, however much the value unfolds to.
    mutating func take(_ value: JSONValue, for place: String) throws(EvaluationError) {
        value.take(from: &left)
        try check(place)
    }

    /// Counts the elements of a list whose values exist already.
    mutating func take(elements count: Int, for place: String) throws(EvaluationError) {
        left -= 16 * count
        try check(place)
    }

    private func check(_ place: String) throws(EvaluationError) {
        guard left < 0 else { return }
        throw EvaluationError(
            error: "States.DataLimitExceeded",
            cause:
                "'\(place)' takes part in making more than \(Self.bytes) bytes, which is the most for one field of a "
                + "state. Make less in it, or split the work among several states.")
    }
}

extension JSONValue {
    fileprivate func take(from left: inout Int) {
        left -= 16
        switch self {
        case .null, .bool, .int, .double: return
        case .string(let text): left -= text.utf8.count
        case .array(let elements):
            for element in elements {
                guard left >= 0 else { return }
                element.take(from: &left)
            }
        case .object(let object):
            for (key, value) in object {
                guard left >= 0 else { return }
                left -= key.utf8.count
                value.take(from: &left)
            }
        }
    }
}
