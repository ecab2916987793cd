import JSONModel
import WallTime

/// S3's XML documents as JSON, as an SDK would give their members, and the other way round.
enum S3Document {
    /// Lists that are elements side by side, without one around them.
    private static let flattenedLists: Set<String> = ["ChecksumAlgorithm", "CommonPrefixes", "Contents"]
    /// Lists that are an element with elements of that name inside.
    private static let lists = ["Buckets": "Bucket", "Tags": "Tag"]
    /// What S3 encodes when it is asked to (`encoding-type=url`).
    private static let encodedMembers: Set<String> = ["Delimiter", "Key", "Prefix", "StartAfter"]

    /// The members of a document's root element.
    static func members(_ root: XMLElement) -> JSONObject {
        object(root, isEncoded: root.child("EncodingType")?.text == "url")
    }

    private static func object(_ element: XMLElement, isEncoded: Bool) -> JSONObject {
        var object = JSONObject()
        var flattened: [String: [JSONValue]] = [:]
        for child in element.children {
            let value = value(child, isEncoded: isEncoded)
            guard flattenedLists.contains(child.name) else {
                object[child.name] = value
                continue
            }
            flattened[child.name, default: []].append(value)
            // Keeps the member's place.
            object[child.name] = []
        }
        for (name, elements) in flattened { object[name] = .array(elements) }
        return object
    }

    private static func value(_ element: XMLElement, isEncoded: Bool) -> JSONValue {
        if let name = lists[element.name] {
            return .array(element.children.filter { $0.name == name }.map { value($0, isEncoded: isEncoded) })
        }
        guard element.children.isEmpty else { return .object(object(element, isEncoded: isEncoded)) }
        guard isEncoded, encodedMembers.contains(element.name) else { return scalar(element.name, element.text) }
        // S3 writes a blank as a plus sign, and a plus sign as %2B.
        return .string(percentDecoded(element.text.replacing("+", with: "%20")) ?? element.text)
    }

    /// A member's text as JSON. What is not of its type stays text.
    static func scalar(_ member: String, _ text: String) -> JSONValue {
        switch S3Members.kind(of: member) {
        case .integer: Int64(text).map(JSONValue.int) ?? .string(text)
        case .boolean where text == "true" || text == "false": .bool(text == "true")
        case .httpDate, .isoDate:
            (Instant(httpDate: text) ?? Instant(iso8601: text)).map { .string(secondsISO8601($0)) } ?? .string(text)
        case .text, .list, .boolean: .string(text)
        }
    }

    /// As AWS shows a time: with a fraction only where there is one.
    private static func secondsISO8601(_ instant: Instant) -> String {
        let text = instant.iso8601
        return text.hasSuffix(".000Z") ? "\(text.dropLast(5))Z" : text
    }

    /// A document in S3's namespace; null members are left out.
    static func write(_ value: JSONValue, root: String) -> [UInt8] {
        var text = "<\(root) xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        append(value, to: &text)
        return Array((text + "</\(root)>").utf8)
    }

    private static func append(_ value: JSONValue, to text: inout String) {
        switch value {
        case .null: break
        case .string(let string): text += escaped(string)
        case .bool, .int, .double: text += value.jsonString
        case .array(let elements): for element in elements { append(element, to: &text) }
        case .object(let object):
            for (name, value) in object where !value.isNull && isElementName(name) {
                text += "<\(name)>"
                if case .array(let elements) = value, let inner = lists[name] {
                    for element in elements { append(.object([inner: element]), to: &text) }
                } else {
                    append(value, to: &text)
                }
                text += "</\(name)>"
            }
        }
    }

    private static func isElementName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 | 0x20 &- 0x61 < 26 }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
