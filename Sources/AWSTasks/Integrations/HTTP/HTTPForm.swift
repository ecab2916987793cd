import AWSClient
import JSONModel

/// Writes a request's body as `application/x-www-form-urlencoded` (AWS, "Call HTTPS APIs", "URL-encoding").
struct HTTPForm {
    /// How the elements of an array are told apart.
    enum ArrayFormat: String {
        /// `a[0]=1&a[1]=2`
        case indices = "INDICES"
        /// `a=1&a=2`
        case repeated = "REPEAT"
        /// `a=1,2`
        case commas = "COMMAS"
        /// `a[]=1&a[]=2`
        case brackets = "BRACKETS"
        /// `a=[1,2]`
        case none = "NONE"
    }

    let arrays: ArrayFormat
    private var fields: [String] = []

    static func text(_ body: JSONObject, arrays: ArrayFormat) -> String {
        var form = HTTPForm(arrays: arrays)
        for (name, value) in body { form.append(value, name: name) }
        return form.fields.joined(separator: "&")
    }

    private init(arrays: ArrayFormat) { self.arrays = arrays }

    private mutating func append(_ value: JSONValue, name: String) {
        switch value {
        case .object(let members): for (key, value) in members { append(value, name: "\(name)[\(key)]") }
        case .array(let elements): append(elements, name: name)
        default: append(Self.text(value), name: name)
        }
    }

    private mutating func append(_ elements: [JSONValue], name: String) {
        switch arrays {
        case .indices: for (index, element) in elements.enumerated() { append(element, name: "\(name)[\(index)]") }
        case .repeated: for element in elements { append(element, name: name) }
        case .brackets: for element in elements { append(element, name: "\(name)[]") }
        case .commas: append(elements.map(Self.text).joined(separator: ","), name: name)
        case .none: append(JSONValue.array(elements).jsonString, name: name)
        }
    }

    private mutating func append(_ text: String, name: String) {
        fields.append("\(percentEncoded(name))=\(percentEncoded(text))")
    }

    /// A value in a query or a form: texts as they are, null as nothing, everything else as JSON.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .null: ""
        default: value.jsonString
        }
    }
}
