package import Budgets

/// What execution roles of AgentCore runtimes may spend unless a person says otherwise.
package struct AgentSettings: Sendable, Hashable {
    /// Off: events of runtimes are counted, and nothing else.
    package var isEnabled = true
    /// Of one role in a period; nil for none of its own.
    package var limit: NanoDollars?
    /// Of all of them together in thirty days; nil for none.
    package var poolLimit: NanoDollars? = NanoDollars(rawValue: 500 * NanoDollars.perDollar)
    /// The team whose budget the pool is. A role whose tags name another team spends from that team's budget.
    package var team = "agentcore"
    package var thresholds: Thresholds
    package var graceSeconds = 3600

    package init() {
        do {
            thresholds = try Thresholds(warningPerMille: 750, criticalPerMille: 900)
        } catch {
            preconditionFailure("75 % and 90 % are in order")
        }
    }

    /// A limit that no use reaches: a budget has one, whether or not somebody wants it.
    package static let unlimited = NanoDollars(rawValue: 1_000_000_000 * NanoDollars.perDollar)

    var change: BudgetChange {
        BudgetChange(limit: limit ?? Self.unlimited, thresholds: thresholds, graceSeconds: graceSeconds)
    }
}
