import Budgets
import Engine
import WallTime

extension Desk {
    /// Lets a rule that a person has just given hold from now on: the period of now is that of the rule, cut where it would
    /// begin before the one that it takes the place of. That one ends where the new one begins, and each has what was used
    /// in it, as the sums by the hour tell it, and single uses of the hour in which the new one begins; under whatever names.
    ///
    /// Only for an account that stands in the period of now and has access: where that is taken, or may be, the period for
    /// which it was goes on to its end.
    func takeUpPeriodRule(of account: inout BudgetAccount) throws {
        let (known, all) = (account.standing.period, account.standing.spending)
        let own = account.budget.periodRule.firstPeriod(containing: now)
        let next = Period(start: max(own.start, known.start), end: own.end)
        guard next != known else { return }
        guard next.start > known.start else {
            account.standing.period = next
            return try transaction.saveSpending(PeriodSpending(budget: account.id, period: next, spending: all))
        }
        let moved = all.part(
            try transaction.used(byAllNamesOf: account.principal.id, since: next.start, now: now))
        let before = Period(start: known.start, end: next.start)
        try transaction.saveSpending(
            PeriodSpending(budget: account.id, period: before, spending: all.without(moved)))
        try transaction.saveSpending(PeriodSpending(budget: account.id, period: next, spending: moved))
        account.standing = account.standing.rolled(to: next, spending: moved)
    }
}

extension Spending {
    /// What of these sums such uses are. How much of it is not sure, the sums by the hour tell only in part: what may be
    /// counts as such.
    func part(_ sums: UsageSums) -> Spending {
        let part = max(.zero, min(total, sums.cost))
        return Spending(
            total: part, atFallbackPrices: min(atFallbackPrices, part),
            requests: max(0, min(requests, sums.requests - sums.errors - sums.unmetered)),
            unmetered: max(0, min(unmetered, sums.unmetered)))
    }

    /// The sums without others that are part of them.
    /// - Throws: `MoneyError.overflow`.
    func without(_ part: Spending) throws(MoneyError) -> Spending {
        try Spending(
            total: total.subtracting(part.total),
            atFallbackPrices: atFallbackPrices.subtracting(part.atFallbackPrices),
            requests: requests - part.requests, unmetered: unmetered - part.unmetered)
    }
}
