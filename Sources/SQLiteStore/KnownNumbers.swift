import Budgets

/// Row numbers of what every use names: labels, principals and their budgets. Bounded, since names come from outside.
struct KnownNumbers {
    private static let limit = 10_000

    private(set) var labels: [String: Int64] = [:]
    private(set) var principals: [PrincipalID: Int64] = [:]
    /// The row of each principal's own budget.
    private(set) var budgets: [PrincipalID: Int64] = [:]
    /// Uses before this instant (UTC milliseconds) may have been removed; nil when it wasn't looked up yet.
    var usageMark: Int64?

    mutating func note(label: String, _ number: Int64) {
        if labels.count >= Self.limit { labels = [:] }
        labels[label] = number
    }

    mutating func note(principal: PrincipalID, _ number: Int64) {
        if principals.count >= Self.limit { principals = [:] }
        principals[principal] = number
    }

    mutating func note(budgetOf principal: PrincipalID, _ number: Int64) {
        if budgets.count >= Self.limit { budgets = [:] }
        budgets[principal] = number
    }
}
