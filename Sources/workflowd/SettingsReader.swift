import JSONModel
import StatesLanguage

/// Reads the members of one object of the configuration file, and says of every fault where it stands.
struct SettingsReader {
    let document: SourceDocument
    let pointer: String

    private var object: JSONObject {
        get throws {
            let value = value(at: pointer)
            if value.isNull { return [:] }
            guard let object = value.objectValue else { throw fault("", "must be a mapping, not \(value.kind)") }
            return object
        }
    }

    private func value(at pointer: String) -> JSONValue {
        pointer.split(separator: "/").reduce(document.value) { value, part in
            Int(part).flatMap { value[$0] } ?? value[String(part)] ?? .null
        }
    }

    /// What the section sets.
    var names: [String] { get throws { try object.keys } }
    var isEmpty: Bool { get throws { try object.isEmpty } }

    func section(_ name: String) -> SettingsReader { SettingsReader(document: document, pointer: "\(pointer)/\(name)") }

    /// The elements of a list, each as a section.
    func list(_ name: String) throws -> [SettingsReader]? {
        guard let value = try object[name], !value.isNull else { return nil }
        guard let elements = value.arrayValue else { throw fault(name, "must be a list, not \(value.kind)") }
        return elements.indices.map { section("\(name)/\($0)") }
    }

    /// - Throws: for a member that is not among `names`.
    func allow(_ names: [String]) throws {
        for name in try object.keys where !names.contains(name) {
            let near = names.first { $0.lowercased() == name.lowercased() || $0.hasPrefix(name) || name.hasPrefix($0) }
            throw fault(
                name,
                "is not a setting"
                    + (near.map { "; did you mean \($0)?" } ?? "; known here: \(names.joined(separator: ", "))"))
        }
    }

    func text(_ name: String) throws -> String? {
        guard let value = try object[name], !value.isNull else { return nil }
        guard let text = value.stringValue else { throw fault(name, "must be a text, not \(value.kind)") }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = try object[name], !value.isNull else { return nil }
        guard let number = value.intValue.flatMap(Int.init(exactly:)), range.contains(number) else {
            throw fault(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return number
    }

    func flag(_ name: String) throws -> Bool? {
        guard let value = try object[name], !value.isNull else { return nil }
        guard let flag = value.boolValue else { throw fault(name, "must be true or false, not \(value)") }
        return flag
    }

    func texts(_ name: String) throws -> [String]? {
        guard let value = try object[name], !value.isNull else { return nil }
        if let one = value.stringValue { return [one] }
        guard let texts = value.arrayValue?.map(\.stringValue), texts.allSatisfy({ $0 != nil }) else {
            throw fault(name, "must be a list of texts")
        }
        return texts.compactMap(\.self)
    }

    /// A text that `read` understands.
    func parsed<Value>(_ name: String, as what: String, _ read: (String) -> Value?) throws -> Value? {
        // Numbers are welcome where a text that looks like one is meant: `limit: 25.00`.
        guard let value = try object[name], !value.isNull else { return nil }
        let text = value.stringValue ?? value.jsonString
        guard let result = read(text) else { throw fault(name, "must be \(what), not \"\(text)\"") }
        return result
    }

    func choice<Value: RawRepresentable & CaseIterable>(_ name: String) throws -> Value?
    where Value.RawValue == String {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try parsed(name, as: "one of \(known)", Value.init(rawValue:))
    }

    func required(_ name: String) throws -> String {
        guard let text = try text(name) else { throw fault("", "lacks \"\(name)\"") }
        return text
    }

    func fault(_ name: String, _ problem: String) -> ConfigurationError {
        ConfigurationError("\(place(of: name)) \(problem).")
    }

    /// `FILE:LINE:COLUMN: NAME`
    func place(of name: String) -> String {
        let place = name.isEmpty ? pointer : "\(pointer)/\(name)"
        let position = document.keyPosition(of: place) ?? document.position(of: place)
        let line = position.map { ":\($0.line):\($0.column)" } ?? ""
        let path = place.dropFirst().split(separator: "/").joined(separator: ".")
        return "\(document.file ?? "the configuration")\(line): \(path.isEmpty ? "the settings" : path)"
    }
}

extension JSONValue {
    /// What it is, in the words of those who write YAML.
    fileprivate var kind: String {
        switch self {
        case .array: "a list"
        case .object: "a mapping"
        default: "a \(typeName)"
        }
    }
}
