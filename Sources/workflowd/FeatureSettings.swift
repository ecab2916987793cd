import Budgets
import Enforcement

/// Parts that can be turned off: what is off does nothing, and says so where it is asked for.
enum Feature: String, Sendable, Hashable, CaseIterable {
    case agentcore
    case provisioning
    case costReports
    case dailySummary
    case radar
    case reconciliation
    case priceSync
    case modelResolution

    /// The workflows that are not bound without it.
    var workflows: [String] {
        switch self {
        case .agentcore, .provisioning: []
        case .costReports: ["cost-reconciliation"]
        case .dailySummary: ["daily-summary"]
        case .radar: ["bypass-radar"]
        case .reconciliation: ["reconciliation", "reconciliation-at-start"]
        case .priceSync: ["price-sync"]
        case .modelResolution: ["model-resolution"]
        }
    }
}

/// `features:` of the configuration file.
struct FeatureSettings: Sendable {
    private(set) var off: Set<Feature> = []

    mutating func read(_ section: SettingsReader) throws {
        try section.allow(Feature.allCases.map(\.rawValue))
        for feature in Feature.allCases {
            guard let isOn = try section.flag(feature.rawValue) else { continue }
            if isOn { off.remove(feature) } else { off.insert(feature) }
        }
    }

    func isOn(_ feature: Feature) -> Bool { !off.contains(feature) }

    /// By name, of those that are off.
    var offWorkflows: Set<String> { Set(off.flatMap(\.workflows)) }
}

/// `agentcore:` of the configuration file.
extension AgentSettings {
    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["limit", "poolLimit", "team", "warning", "critical", "graceSeconds"])
        let what = "dollars such as 25.00, or none"
        if let value = try section.parsed("limit", as: what, AgentLimit.init) { limit = value.amount }
        if let value = try section.parsed("poolLimit", as: what, AgentLimit.init) { poolLimit = value.amount }
        if let value = try section.text("team") {
            guard !value.isEmpty else { throw section.fault("team", "must not be empty") }
            team = value
        }
        if let value = try section.integer("graceSeconds", in: 0...Budget.maximumGraceSeconds) { graceSeconds = value }
        let warning = try section.integer("warning", in: 1...99) ?? thresholds.warningPerMille / 10
        let critical = try section.integer("critical", in: 1...99) ?? thresholds.criticalPerMille / 10
        do {
            thresholds = try Thresholds(warningPerMille: warning * 10, criticalPerMille: critical * 10)
        } catch {
            throw section.fault("warning", "must be below critical: \(error)")
        }
    }
}

/// An amount that is not negative, or none.
private struct AgentLimit {
    let amount: NanoDollars?

    init?(_ text: String) {
        if text == "none" {
            amount = nil
        } else {
            guard let dollars = NanoDollars(dollars: text), !dollars.isNegative else { return nil }
            amount = dollars
        }
    }
}
