package import JSONModel
import WallTime

/// An EventBridge event pattern: which events start a workflow.
///
/// Every field that the pattern names must match; a leaf is a list of alternatives. When the event has an array where
/// the pattern has a leaf or a nested pattern, one matching element is enough.
package struct EventPattern: Sendable, Hashable {
    /// As it was written.
    package let document: JSONValue
    let root: Node

    indirect enum Node: Sendable, Hashable {
        /// All fields must match, and of each group of alternatives (`$or`) one.
        case fields([Field], alternatives: [[Node]])
        case leaf([EventMatcher])
    }

    struct Field: Sendable, Hashable {
        let name: String
        let node: Node
    }

    /// - Throws: `EventPatternError` with a JSON pointer to what is wrong.
    package init(_ document: JSONValue) throws(EventPatternError) {
        self.document = document
        var parser = EventPatternParser()
        root = try parser.parse(document)
    }

    package func matches(_ event: JSONValue) -> Bool { Self.matches(root, event) }

    private static func matches(_ node: Node, _ value: JSONValue?) -> Bool {
        switch node {
        case .leaf(let matchers): matchers.contains { $0.matches(value) }
        case .fields(let fields, let alternatives): matches(fields, alternatives, value)
        }
    }

    private static func matches(_ fields: [Field], _ alternatives: [[Node]], _ value: JSONValue?) -> Bool {
        if case .array(let elements)? = value {
            return elements.contains { matches(fields, alternatives, $0) }
        }
        return fields.allSatisfy { matches($0.node, value?[$0.name]) }
            && alternatives.allSatisfy { group in group.contains { matches($0, value) } }
    }
}

/// Why an event pattern cannot be understood.
package struct EventPatternError: Error, Equatable, Sendable, CustomStringConvertible {
    package let message: String
    package let hint: String?
    /// JSON pointer into the pattern.
    package let pointer: String

    package var description: String { "\(pointer.isEmpty ? "the pattern" : pointer): \(message)" }
}

extension BusEvent {
    /// The event as EventBridge sends it: what patterns match and inputs are made from.
    package var envelope: JSONValue {
        [
            "version": "0", "id": .string(id), "detail-type": .string(detailType), "source": .string(source),
            "account": .string(account), "time": .string(at.iso8601), "region": .string(region),
            "resources": .array(resources.map { .string($0) }), "detail": detail,
        ]
    }
}
