package import Budgets
import Engine
package import JSONModel
import WallTime

/// What a person changes of a further budget; nil leaves a term as it is.
package struct FurtherBudgetChange: Sendable, Equatable {
    /// In the budget's unit.
    package var limit: Int64?
    package var thresholds: Thresholds?
    package var mode: BudgetMode?
    package var graceSeconds: Int?

    package init(
        limit: Int64? = nil, thresholds: Thresholds? = nil, mode: BudgetMode? = nil, graceSeconds: Int? = nil
    ) {
        self.limit = limit
        self.thresholds = thresholds
        self.mode = mode
        self.graceSeconds = graceSeconds
    }
}

/// What names a further budget: these can't be changed of it.
package struct FurtherBudgetKey: Sendable, Hashable {
    package var scope: FurtherScope
    package var unit: BudgetUnit
    package var periodRule: PeriodRule

    package init(scope: FurtherScope, unit: BudgetUnit, periodRule: PeriodRule) {
        self.scope = scope
        self.unit = unit
        self.periodRule = periodRule
    }
}

/// What operators do with budgets beside those that every principal has.
package enum FurtherBudgetCommands {
    /// Makes a further budget or changes it. What is crossed by it is acted upon at once; who is suspended for it and
    /// back under it is restored.
    ///
    /// A new one counts from the start of its period, with what was used before it was made left out.
    /// - Throws: `BudgetError`; `FurtherBudgetError.noLimit` for a new one without limit.
    package static func set<Transaction>(
        _ key: FurtherBudgetKey, _ change: FurtherBudgetChange, by actor: String, _ desk: Desk<Transaction>
    ) throws -> FurtherAccount {
        let blank = try FurtherBudget(scope: key.scope, unit: key.unit, limit: 0, periodRule: key.periodRule)
        let known = try desk.transaction.furtherBudget(blank.id).map(desk.current)
        guard known != nil || change.limit != nil else { throw FurtherBudgetError.noLimit(blank.id) }
        let terms = try (known?.budget ?? blank).applying(change)
        var account =
            known
            ?? FurtherAccount(
                budget: terms, standing: FurtherStanding(period: key.periodRule.firstPeriod(containing: desk.now)),
                createdAt: desk.now, updatedAt: desk.now)
        guard known?.budget != terms else { return account }
        account.budget = terms
        try desk.audit(
            known == nil ? "budget.created" : "budget.changed", by: actor, subject: key.scope.description,
            ["before": known?.budget.json ?? .null, "after": terms.json])
        account.standing.rearm(under: terms)
        let crossed = try desk.announceCrossings(of: &account)
        try desk.save(account)
        if crossed.last == .exceeded { try desk.suspendMembers(of: account) }
        if known?.standsAgainstAccess == true, !account.standsAgainstAccess {
            try desk.restoreMembers(of: account, reason: .limitRaised)
        }
        return account
    }

    /// Removes a further budget; who is suspended for nothing else is restored.
    /// - Throws: `FurtherBudgetError.unknown`.
    package static func remove<Transaction>(_ id: BudgetID, by actor: String, _ desk: Desk<Transaction>) throws {
        guard let account = try desk.transaction.furtherBudget(id) else { throw FurtherBudgetError.unknown(id) }
        _ = try desk.transaction.removeFurtherBudget(id)
        try desk.audit(
            "budget.removed", by: actor, subject: account.budget.scope.description,
            ["before": account.budget.json, "after": .null])
        try desk.restoreMembers(of: account, reason: .limitRaised)
    }

    /// A page of further budgets by id, each in its period of now.
    package static func list<Transaction>(
        after: BudgetID? = nil, limit: Int = 100, _ desk: Desk<Transaction>
    ) throws -> (accounts: [FurtherAccount], next: BudgetID?) {
        let limit = min(max(1, limit), BudgetCommands.maximumPage)
        let found = try desk.transaction.furtherBudgets(FurtherQuery(after: after, limit: limit + 1))
        let page = try found.prefix(limit).map(desk.current)
        return (page, found.count > limit ? page.last?.id : nil)
    }
}

/// A further budget that can't be changed as asked.
package enum FurtherBudgetError: Error, Equatable, Sendable, CustomStringConvertible {
    case noLimit(BudgetID)
    case unknown(BudgetID)

    package var description: String {
        switch self {
        case .noLimit(let id): "the budget \(id) is new, and needs a limit"
        case .unknown(let id): "there is no budget \(id); `workflowctl budget list --further` shows what there is"
        }
    }
}

extension Desk {
    /// Starts the restoration of those who lack access and against whom nothing stands any more. What goes beyond one
    /// transaction's share is left to the daily reset.
    func restoreMembers(of further: FurtherAccount, reason: SuspensionRequest.Reason) throws {
        for status in AccessStatus.allCases where status.lacksAccess || status == .grace {
            for var account in try transaction.accounts(AccountQuery(.status(status), limit: 1000))
            where account.furtherScopes.contains(further.budget.scope) && account.standing.period.end > now {
                guard try !hasRunningWorkflow(account) else { continue }
                _ = try restoreIfEligible(&account, reason: reason)
            }
        }
    }
}

extension FurtherBudget {
    /// - Throws: `BudgetError` when the changed terms can't be.
    package func applying(_ change: FurtherBudgetChange) throws(BudgetError) -> FurtherBudget {
        try FurtherBudget(
            scope: scope, unit: unit, limit: change.limit ?? limit, periodRule: periodRule,
            thresholds: change.thresholds ?? thresholds, mode: change.mode ?? mode,
            graceSeconds: change.graceSeconds ?? graceSeconds)
    }

    /// The budget's terms, as audit entries and lists show them.
    package var json: JSONValue {
        [
            "budgetId": .string(id.rawValue), "scope": .string(scope.description), "unit": .string(unit.rawValue),
            "limit": unit == .money ? .string(NanoDollars(rawValue: limit).description) : .int(limit),
            "period": .string(periodRule.description),
            "warningPerMille": .int(Int64(thresholds.warningPerMille)),
            "criticalPerMille": .int(Int64(thresholds.criticalPerMille)), "mode": .string(mode.rawValue),
            "graceSeconds": .int(Int64(graceSeconds)),
        ]
    }
}
