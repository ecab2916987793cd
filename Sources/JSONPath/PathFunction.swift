import JSONModel

/// The functions that may end a path, with the meaning they have in Jayway.
enum PathFunction: String, Sendable, CaseIterable {
    case length, size, min, max, avg, sum, stddev, first, last, index, keys, concat, append

    /// Calls the function on the value that the path led to.
    /// - Throws: `.wrongArgument` for numbers of nothing and elements of what is no array.
    func call(on value: JSONValue, _ arguments: [JSONValue]) throws(EvaluationFault) -> JSONValue {
        switch self {
        case .length, .size: Self.length(arguments.first ?? value)
        case .keys: value.objectValue.map { .array($0.keys.map(JSONValue.string)) } ?? .null
        case .append: value.arrayValue.map { .array($0 + arguments) } ?? value
        case .concat: .string(Self.concatenation(value, arguments))
        case .first: try element(of: value, at: 0)
        case .last: try element(of: value, at: -1)
        case .index: try element(of: value, at: try place(arguments.first))
        case .min, .max, .avg, .sum, .stddev: .double(try aggregate(Self.numbers(value, arguments)))
        }
    }

    /// Elements of an array, members of an object; null for anything else, strings too, as in Jayway.
    private static func length(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .int(Int64(elements.count))
        case .object(let object): .int(Int64(object.count))
        default: .null
        }
    }

    /// The strings among the value's elements, then all arguments as text.
    private static func concatenation(_ value: JSONValue, _ arguments: [JSONValue]) -> String {
        let own = (value.arrayValue ?? []).compactMap(\.stringValue)
        let given = arguments.flatMap { $0.arrayValue ?? [$0] }.filter { $0 != .null }
        return (own + given.map { $0.stringValue ?? $0.jsonString }).joined()
    }

    private func place(_ argument: JSONValue?) throws(EvaluationFault) -> Int {
        guard case .int(let place) = argument, let place = Int(exactly: place) else {
            throw .wrongArgument("index() takes a whole number")
        }
        return place
    }

    private func element(of value: JSONValue, at place: Int) throws(EvaluationFault) -> JSONValue {
        guard case .array(let elements) = value else {
            throw .wrongArgument("\(rawValue)() works on an array, not on \(value.typeName)")
        }
        guard let element = elements.element(place) else {
            throw .wrongArgument("\(rawValue)() asks for element \(place) of an array of \(elements.count)")
        }
        return element
    }

    /// The numbers among the value's elements and the arguments; whatever is no number is passed over.
    private static func numbers(_ value: JSONValue, _ arguments: [JSONValue]) -> [Double] {
        let candidates = (value.arrayValue ?? []) + arguments.flatMap { $0.arrayValue ?? [$0] }
        return candidates.compactMap { candidate in
            switch candidate {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        }
    }

    private func aggregate(_ numbers: [Double]) throws(EvaluationFault) -> Double {
        guard let least = numbers.min(), let greatest = numbers.max() else {
            throw .wrongArgument("\(rawValue)() works on an array with numbers, and there is none")
        }
        let count = Double(numbers.count)
        let sum = numbers.reduce(0, +)
        switch self {
        case .min: return least
        case .max: return greatest
        case .avg: return sum / count
        case .stddev:
            let mean = sum / count
            let squares = numbers.reduce(0) { $0 + $1 * $1 }
            // Of the whole population. Rounding may leave a tiny negative number where all are equal.
            return Swift.max(0, squares / count - mean * mean).squareRoot()
        default: return sum
        }
    }
}

extension [JSONValue] {
    /// The element at a place, counted from the end when negative; nil outside.
    func element(_ place: Int) -> JSONValue? {
        let place = place < 0 ? place + count : place
        guard indices.contains(place) else { return nil }
        return self[place]
    }
}
