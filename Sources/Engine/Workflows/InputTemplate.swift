package import JSONModel

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

    /// - Throws: `InputTemplateError` for a text that begins like a path and is none.
    package init(_ document: JSONValue) throws(InputTemplateError) {
        self.document = document
        root = try Self.node(document)
    }

    /// The value that the template makes of an event.
    /// - Throws: `InputTemplateError` when a path leads nowhere.
    package func value(for event: JSONValue) throws(InputTemplateError) -> JSONValue {
        try Self.value(root, event)
    }

    private static func node(_ value: JSONValue) throws(InputTemplateError) -> Node {
        switch value {
        case .string(let text): return try self.text(text)
        case .array(let elements):
            var nodes: [Node] = []
            for element in elements { nodes.append(try node(element)) }
            return .array(nodes)
        case .object(let object):
            var (keys, values): ([String], [Node]) = ([], [])
            for (key, member) in object {
                if key.hasSuffix(".$") {
                    guard let path = member.stringValue.flatMap(EventPath.init) else {
                        throw InputTemplateError(message: "'\(key)' needs a path such as $.detail.name")
                    }
                    keys.append(String(key.dropLast(2)))
                    values.append(.path(path))
                } else {
                    keys.append(key)
                    values.append(try node(member))
                }
            }
            return .object(keys: keys, values: values)
        default: return .literal(value)
        }
    }

    private static func text(_ text: String) throws(InputTemplateError) -> Node {
        if text.hasPrefix("$$") { return .literal(.string(String(text.dropFirst()))) }
        if text == "$" || text.hasPrefix("$.") || text.hasPrefix("$[") {
            guard let path = EventPath(text) else { throw InputTemplateError(message: "'\(text)' is not a valid path") }
            return .path(path)
        }
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{$") {
            guard let close = rest[open.lowerBound...].firstIndex(of: "}") else {
                throw InputTemplateError(message: "'\(text)' lacks the '}' of a path")
            }
            let written = String(rest[rest.index(after: open.lowerBound)..<close])
            guard let path = EventPath(written) else {
                throw InputTemplateError(message: "'\(written)' is not a valid path")
            }
            if open.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<open.lowerBound]))) }
            pieces.append(.path(path))
            rest = rest[rest.index(after: close)...]
        }
        guard !pieces.isEmpty else { return .literal(.string(text)) }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return .text(pieces)
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
    package var description: String { message }
}

/// A path to one place of an event: `$`, `.name`, `['name']`, `[0]`.
struct EventPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
    }

    let text: String
    private let steps: [Step]

    init?(_ text: String) {
        guard text.first == "$" else { return nil }
        var rest = text.dropFirst()
        var steps: [Step] = []
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" && !$0.isWhitespace }
                guard !name.isEmpty else { return nil }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(name.count)
            } else if first == "[", let close = rest.firstIndex(of: "]") {
                let inside = rest[..<close]
                if let quote = inside.first, quote == "'" || quote == "\"" {
                    guard inside.count > 2, inside.last == quote else { return nil }
                    steps.append(.member(String(inside.dropFirst().dropLast())))
                } else {
                    guard let index = Int(inside), index >= 0 else { return nil }
                    steps.append(.element(index))
                }
                rest = rest[rest.index(after: close)...]
            } else {
                return nil
            }
        }
        self.text = text
        self.steps = steps
    }

    func value(in event: JSONValue) throws(InputTemplateError) -> JSONValue {
        var value = event
        for step in steps {
            let next =
                switch step {
                case .member(let name): value[name]
                case .element(let index): value[index]
                }
            guard let next else { throw InputTemplateError(message: "the event has nothing at \(text)") }
            value = next
        }
        return value
    }
}
