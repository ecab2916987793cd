/// What a `modelId` names, taken apart by its structure.
package struct ModelID: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// A model that its provider publishes, named by `base`.
        case foundation
        /// An opaque profile that an account made; which model it stands for has to be looked up.
        case applicationProfile(id: String)
        /// Bought throughput, paid by the hour rather than by the token.
        case provisioned(id: String)
        case custom(id: String)
        case imported(id: String)
        case promptRouter(id: String)
        /// An ARN of some other kind.
        case other
    }

    /// Where a call may be served, which decides its price.
    package enum Scope: Sendable, Hashable {
        /// In the Region that was called.
        case regional
        /// Anywhere in a geography, such as `eu`.
        case geography(String)
        case global
    }

    /// The text as it came.
    package let text: String
    package let kind: Kind
    package let scope: Scope
    /// The provider's model id without geography, such as `anthropic.claude-sonnet-4-6`; for a custom model the model
    /// it was made from; the text itself when it names none.
    package let base: String

    package init(text: String, kind: Kind, scope: Scope, base: String) {
        self.text = text
        self.kind = kind
        self.scope = scope
        self.base = base
    }

    /// Takes apart a bare id, an inference profile's id, or any Bedrock ARN. Never fails: what it can't tell is `.other`.
    package init(_ text: String) {
        guard text.hasPrefix("arn:") else {
            self.init(profileOrModel: text, text: text)
            return
        }
        let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let resource = fields.count == 6 ? String(fields[5]) : ""
        guard let slash = resource.firstIndex(of: "/") else {
            self.init(text: text, kind: .other, scope: .regional, base: text)
            return
        }
        self.init(resourceType: String(resource[..<slash]), id: String(resource[resource.index(after: slash)...]), text)
    }

    private init(resourceType: String, id: String, _ text: String) {
        switch resourceType {
        case "foundation-model", "inference-profile": self.init(profileOrModel: id, text: text)
        case "application-inference-profile":
            self.init(text: text, kind: .applicationProfile(id: id), scope: .regional, base: text)
        case "provisioned-model": self.init(text: text, kind: .provisioned(id: id), scope: .regional, base: text)
        case "custom-model", "custom-model-deployment":
            // `custom-model/BASE/ID`: the base model's own suffixes stay in BASE.
            let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
            let base = parts.count == 2 ? parts[0] : text
            self.init(text: text, kind: .custom(id: parts.last ?? id), scope: .regional, base: base)
        case "imported-model": self.init(text: text, kind: .imported(id: id), scope: .regional, base: text)
        case "prompt-router", "default-prompt-router":
            self.init(text: text, kind: .promptRouter(id: id), scope: .regional, base: text)
        default: self.init(text: text, kind: .other, scope: .regional, base: text)
        }
    }

    private init(profileOrModel id: String, text: String) {
        let labels = id.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 3, Self.isGeography(labels[0], before: labels[1]) else {
            self.init(text: text, kind: id.isEmpty ? .other : .foundation, scope: .regional, base: id)
            return
        }
        let base = labels.dropFirst().joined(separator: ".")
        let scope: Scope = labels[0] == "global" ? .global : .geography(String(labels[0]))
        self.init(text: text, kind: .foundation, scope: scope, base: base)
    }

    /// Geographies in use on 2026-11-22 (Bedrock user guide, "cross-Region inference").
    private static let geographies: Set<Substring> = [
        "us", "eu", "apac", "ap", "jp", "au", "ca", "in", "us-gov", "global",
    ]

    /// A first label is a geography when it is a known one, or when a provider (letters only) follows it: that tells a
    /// new `sa.anthropic.claude…` from `openai.gpt-5.4` and `deepseek.v3.2`, whose models have dots.
    private static func isGeography(_ label: Substring, before next: Substring) -> Bool {
        geographies.contains(label) || (!next.isEmpty && next.allSatisfy(\.isLetter))
    }

    /// The same use, charged as the model that `profile` stands for.
    package func resolved(as model: ModelID) -> ModelID {
        ModelID(text: text, kind: model.kind, scope: model.scope, base: model.base)
    }

    /// The names under which a price may be listed, the most exact first: the id as it is, without throughput and
    /// revision (`:0:200k`), without version (`-v1`), without date (`-20250929`).
    ///
    /// Each step only drops what names a revision of the same model, so that no model is taken for another.
    package var priceKeys: [String] {
        var keys = [base]
        func add(_ key: some StringProtocol) {
            if let last = keys.last, last != key, !key.isEmpty { keys.append(String(key)) }
        }
        if let colon = base.firstIndex(of: ":"), kind == .foundation || isCustom { add(base[..<colon]) }
        add(
            Self.dropping(
                lastPart: { $0.first == "v" && $0.count > 1 && $0.dropFirst().allSatisfy(\.isNumber) }, of: keys))
        add(Self.dropping(lastPart: { $0.count == 8 && $0.allSatisfy(\.isNumber) }, of: keys))
        return keys
    }

    /// The id of something whose ARN does not name its model; nil for a published or a custom model.
    package var opaqueID: String? {
        switch kind {
        case .foundation, .custom, .other: nil
        case .applicationProfile(let id), .provisioned(let id), .imported(let id), .promptRouter(let id): id
        }
    }

    private var isCustom: Bool { if case .custom = kind { true } else { false } }

    private static func dropping(lastPart isDropped: (Substring) -> Bool, of keys: [String]) -> String {
        let key = keys[keys.count - 1]
        guard let dash = key.lastIndex(of: "-"), isDropped(key[key.index(after: dash)...]) else { return key }
        return String(key[..<dash])
    }
}
