package import Budgets
package import WallTime

/// The rows of budgets beside the one that every principal has.
package protocol FurtherBudgetLedger: AnyObject, SendableMetatype {
    func furtherBudget(_ id: BudgetID) throws -> FurtherAccount?
    /// Adds the budget or replaces it.
    func saveFurtherBudget(_ account: FurtherAccount) throws
    /// Removes it with what is known of its periods; false when there is none. Single uses stay.
    func removeFurtherBudget(_ id: BudgetID) throws -> Bool
    /// All of one scope, by id.
    func furtherBudgets(of scope: FurtherScope) throws -> [FurtherAccount]
    /// By id, ascending.
    func furtherBudgets(_ query: FurtherQuery) throws -> [FurtherAccount]
    func furtherSpending(of budget: BudgetID, periodStart: Instant) throws -> FurtherSpending?
    func saveFurtherSpending(_ spending: FurtherSpending) throws
    /// Keeps that the principal, which is known, belonged there up to the last use in the ledger.
    func endMembership(_ membership: Membership, of principal: PrincipalID, at: Instant) throws
    /// In the order in which they ended.
    func formerMemberships(of principal: PrincipalID) throws -> [FormerMembership]
}

/// Ids of principals' budgets begin with `principal:`, so that those of teams come after this.
private let endOfPrincipals = BudgetID(rawValue: "principal;")

extension FurtherBudgetLedger {
    /// Budgets that several share, by id, then those of single principals, of which there may be a great many, by id.
    package func furtherBudgetsSharedFirst(limit: Int) throws -> [FurtherAccount] {
        let first = try furtherBudgets(FurtherQuery(limit: limit))
        let before = first.prefix { $0.budget.scope.isShared }
        let ofPrincipals = first.filter { !$0.budget.scope.isShared }
        guard !ofPrincipals.isEmpty else { return first }
        let teams = try furtherBudgets(FurtherQuery(after: endOfPrincipals, limit: limit - before.count))
        return Array((Array(before) + teams + ofPrincipals).prefix(limit))
    }
}

/// Which further budgets to list; each selection is answered from an index.
package struct FurtherQuery: Sendable, Hashable {
    package enum Selection: Sendable, Hashable {
        case all
        /// At or above the limit in the period that is recorded.
        case exceeded
        case periodEnded(by: Instant)
    }

    package var selection: Selection
    /// Continue after this budget.
    package var after: BudgetID?
    package var limit: Int

    package init(_ selection: Selection = .all, after: BudgetID? = nil, limit: Int = 100) {
        self.selection = selection
        self.after = after
        self.limit = limit
    }
}
