import Budgets
import Enforcement

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
        thresholds = try section.thresholds(thresholds)
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
