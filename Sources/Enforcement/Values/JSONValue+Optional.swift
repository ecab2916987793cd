import JSONModel

extension JSONValue {
    /// The text; null for none.
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
