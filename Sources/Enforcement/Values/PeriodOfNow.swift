import Budgets
import WallTime

// A row stands in the period in which it was last used or refreshed. Whoever looks at it later has to know how it stands
// now; who moves it on writes just that (`Desk.rollOver`).

extension BudgetAccount {
    /// In the period that `now` lies in, when its own is over or far ahead, with what was spent in that one already;
    /// otherwise as it is. Nothing is written.
    func inPeriod(of now: Instant, _ transaction: some BudgetLedger) throws -> BudgetAccount {
        guard standing.period.isLeft(at: now) else { return self }
        let next = budget.periodRule.period(containing: now, countedFrom: standing.period)
        let spending = try transaction.spending(of: id, periodStart: next.start)?.spending ?? Spending()
        var account = self
        account.standing = standing.rolled(to: next, spending: spending)
        return account
    }
}

extension FurtherAccount {
    /// The same: what a period that has ended had used up says nothing any more.
    func inPeriod(of now: Instant, _ transaction: some BudgetLedger) throws -> FurtherAccount {
        guard standing.period.isLeft(at: now) else { return self }
        let next = budget.periodRule.period(containing: now, countedFrom: standing.period)
        let spending = try transaction.furtherSpending(of: id, periodStart: next.start)
        var account = self
        account.standing = FurtherStanding(
            period: next, spent: spending?.spent ?? 0, spentAtFallback: spending?.spentAtFallback ?? 0)
        return account
    }
}
