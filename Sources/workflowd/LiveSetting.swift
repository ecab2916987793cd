import Budgets
import Enforcement
import Logging
import SQLiteStore
import WallTime

/// A setting that is taken while the daemon runs. Every other one is read at the start only.
struct LiveSetting {
    /// As the file spells it; of a mapping, without its members.
    let name: String
    /// What it is worth, as people write it.
    let text: (DaemonConfiguration) -> String
    /// Sets it in the first configuration to what it is in the second.
    let take: (inout DaemonConfiguration, DaemonConfiguration) -> Void

    private init<Value>(
        _ name: String, _ path: WritableKeyPath<DaemonConfiguration, Value>,
        _ text: @escaping (Value) -> String = { "\($0)" }
    ) {
        self.name = name
        self.text = { text($0[keyPath: path]) }
        take = { $0[keyPath: path] = $1[keyPath: path] }
    }

    /// All of them, in the order of the documentation.
    static var all: [LiveSetting] { general + budgets + access + agents + prices + ingest + retention }

    /// Whether a member of the file belongs to one of them.
    static func covers(_ member: String) -> Bool {
        all.contains { member == $0.name || member.hasPrefix($0.name + ".") }
    }

    private static var general: [LiveSetting] {
        [LiveSetting("logLevel", \.logLevel, word), LiveSetting("disk.reserveMiB", \.diskReserveMiB)]
    }

    private static var budgets: [LiveSetting] {
        [
            LiveSetting("budgets.limit", \.budgets.defaults.limit),
            LiveSetting("budgets.period", \.budgets.defaults.periodRule),
            LiveSetting("budgets.warning", \.budgets.defaults.thresholds, warning),
            LiveSetting("budgets.critical", \.budgets.defaults.thresholds, critical),
            LiveSetting("budgets.graceSeconds", \.budgets.defaults.graceSeconds),
            LiveSetting("budgets.mode", \.budgets.defaults.mode, word),
            LiveSetting("budgets.enforcement", \.budgets.defaults.enforcement, word),
            LiveSetting("budgets.breakGlass", \.budgets.breakGlass, list),
            LiveSetting("budgets.maximumSuspensionsPerHour", \.budgets.maximumSuspensionsPerHour),
        ]
    }

    private static var access: [LiveSetting] {
        [
            LiveSetting("access.sharedRoles", \.access.settings.sharedRoles, sorted),
            LiveSetting("access.reconcile", \.access.settings.reconcile, word),
            LiveSetting("access.tiers", \.access.tiers, amounts),
        ]
    }

    private static var agents: [LiveSetting] {
        [
            LiveSetting("agentcore.limit", \.agents.limit, orNone),
            LiveSetting("agentcore.poolLimit", \.agents.poolLimit, orNone),
            LiveSetting("agentcore.team", \.agents.team),
            LiveSetting("agentcore.warning", \.agents.thresholds, warning),
            LiveSetting("agentcore.critical", \.agents.thresholds, critical),
            LiveSetting("agentcore.graceSeconds", \.agents.graceSeconds),
        ]
    }

    /// These make a price book anew: see `SettingsKeeper`.
    private static var prices: [LiveSetting] {
        [
            LiveSetting("prices.fallback.input", \.prices.fallback.input, perMillion),
            LiveSetting("prices.fallback.output", \.prices.fallback.output, perMillion),
            LiveSetting("prices.fallback.cacheRead", \.prices.fallback.cacheRead, perMillionOrNone),
            LiveSetting("prices.fallback.cacheWrite5m", \.prices.fallback.cacheWrite5m, perMillionOrNone),
            LiveSetting("prices.fallback.cacheWrite1h", \.prices.fallback.cacheWrite1h, perMillionOrNone),
            LiveSetting("prices.fallback.image", \.prices.fallback.image, orNone),
            LiveSetting("prices.implausibleCost", \.prices.implausibleCost, orNever),
            LiveSetting("prices.unknownCacheWrites", \.prices.takesUnknownWritesForHours, writeTime),
            LiveSetting("prices.maximumFactor", \.prices.policy.sanity.maximumFactor),
            LiveSetting("prices.maximumAge", \.prices.policy.maximumAge, DurationText.write),
            LiveSetting("prices.unsureSuspends", \.prices.unsureSuspends),
        ]
    }

    private static var ingest: [LiveSetting] {
        [
            LiveSetting("ingest.silentAfter", \.ingest.silentAfter, age),
            LiveSetting("ingest.principals.keyPrefixes", \.ingest.trail.keyPrefixes, list),
            LiveSetting("ingest.principals.tagNamespaces", \.ingest.trail.tagNamespaces, list),
            LiveSetting("ingest.principals.tiers", \.ingest.trail.tiers, amounts),
            LiveSetting("ingest.principals.trusted", \.ingest.trail.trusted, principals),
            LiveSetting("ingest.principals.keepAddresses", \.ingest.trail.keepsAddresses),
        ]
    }

    private static var retention: [LiveSetting] {
        [
            LiveSetting("retention.executions", \.retention.policy.executions, age),
            LiveSetting("retention.deadLetters", \.retention.policy.deadLetters, age),
            LiveSetting("retention.outbox", \.retention.policy.outbox, age),
            LiveSetting("retention.usage", \.retention.policy.usage, age),
            LiveSetting("retention.sums", \.retention.policy.sums, age),
            LiveSetting("retention.traces", \.retention.policy.traces, age),
            LiveSetting("retention.every", \.retention.every, DurationText.write),
        ]
    }
}

/// How values are written.
extension LiveSetting {
    private static func word<Value: RawRepresentable>(_ value: Value) -> String where Value.RawValue == String {
        value.rawValue
    }

    private static func list(_ texts: [String]) -> String {
        texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }

    private static func sorted(_ texts: Set<String>) -> String { list(texts.sorted()) }

    private static func principals(_ ids: Set<PrincipalID>) -> String { list(ids.map(\.description).sorted()) }

    /// `high 25.00, low 1.00`
    private static func amounts(_ tiers: [String: NanoDollars]) -> String {
        list(tiers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
    }

    private static func orNone(_ amount: NanoDollars?) -> String { amount?.description ?? "none" }

    private static func orNever(_ amount: NanoDollars?) -> String { amount?.description ?? "never" }

    private static func perMillion(_ price: TokenPrice) -> String { price.dollarsPerMillion }

    private static func perMillionOrNone(_ price: TokenPrice?) -> String { price?.dollarsPerMillion ?? "none" }

    private static func writeTime(_ isForHours: Bool) -> String { isForHours ? "1h" : "5m" }

    private static func age(_ span: Duration?) -> String { span.map(DurationText.write) ?? "never" }

    private static func warning(_ thresholds: Thresholds) -> String { "\(thresholds.warningPerMille / 10)" }

    private static func critical(_ thresholds: Thresholds) -> String { "\(thresholds.criticalPerMille / 10)" }
}
