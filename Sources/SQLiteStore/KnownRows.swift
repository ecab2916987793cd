import Budgets
import Enforcement
import WallTime

/// What a connection has looked up before: row numbers of what every use names (labels, principals and their budgets),
/// which a row keeps for life, and on the writer's connection the accounts themselves, as only it changes them. Bounded,
/// since names come from outside.
struct KnownRows {
    private static let limit = 10_000
    /// About a kibibyte each.
    private static let mostAccounts = 5000

    private(set) var labels: [String: Int64] = [:]
    private(set) var principals: [PrincipalID: Int64] = [:]
    /// The row of each principal's own budget.
    private(set) var budgets: [PrincipalID: Int64] = [:]
    private(set) var accounts: [BudgetID: BudgetAccount] = [:]
    /// Uses before this instant (UTC milliseconds) may have been removed; nil when it wasn't looked up yet.
    var usageMark: Int64?
    /// The same of CloudTrail's calls.
    var callMark: Int64?

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

    mutating func note(_ account: BudgetAccount) {
        if accounts.count >= Self.mostAccounts { accounts = [:] }
        accounts[account.id] = account
    }

    /// The account has been charged, and nothing else.
    mutating func note(charged id: BudgetID, _ spending: Spending, at instant: Instant) {
        guard let index = accounts.index(forKey: id) else { return }
        accounts.values[index].standing.spending = spending
        accounts.values[index].updatedAt = instant
    }

    /// Its row, or its principal's, is written anew.
    mutating func forget(accountOf principal: PrincipalID) {
        accounts[BudgetScope.principal(principal).budgetID] = nil
    }
}
