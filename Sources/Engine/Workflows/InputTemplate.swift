package import JSONModel
import StatesLanguage

/// A JSON value with paths into an event: the input of a workflow's executions, or their names.
///
/// A text that is a path, `$`, `$.detail.amount` or `$.resources[0]`, stands for the value there; `{$.detail.user}`
/// inside a longer text for its text. A member whose name ends in `.$`, as in the States Language, must be a path. A
/// text that begins with `$$` stands for itself without the first `$`.
package struct InputTemplate: Sendable, Hashable {
    /// As it was written.
    package let document: JSONValue
    private let root: Node

    private indirect enum Node: Sendable, Hashable {
        case literal(JSONValue)
        case path(EventPath)
        case text([Piece])
        case array([Node])
        case object(keys: [String], values: [Node])
    }

    private enum Piece: Sendable, Hashable {
        case text(String)
        case path(EventPath)
    }

    /// - Throws: `InputTemplateError`, the first fault of a template that is not valid.
    package init(_ document: JSONValue) throws(InputTemplateError) {
        let (template, faults) = Self.read(document)
        guard let template else { throw faults.first ?? InputTemplateError(message: "the template is not valid") }
        self = template
    }

    private init(document: JSONValue, root: Node) {
        self.document = document
        self.root = root
    }

    /// - Returns: no template when there are faults: all of them, each with its place.
    static func read(_ document: JSONValue) -> (InputTemplate?, [InputTemplateError]) {
        var parser = Parser()
        let root = parser.node(document, at: "")
        return (parser.faults.isEmpty ? InputTemplate(document: document, root: root) : nil, parser.faults)
    }

    /// Whether it makes the same value of every event.
    var isConstant: Bool { Self.isConstant(root) }

    private static func isConstant(_ node: Node) -> Bool {
        switch node {
        case .literal: true
        case .path, .text: false
        case .array(let nodes), .object(_, let nodes): nodes.allSatisfy(isConstant)
        }
    }

    /// The value that the template makes of an event.
    /// - Throws: `InputTemplateError` when a path leads nowhere.
    package func value(for event: JSONValue) throws(InputTemplateError) -> JSONValue {
        try Self.value(root, event)
    }

    /// Collects what is wrong, and goes on.
    private struct Parser {
        private(set) var faults: [InputTemplateError] = []

        mutating func node(_ value: JSONValue, at place: String) -> Node {
            switch value {
            case .string(let text): return self.text(text, at: place)
            case .array(let elements):
                var nodes: [Node] = []
                for (index, element) in elements.enumerated() { nodes.append(node(element, at: "\(place)/\(index)")) }
                return .array(nodes)
            case .object(let object): return self.object(object, at: place)
            default: return .literal(value)
            }
        }

        private mutating func object(_ object: JSONObject, at place: String) -> Node {
            var (keys, values): ([String], [Node]) = ([], [])
            for (key, member) in object {
                let place = SourceDocument.memberPointer(place, key)
                guard key.hasSuffix(".$") else {
                    keys.append(key)
                    values.append(node(member, at: place))
                    continue
                }
                let name = String(key.dropLast(2))
                if object.contains(name) {
                    faults.append(
                        InputTemplateError(
                            message: "'\(key)' and '\(name)' would both become '\(name)'",
                            hint: "remove one of the two", pointer: place, isAboutName: true))
                }
                keys.append(name)
                if let path = member.stringValue.flatMap(EventPath.init) {
                    values.append(.path(path))
                } else {
                    fault("'\(key)' needs a path such as $.detail.name", at: place)
                    values.append(.literal(member))
                }
            }
            return .object(keys: keys, values: values)
        }

        private mutating func text(_ text: String, at place: String) -> Node {
            if text.hasPrefix("$$") { return .literal(.string(String(text.dropFirst()))) }
            if text == "$" || text.hasPrefix("$.") || text.hasPrefix("$[") {
                if let path = EventPath(text) { return .path(path) }
                fault("'\(text)' is not a valid path", at: place)
                return .literal(.string(text))
            }
            var pieces: [Piece] = []
            var rest = Substring(text)
            while let open = rest.firstRange(of: "{$") {
                guard let close = rest[open.lowerBound...].firstIndex(of: "}") else {
                    fault("'\(text)' lacks the '}' of a path", at: place)
                    break
                }
                let written = String(rest[rest.index(after: open.lowerBound)..<close])
                if open.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<open.lowerBound]))) }
                if let path = EventPath(written) {
                    pieces.append(.path(path))
                } else {
                    fault("'\(written)' is not a valid path", at: place)
                }
                rest = rest[rest.index(after: close)...]
            }
            guard !pieces.isEmpty else { return .literal(.string(text)) }
            if !rest.isEmpty { pieces.append(.text(String(rest))) }
            return .text(pieces)
        }

        private mutating func fault(_ message: String, at place: String) {
            faults.append(
                InputTemplateError(message: message, hint: "a path is such as $.detail.name", pointer: place))
        }
    }

    private static func value(_ node: Node, _ event: JSONValue) throws(InputTemplateError) -> JSONValue {
        switch node {
        case .literal(let value): return value
        case .path(let path): return try path.value(in: event)
        case .text(let pieces):
            var text = ""
            for piece in pieces {
                switch piece {
                case .text(let part): text += part
                case .path(let path):
                    let value = try path.value(in: event)
                    text += value.stringValue ?? value.jsonString
                }
            }
            return .string(text)
        case .array(let nodes):
            var values: [JSONValue] = []
            for node in nodes { values.append(try value(node, event)) }
            return .array(values)
        case .object(let keys, let nodes):
            var object = JSONObject()
            for (key, node) in zip(keys, nodes) { object[key] = try value(node, event) }
            return .object(object)
        }
    }
}

/// Why a template is not valid, or has no value for an event.
package struct InputTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    package let message: String
    let hint: String?
    /// JSON pointer into the template.
    let pointer: String
    /// Whether the name of the member there is meant rather than its value.
    let isAboutName: Bool
    package var description: String { message }

    init(message: String, hint: String? = nil, pointer: String = "", isAboutName: Bool = false) {
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.isAboutName = isAboutName
    }
}
