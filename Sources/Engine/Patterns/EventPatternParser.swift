import JSONModel
import StatesLanguage

/// Reads an event pattern, and says exactly what is wrong with one that is not valid.
struct EventPatternParser {
    private var path: [String] = []

    /// Nesting that no event has, so that a hostile pattern cannot exhaust the stack.
    private static let deepest = 64

    mutating func parse(_ document: JSONValue) throws(EventPatternError) -> EventPattern.Node {
        guard case .object(let object) = document else {
            throw failure("a pattern is an object", hint: "such as {\"source\": [\"aws.iam\"]}")
        }
        guard !object.isEmpty else { throw failure("an empty pattern matches nothing", hint: "name a field") }
        return try fields(object)
    }

    private mutating func fields(_ object: JSONObject) throws(EventPatternError) -> EventPattern.Node {
        guard path.count < Self.deepest else { throw failure("the pattern is nested too deeply") }
        var fields: [EventPattern.Field] = []
        var alternatives: [[EventPattern.Node]] = []
        for (name, value) in object {
            path.append(name)
            if name == "$or" {
                alternatives.append(try group(value))
            } else {
                fields.append(EventPattern.Field(name: name, node: try node(value)))
            }
            path.removeLast()
        }
        return .fields(fields, alternatives: alternatives)
    }

    private mutating func group(_ value: JSONValue) throws(EventPatternError) -> [EventPattern.Node] {
        guard case .array(let members) = value, members.count >= 2 else {
            throw failure(
                "'$or' takes a list of at least two patterns",
                hint: "such as [{\"source\": [\"a\"]}, {\"source\": [\"b\"]}]")
        }
        var nodes: [EventPattern.Node] = []
        for (place, member) in members.enumerated() {
            path.append(String(place))
            guard case .object(let object) = member, !object.isEmpty else {
                throw failure(
                    "an alternative of '$or' is a pattern: an object with at least one field",
                    hint: "such as {\"source\": [\"a\"]}")
            }
            nodes.append(try fields(object))
            path.removeLast()
        }
        return nodes
    }

    private mutating func node(_ value: JSONValue) throws(EventPatternError) -> EventPattern.Node {
        switch value {
        case .object(let object):
            guard !object.isEmpty else { throw failure("an empty object matches nothing", hint: "name a field") }
            return try fields(object)
        case .array(let members):
            guard !members.isEmpty else { throw failure("an empty list matches nothing", hint: "name a value") }
            var matchers: [EventMatcher] = []
            for (place, member) in members.enumerated() {
                path.append(String(place))
                matchers.append(try matcher(member))
                path.removeLast()
            }
            return .leaf(matchers)
        default:
            throw failure("a value to match stands in a list", hint: "write [\(value.jsonString)]")
        }
    }

    private mutating func matcher(_ value: JSONValue) throws(EventPatternError) -> EventMatcher {
        switch value {
        case .object(let object):
            guard object.count == 1, let name = object.keys.first, let operand = object.values.first else {
                throw failure("a condition has exactly one name", hint: "such as {\"prefix\": \"eu-\"}")
            }
            path.append(name)
            defer { path.removeLast() }
            return try condition(name, operand)
        case .array:
            throw failure("a list inside a list cannot be matched", hint: "write its values into the outer list")
        default: return .equals(value)
        }
    }

    private func condition(_ name: String, _ operand: JSONValue) throws(EventPatternError) -> EventMatcher {
        switch name {
        case "exists":
            guard let wanted = operand.boolValue else {
                throw failure("'exists' takes true or false", hint: "without quotes")
            }
            return .exists(wanted)
        case "numeric": return .numeric(try bounds(operand))
        case "cidr":
            guard let range = operand.stringValue.flatMap(AddressRange.init) else {
                throw failure("'cidr' takes a block of addresses", hint: "such as \"10.0.0.0/24\"")
            }
            return .cidr(range)
        case "anything-but": return .anythingBut(try exclusions(operand))
        default: return try textCondition(name, operand)
        }
    }

    private func textCondition(_ name: String, _ operand: JSONValue) throws(EventPatternError) -> EventMatcher {
        switch name {
        case "prefix", "suffix":
            let folded = operand["equals-ignore-case"]
            guard let text = (folded ?? operand).stringValue else {
                throw failure("'\(name)' takes a text", hint: "such as {\"\(name)\": \"eu-\"}")
            }
            return name == "prefix"
                ? .prefix(text, ignoringCase: folded != nil) : .suffix(text, ignoringCase: folded != nil)
        case "equals-ignore-case":
            guard let text = operand.stringValue else {
                throw failure("'equals-ignore-case' takes a text", hint: "such as {\"equals-ignore-case\": \"alice\"}")
            }
            return .equalsIgnoringCase(text)
        case "wildcard":
            guard let pattern = operand.stringValue.flatMap(EventWildcard.init) else {
                throw failure(
                    "'wildcard' takes a text without two stars in a row",
                    hint: "'*' stands for anything, '\\*' for a star and '\\\\' for a backslash")
            }
            return .wildcard(pattern)
        default:
            throw failure(
                "'\(name)' is not a condition",
                hint: "use prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists or cidr")
        }
    }

    private func exclusions(_ operand: JSONValue) throws(EventPatternError) -> [EventMatcher] {
        switch operand {
        case .object(let object):
            guard object.count == 1, let name = object.keys.first, let inner = object.values.first,
                ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(name)
            else {
                throw failure("'anything-but' takes values, or prefix, suffix, equals-ignore-case or wildcard")
            }
            var matchers: [EventMatcher] = []
            for value in inner.arrayValue ?? [inner] { matchers.append(try textCondition(name, value)) }
            guard !matchers.isEmpty else { throw failure("an empty list excludes nothing") }
            return matchers
        case .array(let values):
            guard !values.isEmpty, values.allSatisfy({ $0.stringValue != nil || $0.doubleValue != nil }) else {
                throw failure("'anything-but' takes texts or numbers")
            }
            return values.map { .equals($0) }
        case .string, .int, .double: return [.equals(operand)]
        default: throw failure("'anything-but' takes texts or numbers")
        }
    }

    private func bounds(_ operand: JSONValue) throws(EventPatternError) -> [EventMatcher.NumericBound] {
        let hint = "such as [\">\", 0, \"<=\", 100]"
        guard let parts = operand.arrayValue, parts.count == 2 || parts.count == 4 else {
            throw failure("'numeric' takes one or two comparisons", hint: hint)
        }
        var bounds: [EventMatcher.NumericBound] = []
        for place in stride(from: 0, to: parts.count, by: 2) {
            guard let relation = parts[place].stringValue.flatMap(EventMatcher.NumericBound.Relation.init),
                let limit = parts[place + 1].doubleValue
            else { throw failure("'numeric' takes a comparison (=, <, <=, >, >=) and a number", hint: hint) }
            bounds.append(EventMatcher.NumericBound(relation: relation, limit: limit))
        }
        guard EventMatcher.NumericBound.leaveNumbers(bounds) else {
            let words = parts.map { $0.stringValue ?? $0.jsonString }
            let both = "\(words[0]) \(words[1]) and \(words[2]) \(words[3])"
            throw failure("no number is \(both): it never matches", hint: hint)
        }
        return bounds
    }

    private func failure(_ message: String, hint: String? = nil) -> EventPatternError {
        EventPatternError(message: message, hint: hint, pointer: path.reduce("", SourceDocument.memberPointer))
    }
}
