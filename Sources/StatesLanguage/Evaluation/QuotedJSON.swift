package import JSONModel

extension JSONValue {
    /// The value as compact JSON in the cause of an error, cut with `…` where it is long: a value whose parts are shared
    /// may unfold to gigabytes.
    package var quotedForCause: String {
        var writer = CauseWriter()
        writer.write(self)
        return writer.isCut ? writer.text + "…" : writer.text
    }
}

/// Writes compact JSON up to the length that AWS gives a cause.
private struct CauseWriter {
    private static let limit = 32_768

    private(set) var text = ""
    private(set) var isCut = false

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null, .bool, .int, .double: put(value.jsonString)
        case .string(let text): put(quoted(text))
        case .array(let elements):
            put("[")
            for (place, element) in elements.enumerated() {
                guard !isCut else { return }
                if place > 0 { put(",") }
                write(element)
            }
            put("]")
        case .object(let object):
            put("{")
            for (place, (key, value)) in object.enumerated() {
                guard !isCut else { return }
                if place > 0 { put(",") }
                put(quoted(key) + ":")
                write(value)
            }
            put("}")
        }
    }

    /// No more of a long text than there may be.
    private func quoted(_ text: String) -> String {
        guard text.utf8.count > Self.limit else { return JSONValue.string(text).jsonString }
        return JSONValue.string(String(text.unicodeScalars.prefix(Self.limit + 1))).jsonString
    }

    private mutating func put(_ more: String) {
        guard !isCut else { return }
        guard text.utf8.count + more.utf8.count > Self.limit else { return text += more }
        text += String(more.unicodeScalars.prefix(max(0, Self.limit - text.utf8.count)))
        isCut = true
    }
}
