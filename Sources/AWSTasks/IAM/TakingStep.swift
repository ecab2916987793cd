import JSONModel

/// One kind of access that a suspension takes, and what of it: the workflow goes from one to the next, and what is about to
/// be taken is noted with the backup before it is. Only that is given back: of what nobody came to, a person may have
/// taken something in the meantime.
package struct TakingStep: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// The deny, where the mode has one.
        case first
        /// Managed policies.
        case detach
        /// Bedrock API keys.
        case key
        /// Everything at once, for workflows that began before there were steps.
        case all

        var isFirst: Bool { self == .first || self == .all }
    }

    package var kind: Kind
    /// ARNs of the policies, or ids of the keys, that it takes.
    package var items: [String] = []

    package init(kind: Kind, items: [String] = []) {
        self.kind = kind
        self.items = items
    }
}

extension TakingStep {
    var json: JSONValue {
        ["step": .string(kind.rawValue), "items": .array(items.map(JSONValue.string))]
    }

    /// Nil for what is none.
    init?(json: JSONValue) {
        guard let kind = json["step"]?.stringValue.flatMap(Kind.init(rawValue:)) else { return nil }
        self.init(kind: kind, items: (json["items"]?.arrayValue ?? []).compactMap(\.stringValue))
    }
}

extension TakenAway {
    /// What the steps before have taken, as their answer said it; nil where there is no next step.
    init?(json: JSONValue) {
        guard let next = json["next"].flatMap(TakingStep.init(json:)) else { return nil }
        func texts(_ name: String) -> [String] { (json[name]?.arrayValue ?? []).compactMap(\.stringValue) }
        self.init()
        (denied, detached) = (json["denied"]?.boolValue ?? false, texts("detached"))
        (inactivated, self.next) = (texts("inactivated"), next)
    }
}
