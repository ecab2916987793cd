package import Budgets
package import Enforcement
package import WallTime

extension MemoryTransaction {
    package func furtherBudget(_ id: BudgetID) throws -> FurtherAccount? { tables.ledger.furtherBudgets[id] }

    package func saveFurtherBudget(_ account: FurtherAccount) throws {
        try requireWriting()
        tables.set(\.ledger.furtherBudgets[account.id], account)
    }

    package func removeFurtherBudget(_ id: BudgetID) throws -> Bool {
        try requireWriting()
        guard tables.ledger.furtherBudgets[id] != nil else { return false }
        tables.set(\.ledger.furtherBudgets[id], nil)
        for key in tables.ledger.furtherPeriods.keys where key.budget == id {
            tables.set(\.ledger.furtherPeriods[key], nil)
        }
        return true
    }

    package func furtherBudgets(of scope: FurtherScope) throws -> [FurtherAccount] {
        tables.ledger.furtherBudgets.values.filter { $0.budget.scope == scope }
            .sorted { $0.id.rawValue < $1.id.rawValue }
    }

    package func furtherBudgets(_ query: FurtherQuery) throws -> [FurtherAccount] {
        let matching = tables.ledger.furtherBudgets.values.filter { account in
            let isSelected =
                switch query.selection {
                case .all: true
                case .exceeded: account.state == .exceeded
                case .periodEnded(let by): account.standing.period.end <= by
                }
            return isSelected && query.after.map { account.id.rawValue > $0.rawValue } ?? true
        }
        return Array(matching.sorted { $0.id.rawValue < $1.id.rawValue }.prefix(query.limit))
    }

    package func furtherSpending(of budget: BudgetID, periodStart: Instant) throws -> FurtherSpending? {
        tables.ledger.furtherPeriods[LedgerTables.PeriodKey(budget: budget, start: periodStart)]
    }

    package func saveFurtherSpending(_ spending: FurtherSpending) throws {
        try requireWriting()
        guard tables.ledger.furtherBudgets[spending.budget] != nil else {
            throw MissingRow(description: "further budget \(spending.budget)")
        }
        let key = LedgerTables.PeriodKey(budget: spending.budget, start: spending.period.start)
        tables.set(\.ledger.furtherPeriods[key], spending)
    }

    package func endMembership(_ membership: Membership, of principal: PrincipalID, at: Instant) throws {
        try requireWriting()
        _ = try requirePrincipal(principal)
        let former = FormerMembership(
            membership: membership, until: at, lastUse: Int64(tables.ledger.prices.useOrder.count))
        let known = tables.ledger.formerMemberships[principal] ?? []
        tables.set(\.ledger.formerMemberships[principal], known + [former])
    }

    package func formerMemberships(of principal: PrincipalID) throws -> [FormerMembership] {
        _ = try requirePrincipal(principal)
        return tables.ledger.formerMemberships[principal] ?? []
    }
}
