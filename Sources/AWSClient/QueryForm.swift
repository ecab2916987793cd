import JSONModel

/// Writes the form of a request in AWS's query protocol: nested members joined with dots, lists numbered from one.
struct QueryForm {
    /// How members that are maps, and not structures, are written: the names of a map's key and value. JSON shows no
    /// difference between the two, so each one that the query services have stands here.
    private static let maps: [String: [String: (key: String, value: String)]] = [
        "sns": [
            "Attributes": ("key", "value"), "attributes": ("key", "value"), "MessageAttributes": ("Name", "Value"),
        ]
    ]

    private let service: String
    private var fields: [(name: String, value: String)]

    /// The fields of an action, in the order of its parameters; null stands for an absent member.
    static func fields(
        of action: String, version: String, service: String, _ parameters: JSONObject
    ) -> [(name: String, value: String)] {
        var form = QueryForm(service: service, fields: [("Action", action), ("Version", version)])
        form.append(parameters, prefix: "")
        return form.fields
    }

    /// The body of a request, as `application/x-www-form-urlencoded`.
    static func body(_ fields: [(name: String, value: String)]) -> [UInt8] {
        Array(fields.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.joined(separator: "&").utf8)
    }

    private mutating func append(_ object: JSONObject, prefix: String) {
        for (name, value) in object {
            if let names = Self.maps[service]?[name], case .object(let entries) = value {
                append(map: entries, prefix: prefix + name, names)
            } else {
                append(value, name: prefix + name)
            }
        }
    }

    private mutating func append(map entries: JSONObject, prefix: String, _ names: (key: String, value: String)) {
        for (index, (key, value)) in entries.enumerated() {
            let entry = "\(prefix).entry.\(index + 1)"
            fields.append(("\(entry).\(names.key)", key))
            append(value, name: "\(entry).\(names.value)")
        }
    }

    private mutating func append(_ value: JSONValue, name: String) {
        switch value {
        case .null: break
        case .string(let text): fields.append((name, text))
        case .bool, .int, .double: fields.append((name, value.jsonString))
        case .array(let elements):
            // An empty list is said, since leaving it out would mean "as it is".
            if elements.isEmpty { fields.append((name, "")) }
            for (index, element) in elements.enumerated() { append(element, name: "\(name).member.\(index + 1)") }
        case .object(let object): append(object, prefix: "\(name).")
        }
    }
}
