package import Budgets
import Engine

/// The ledger's budgets as a file.
package struct BudgetFileExport: Sendable, Equatable {
    package var file: BudgetFile
    /// Budgets that no file can name: those in dollars beside a principal's own.
    package var leftOut: [BudgetID]
}

extension BudgetFileCommands {
    /// The file that says what the ledger's budgets are: principals' own that somebody has set, then all further ones.
    /// Applied to this ledger it changes nothing, with `prunes` or without.
    ///
    /// Principals who spend by the default budget are not in it, or a new default would not reach them any more.
    package static func export<Transaction>(_ desk: Desk<Transaction>) throws -> BudgetFileExport {
        var entries = try accountsWithOwnTerms(desk).map { account in
            BudgetFile.Entry(
                target: .principal(account.principal.arn), limit: .money(account.budget.limit),
                period: account.budget.periodRule, thresholds: ThresholdsChange(account.budget.thresholds),
                mode: account.budget.mode, enforcement: account.budget.enforcement,
                graceSeconds: account.budget.graceSeconds)
        }
        var leftOut: [BudgetID] = []
        for budget in try allFurther(desk).map(\.budget) {
            guard budget.fitsInFile else {
                leftOut.append(budget.id)
                continue
            }
            entries.append(
                BudgetFile.Entry(
                    target: try target(of: budget, desk), limit: limit(of: budget), period: budget.periodRule,
                    thresholds: ThresholdsChange(budget.thresholds), mode: budget.mode,
                    graceSeconds: budget.graceSeconds))
        }
        return BudgetFileExport(file: BudgetFile(entries: entries), leftOut: leftOut)
    }

    private static func accountsWithOwnTerms<Transaction>(_ desk: Desk<Transaction>) throws -> [BudgetAccount] {
        var all: [BudgetAccount] = []
        while true {
            let page = try desk.transaction.accounts(AccountQuery(.withOwnTerms, after: all.last?.id, limit: 1000))
            all += page
            if page.count < 1000 { return all }
        }
    }

    private static func target<Transaction>(
        of budget: FurtherBudget, _ desk: Desk<Transaction>
    ) throws -> BudgetFile.Target {
        switch budget.scope {
        case .principal(let id):
            return .principal(try desk.transaction.principal(id)?.principal.arn ?? id.description)
        case .team(let name): return .team(name)
        case .pool: return .pool
        case .everyone: return .everyone
        }
    }

    private static func limit(of budget: FurtherBudget) -> BudgetFile.Limit {
        switch budget.unit {
        case .money: .money(NanoDollars(rawValue: budget.limit))
        case .tokens: .tokens(budget.limit)
        case .requests: .requests(budget.limit)
        }
    }
}

extension FurtherBudget {
    /// Whether an entry of a file can mean it: one of a principal's in dollars is of its own budget, so that those beside
    /// it have no name there.
    var fitsInFile: Bool {
        guard case .principal = scope else { return true }
        return unit != .money
    }
}

extension ThresholdsChange {
    fileprivate init(_ thresholds: Thresholds) {
        self.init(warningPerMille: thresholds.warningPerMille, criticalPerMille: thresholds.criticalPerMille)
    }
}
