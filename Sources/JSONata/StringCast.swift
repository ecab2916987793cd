import JSONModel

// The `$string` cast: text as it is, anything else as JSON with numbers of 15 digits.
extension Evaluator {
    /// Nil for undefined.
    /// - Throws: `D3001` for an infinite number, `D1001` for one inside a structure.
    func string(of value: Value, isPretty: Bool = false) throws(JSONataError) -> String? {
        switch value {
        case .undefined, .tuples: return nil
        case .string(let text): return text
        case .function: return ""
        case .number(let number):
            guard number.isFinite else { throw .make("D3001", about: value) }
            return NumberText.shortest(NumberText.roundedTo15Digits(number))
        case .array(let array) where array.flags.contains(.wrapsInput) && !array.isEmpty:
            return try string(of: array[0], isPretty: isPretty)
        default:
            var writer = StringCastWriter(isPretty: isPretty)
            try write(value, into: &writer, level: 0)
            try chargeMemory(writer.text.utf8.count - writer.charged)
            return writer.text
        }
    }

    private static var textPerCharge: Int { 4096 }

    private func write(_ value: Value, into writer: inout StringCastWriter, level: Int) throws(JSONataError) {
        try charge(3)
        if writer.text.utf8.count - writer.charged > Self.textPerCharge {
            try checkLength(writer.text.utf8.count)
            try chargeMemory(writer.text.utf8.count - writer.charged)
            writer.charged = writer.text.utf8.count
        }
        switch value {
        case .undefined, .null, .tuples: writer.text += "null"
        case .bool(let value): writer.text += value ? "true" : "false"
        case .string(let text):
            try chargeText(text.utf8.count)
            writer.text += JSONValue.string(text).jsonString
        case .function: writer.text += "\"\""
        case .number, .exact:
            let number = try value.finiteNumber()
            writer.text += number.map { NumberText.shortest(NumberText.roundedTo15Digits($0)) } ?? "null"
        case .array(let array):
            writer.open("[")
            for place in 0..<array.count {
                writer.next(place, level: level + 1)
                try write(array[place], into: &writer, level: level + 1)
            }
            writer.close("]", isEmpty: array.isEmpty, level: level)
        case .object(let object): try write(object, into: &writer, level: level)
        }
    }

    private func write(
        _ object: ObjectValue, into writer: inout StringCastWriter, level: Int
    ) throws(JSONataError) {
        writer.open("{")
        var count = 0
        for (key, value) in zip(object.keys, object.values) where !value.isUndefined {
            writer.next(count, level: level + 1)
            count += 1
            writer.text += JSONValue.string(key).jsonString + (writer.isPretty ? ": " : ":")
            try write(value, into: &writer, level: level + 1)
        }
        writer.close("}", isEmpty: count == 0, level: level)
    }
}

/// Brackets, commas and line breaks of JSON text.
private struct StringCastWriter {
    var text = ""
    /// How much of the text is charged for.
    var charged = 0
    let isPretty: Bool

    init(isPretty: Bool) { self.isPretty = isPretty }

    mutating func open(_ bracket: String) { text += bracket }

    mutating func next(_ place: Int, level: Int) {
        if place > 0 { text += "," }
        breakLine(level)
    }

    mutating func close(_ bracket: String, isEmpty: Bool, level: Int) {
        if !isEmpty { breakLine(level) }
        text += bracket
    }

    private mutating func breakLine(_ level: Int) {
        if isPretty { text += "\n" + String(repeating: "  ", count: level) }
    }
}
