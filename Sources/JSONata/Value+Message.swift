import JSONModel

extension Value {
    /// The value as JSON in an error message, cut when it is long.
    ///
    /// Values may share parts, so that a small one unfolds into a giant: writing stops as soon as there is enough.
    var quotedForMessage: String {
        switch self {
        case .undefined: return "undefined"
        case .function: return "a function"
        case .tuples: return "a sequence"
        default:
            var writer = MessageWriter()
            writer.write(self)
            return writer.isCut ? writer.text + "…" : writer.text
        }
    }
}

/// Writes compact JSON up to a limit.
private struct MessageWriter {
    /// Bytes; what Step Functions shows of a cause.
    private static let limit = 32_768

    private(set) var text = ""
    private(set) var isCut = false

    mutating func write(_ value: Value) {
        guard !isCut else { return }
        switch value {
        case .undefined, .null, .function, .tuples: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .number(let value): put(value.isFinite ? NumberText.shortest(value) : "null")
        case .exact(let value): put(String(value))
        case .string(let value): put(quoted(value))
        case .array(let array):
            put("[")
            for place in 0..<array.count where !isCut {
                if place > 0 { put(",") }
                write(array[place])
            }
            put("]")
        case .object(let object): write(object)
        }
    }

    private mutating func write(_ object: ObjectValue) {
        put("{")
        var isFirst = true
        for (key, value) in zip(object.keys, object.values) where !isCut {
            switch value {
            case .undefined, .function, .tuples: continue
            default: break
            }
            if !isFirst { put(",") }
            isFirst = false
            put(quoted(key) + ":")
            write(value)
        }
        put("}")
    }

    private func quoted(_ text: String) -> String {
        let short = text.utf8.count > Self.limit ? String(text.unicodeScalars.prefix(Self.limit)) : text
        return JSONValue.string(short).jsonString
    }

    private mutating func put(_ part: String) {
        guard !isCut else { return }
        text += part
        guard text.utf8.count > Self.limit else { return }
        text = String(text.unicodeScalars.prefix(Self.limit))
        isCut = true
    }
}
