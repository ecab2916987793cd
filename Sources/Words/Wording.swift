package import JSONModel

/// A text for people in every language that Steward writes in, side by side: one that lacks a language does not compile.
package struct Wording: Sendable, Hashable {
    package let english: String
    package let spanish: String

    package init(_ english: String, es spanish: String) {
        self.english = english
        self.spanish = spanish
    }

    /// What somebody else said, such as an error of AWS, or a name: it stands as it is in every language.
    package static func quoted(_ text: String) -> Wording { Wording(text, es: text) }
}

extension Wording {
    /// A list as it is handed on in JSON: `NAME` holds the English texts, as it always did, and `NAMEIn` the same texts by
    /// language.
    package static func members(_ name: String, _ texts: [Wording]) -> [(String, JSONValue)] {
        [
            (name, .array(texts.map { .string($0.english) })),
            (name + "In", ["es": .array(texts.map { .string($0.spanish) })]),
        ]
    }

    /// One text as it is handed on in JSON, under `NAME` and `NAMEIn` like a list.
    package static func members(_ name: String, _ text: Wording) -> [(String, JSONValue)] {
        [(name, .string(text.english)), (name + "In", ["es": .string(text.spanish)])]
    }

    /// The texts of a list that `object` holds. What is only there in English, as before there were other languages, is
    /// quoted.
    package static func list(_ name: String, in object: JSONValue) -> [Wording] {
        let english = (object[name]?.arrayValue ?? []).compactMap(\.stringValue)
        let spanish = (object[name + "In"]?["es"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard english.count == spanish.count else { return english.map(quoted) }
        return zip(english, spanish).map { Wording($0, es: $1) }
    }

    /// The text that `object` holds; nil when there is none.
    package static func text(_ name: String, in object: JSONValue) -> Wording? {
        object[name]?.stringValue.map { Wording($0, es: object[name + "In"]?["es"]?.stringValue ?? $0) }
    }
}
