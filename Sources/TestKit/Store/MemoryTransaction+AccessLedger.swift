package import Budgets
package import Enforcement
package import WallTime

extension MemoryTransaction {
    package func sessions(
        of principal: PrincipalID, since: Instant, amongLatest uses: Int, limit: Int
    ) throws -> [SessionSpending] {
        var sums: [String: Int64] = [:]
        let all = tables.ledger.usage.values.filter { $0.event.principal.id == principal && $0.event.at >= since }
        for use in all.sorted(by: { $0.event.at > $1.event.at }).prefix(max(0, uses)) {
            guard let session = use.event.principal.session else { continue }
            sums[session, default: 0] += use.charge.amount.rawValue
        }
        let sorted = sums.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        return sorted.prefix(limit).map { SessionSpending(session: $0.key, amount: NanoDollars(rawValue: $0.value)) }
    }

    package func acceptLoss(_ policies: [String], ofBackup id: PolicyBackupID, at: Instant) throws {
        try requireWriting()
        guard !policies.isEmpty else { return }
        tables.set(\.ledger.acceptedLoss[id], (tables.ledger.acceptedLoss[id] ?? []).union(policies))
    }

    package func acceptedLoss(ofBackup id: PolicyBackupID) throws -> [String] {
        (tables.ledger.acceptedLoss[id] ?? []).sorted()
    }

    package func unpricedModels(since: Instant, limit: Int) throws -> [UnpricedModel] {
        var found: [String: UnpricedModel] = [:]
        for (slot, sums) in tables.ledger.reports.hours where slot.hour >= since.hour {
            var sum = found[slot.model] ?? UnpricedModel(model: slot.model, uses: 0, amount: .zero)
            sum.uses += sums.fallbackRequests + sums.unmetered
            let (amount, overflow) = sum.amount.rawValue.addingReportingOverflow(sums.fallbackCost.rawValue)
            sum.amount = NanoDollars(rawValue: overflow ? .max : amount)
            found[slot.model] = sum
        }
        let unpriced = found.values.filter { $0.uses > 0 }
        let sorted = unpriced.sorted { $0.uses != $1.uses ? $0.uses > $1.uses : $0.model < $1.model }
        return Array(sorted.prefix(limit))
    }

    package func withoutOwnBudget(limit: Int) throws -> [BudgetAccount] {
        let found = tables.ledger.accounts.values.filter { account in
            tables.ledger.principals[account.principal.id]?.isDiscovered == true
                && !account.hasOwnTerms && account.standing.spending.total > .zero
                && account.id == BudgetScope.principal(account.principal.id).budgetID
        }
        let sorted = found.sorted { left, right in
            let (first, second) = (left.standing.spending.total, right.standing.spending.total)
            return first != second ? first > second : left.id.rawValue < right.id.rawValue
        }
        return Array(sorted.prefix(limit))
    }
}
