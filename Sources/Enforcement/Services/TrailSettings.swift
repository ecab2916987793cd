package import Budgets

/// By what CloudTrail's records of principals are understood.
package struct TrailSettings: Sendable {
    /// Users named so are Bedrock API keys, as the console makes them.
    package var keyPrefixes = ["BedrockAPIKey-"]
    /// What the tags begin with that budgets go by: `Steward:Team`, `BedrockBudgeteer:BudgetTier`.
    package var tagNamespaces = ["Steward:", "BedrockBudgeteer:"]
    /// The limit of a key whose `BudgetTier` tag names the tier.
    package var tiers: [String: NanoDollars] = [
        "low": NanoDollars(rawValue: 1_000_000_000), "medium": NanoDollars(rawValue: 5_000_000_000),
        "high": NanoDollars(rawValue: 25_000_000_000),
    ]
    /// Identities, besides Steward's own, whose changes of keys and tags are as good as Steward's.
    package var trusted: Set<PrincipalID> = []

    /// Tags that Steward puts on those whose access it has taken. Nothing goes by them, so nobody's change of them
    /// means anything.
    package var suspensionTags: Set<String> = []

    /// Whether the addresses that calls come from are kept.
    package var keepsAddresses = true

    package init() {}

    func isKey(_ principal: PrincipalID) -> Bool {
        principal.kind == .user && keyPrefixes.contains { principal.name.hasPrefix($0) }
    }

    /// Whether budgets go by the tag, so that nobody else should change it.
    func isBudgetTag(_ key: String) -> Bool {
        tagNamespaces.contains { key.hasPrefix($0) } || Self.teamTags.contains(key)
    }

    func isProvisioned(_ tags: [String: String]) -> Bool { value("Provisioned", in: tags) != nil }

    /// The team that the tags name; nil for none.
    func team(_ tags: [String: String]) -> String? {
        let named = value("Team", in: tags) ?? Self.teamTags.lazy.compactMap { tags[$0] }.first
        return named.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether one of the tags may name a team.
    func isAboutTeam(_ keys: some Sequence<String>) -> Bool { keys.contains { team([$0: "any"]) != nil } }

    /// The team after a change of tags that somebody trusted has made, or has looked at. One that no tag has named,
    /// such as that of the runtimes of AgentCore, stays until a tag names another.
    func team(of current: String?, named before: [String: String], now after: [String: String]) -> String? {
        team(after) ?? (team(before) == nil ? current : nil)
    }

    /// What the tags say that a principal is for; nil for nothing.
    package func purpose(_ tags: [String: String]) -> String? {
        let named = value("Purpose", in: tags) ?? Self.purposeTags.lazy.compactMap { tags[$0] }.first
        return named.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Who is behind a principal, and where mail reaches them; nil where no tag says it.
    func person(_ tags: [String: String]) -> String? { named("Person", in: tags) }
    func email(_ tags: [String: String]) -> String? { named("Email", in: tags) }

    private func named(_ name: String, in tags: [String: String]) -> String? {
        (value(name, in: tags) ?? tags[name]).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The tier that the tags name, in lower case, whether or not it is known; nil for none.
    package func tier(_ tags: [String: String]) -> String? {
        value("BudgetTier", in: tags).flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }

    /// The limit of the tier that the tags name; nil for none, or one that is not known.
    func tierLimit(_ tags: [String: String]) -> NanoDollars? {
        tier(tags).flatMap { tiers[$0] }
    }

    private func value(_ name: String, in tags: [String: String]) -> String? {
        tagNamespaces.lazy.compactMap { tags[$0 + name] }.first
    }

    /// What others call a team by.
    private static let teamTags = ["CostAllocation:Team", "Team"]
    private static let purposeTags = ["CostAllocation:Purpose", "Purpose"]
}
