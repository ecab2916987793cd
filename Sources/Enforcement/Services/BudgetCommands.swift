package import Budgets
import Engine
import JSONModel
import WallTime

/// What a person changes of a budget; nil leaves a term as it is.
package struct BudgetChange: Sendable, Equatable {
    package var limit: NanoDollars?
    package var thresholds: Thresholds?
    /// Holds at once for who has access (`Desk.takeUpPeriodRule`), otherwise when the current period ends.
    package var periodRule: PeriodRule?
    package var mode: BudgetMode?
    package var enforcement: EnforcementMode?
    package var graceSeconds: Int?
    package var isProtected: Bool?

    package init(
        limit: NanoDollars? = nil, thresholds: Thresholds? = nil, periodRule: PeriodRule? = nil,
        mode: BudgetMode? = nil, enforcement: EnforcementMode? = nil, graceSeconds: Int? = nil,
        isProtected: Bool? = nil
    ) {
        self.limit = limit
        self.thresholds = thresholds
        self.periodRule = periodRule
        self.mode = mode
        self.enforcement = enforcement
        self.graceSeconds = graceSeconds
        self.isProtected = isProtected
    }
}

/// A page of budgets.
package struct AccountPage: Sendable, Equatable {
    package var accounts: [BudgetAccount]
    /// Give it as `after` for the next page; nil on the last.
    package var next: BudgetID?
}

/// What operators do with budgets.
package enum BudgetCommands {
    /// Most budgets of a page.
    package static let maximumPage = 1000

    /// Gives a principal the limit of a tier that a person has named for it. A limit that somebody has set otherwise
    /// stays: one that is neither everybody's nor that of the tier which its tags name so far.
    /// - Parameter tiers: the limit of each tier.
    /// - Returns: whether the tier's limit is in force now.
    package static func giveTier<Transaction>(
        _ limit: NanoDollars, of tiers: [String: NanoDollars], to principal: Principal, by actor: String,
        _ desk: Desk<Transaction>
    ) throws -> Bool {
        let account = try desk.transaction.account(BudgetScope.principal(principal.id).budgetID)
        if let account, account.hasOwnTerms {
            let tags = try desk.transaction.principal(principal.id)?.tags ?? [:]
            // Whom Steward made without a tier has the lowest.
            let before = tiers[desk.settings.trail.tier(tags) ?? "low"]
            let replaceable = [before, desk.settings.defaultBudget.limit, limit]
            guard replaceable.contains(account.budget.limit) else { return false }
        }
        _ = try setBudget(of: principal, BudgetChange(limit: limit), by: actor, desk)
        return true
    }

    /// Changes a principal's budget, or gives it one: terms that the change leaves out are the default budget's.
    ///
    /// What was spent is looked at anew: a raised limit arms the thresholds that are no longer reached and starts the
    /// restoration of a suspended principal that is back under it, and so does a budget that only observes from now on; a
    /// lowered limit may cross at once.
    /// - Parameter actor: who says so, such as `operator:ana`, for the audit log.
    /// - Throws: `BudgetError` when the terms can't be.
    package static func setBudget<Transaction>(
        of principal: Principal, _ change: BudgetChange, by actor: String, _ desk: Desk<Transaction>
    ) throws -> BudgetAccount {
        let id = BudgetScope.principal(principal.id).budgetID
        guard var account = try desk.transaction.account(id) else {
            let terms = try desk.settings.defaultBudget.budget(for: principal.id).applying(change)
            var account = try desk.openAccount(
                terms, principal: principal, firstUse: desk.now, isDiscovered: false, by: actor)
            account.hasOwnTerms = true
            try desk.save(account)
            if terms.isProtected { try desk.tellProtection(of: account, by: actor) }
            return account
        }
        let (before, hadOwnTerms) = (account.budget, account.hasOwnTerms)
        account.budget = try before.applying(change)
        account.hasOwnTerms = true
        guard account.budget != before || !hadOwnTerms else { return account }
        try desk.audit(
            "budget.changed", by: actor, subject: principal.id.description,
            ["before": before.json, "after": account.budget.json])
        if account.budget.isProtected != before.isProtected { try desk.tellProtection(of: account, by: actor) }
        if !hadOwnTerms {
            try desk.transaction.endMembership(
                Membership(team: account.team, isInPool: true), of: principal.id, at: desk.now)
        }
        if account.budget.periodRule != before.periodRule { try desk.takeUpPeriodRule(of: &account) }
        if account.standing.access.status.rollsOver { try desk.rollOver(&account) }
        account.standing.rearm(under: account.budget)
        try desk.announceCrossings(of: &account)
        try desk.save(account)
        if !account.standsAgainstAccess { _ = try desk.restoreIfEligible(&account, reason: .limitRaised) }
        return account
    }

    package static func getBudget<Transaction: BudgetLedger>(
        of principal: PrincipalID, _ transaction: Transaction
    ) throws -> BudgetAccount? {
        try transaction.account(BudgetScope.principal(principal).budgetID)
    }

    /// A page of budgets by id.
    package static func listBudgets<Transaction: BudgetLedger>(
        _ selection: AccountQuery.Selection = .all, after: BudgetID? = nil, limit: Int = 100, _ transaction: Transaction
    ) throws -> AccountPage {
        let limit = min(max(1, limit), maximumPage)
        let accounts = try transaction.accounts(AccountQuery(selection, after: after, limit: limit + 1))
        let page = Array(accounts.prefix(limit))
        return AccountPage(accounts: page, next: accounts.count > limit ? page.last?.id : nil)
    }
}

extension AccessStatus {
    /// Whether access is, or may be, taken away.
    var lacksAccess: Bool {
        switch self {
        case .suspended, .suspensionFailed, .restorationFailed: true
        case .active, .grace, .restoring, .closed: false
        }
    }
}

extension Budget {
    /// - Throws: `BudgetError` when the changed terms can't be.
    func applying(_ change: BudgetChange) throws(BudgetError) -> Budget {
        try Budget(
            scope: scope, limit: change.limit ?? limit, thresholds: change.thresholds ?? thresholds,
            periodRule: change.periodRule ?? periodRule, mode: change.mode ?? mode,
            enforcement: change.enforcement ?? enforcement, graceSeconds: change.graceSeconds ?? graceSeconds,
            isProtected: change.isProtected ?? isProtected)
    }
}
