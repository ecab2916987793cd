package import JSONModel
import StatesLanguage

/// What a JSON value has to be like.
///
/// Values of a scenario file stand for themselves. An object with a single member whose name is one of `names` says
/// something else.
package indirect enum Matcher: Sendable {
    case exactly(JSONValue)
    /// An object, or the elements of an array, some of which are not plain values.
    case object([(key: String, value: Matcher)], isOpen: Bool)
    case array([Matcher])
    /// Anything, as long as it is there.
    case any
    case absent
    case type(String)
    /// A text with this part, an array with an element like this.
    case contains(Matcher)
    /// A text in which the regular expression is found.
    case pattern(String)
    case oneOf([Matcher])

    static let names = ["$any", "$absent", "$type", "$contains", "$matches", "$partial", "$exact", "$oneOf"]

    func matches(_ value: JSONValue?) -> Bool { differences(from: value, at: "").isEmpty }
}

/// One place where a value is not as it has to be.
package struct Difference: Sendable, Equatable {
    /// JSON pointer into the value.
    package var pointer: String
    package var expected: String
    /// Nil when there is nothing.
    package var got: JSONValue?
}

extension Matcher {
    /// Where `value` is not like this, in the order of the expectation.
    func differences(from value: JSONValue?, at pointer: String) -> [Difference] {
        switch self {
        case .absent: return value == nil ? [] : [Difference(pointer: pointer, expected: "nothing", got: value)]
        case .oneOf(let matchers) where matchers.contains { $0.matches(value) }: return []
        case .exactly(let wanted): return wanted.differences(from: value, at: pointer)
        case .object(let members, let isOpen): return differences(members, isOpen, from: value, at: pointer)
        case .array(let elements): return differences(elements, from: value, at: pointer)
        default:
            guard let value, holds(for: value) else {
                return [Difference(pointer: pointer, expected: words, got: value)]
            }
            return []
        }
    }

    private func holds(for value: JSONValue) -> Bool {
        switch self {
        case .any: return true
        case .type(let name): return value.typeName == name
        case .contains(let part):
            if let elements = value.arrayValue { return elements.contains { part.matches($0) } }
            guard let text = value.stringValue, case .exactly(.string(let wanted)) = part else { return false }
            return wanted.isEmpty || text.contains(wanted)
        case .pattern(let pattern): return value.stringValue.map { RegularExpression.isFound(pattern, in: $0) } ?? false
        case .exactly, .object, .array, .absent, .oneOf: return false
        }
    }

    private func differences(
        _ members: [(key: String, value: Matcher)], _ isOpen: Bool, from value: JSONValue?, at pointer: String
    ) -> [Difference] {
        guard let object = value?.objectValue else {
            return [Difference(pointer: pointer, expected: words, got: value)]
        }
        var found = members.flatMap {
            $0.value.differences(from: object[$0.key], at: SourceDocument.memberPointer(pointer, $0.key))
        }
        guard !isOpen else { return found }
        for (key, value) in object where !members.contains(where: { $0.key == key }) {
            found.append(
                Difference(pointer: SourceDocument.memberPointer(pointer, key), expected: "nothing", got: value))
        }
        return found
    }

    private func differences(_ elements: [Matcher], from value: JSONValue?, at pointer: String) -> [Difference] {
        guard let array = value?.arrayValue else {
            return [Difference(pointer: pointer, expected: words, got: value)]
        }
        return (0..<max(elements.count, array.count)).flatMap { index -> [Difference] in
            let (place, got) = ("\(pointer)/\(index)", array.indices.contains(index) ? array[index] : nil)
            guard elements.indices.contains(index) else {
                return [Difference(pointer: place, expected: "nothing", got: got)]
            }
            return elements[index].differences(from: got, at: place)
        }
    }

    /// The matcher for people.
    var words: String {
        switch self {
        case .exactly(let value): value.jsonString
        case .any: "anything"
        case .absent: "nothing"
        case .type(let name): name == "null" ? "null" : "\("aeiou".contains(name.prefix(1)) ? "an" : "a") \(name)"
        case .contains(let part): "something that contains \(part.words)"
        case .pattern(let pattern): "a text that matches /\(pattern)/"
        case .oneOf(let matchers): "one of " + matchers.map(\.words).joined(separator: ", ")
        case .array(let elements): "[" + elements.map(\.words).joined(separator: ", ") + "]"
        case .object(let members, let isOpen):
            "{" + (members.map { "\($0.key): \($0.value.words)" } + (isOpen ? ["…"] : [])).joined(separator: ", ") + "}"
        }
    }
}

extension JSONValue {
    /// Where `value` is not equal to this one.
    fileprivate func differences(from value: JSONValue?, at pointer: String) -> [Difference] {
        switch (self, value) {
        case (.object(let wanted), .object):
            Matcher.object(wanted.map { ($0, .exactly($1)) }, isOpen: false).differences(from: value, at: pointer)
        case (.array(let wanted), .array):
            Matcher.array(wanted.map { .exactly($0) }).differences(from: value, at: pointer)
        default:
            self == value ? [] : [Difference(pointer: pointer, expected: jsonString, got: value)]
        }
    }
}

/// Regular expressions of scenario files: Swift's own.
enum RegularExpression {
    /// Why the text is not a regular expression; nil when it is one.
    static func fault(in pattern: String) -> String? {
        do {
            _ = try Regex(pattern)
            return nil
        } catch {
            return "\(error)"
        }
    }

    static func isFound(_ pattern: String, in text: String) -> Bool {
        // A pattern was checked when it was read; one that is not a pattern is found nowhere.
        guard let expression = try? Regex(pattern) else { return false }
        return text.contains(expression)
    }
}
