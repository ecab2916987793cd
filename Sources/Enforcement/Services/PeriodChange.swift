import Budgets
import Engine
import WallTime

extension Desk {
    /// Lets a rule that a person has just given hold from now on: the period of now is that of the rule, cut where it would
    /// begin before the one that it takes the place of. That one ends where the new one begins, and each has what was used
    /// in it, as the sums by the hour tell it, and single uses of the hour in which the new one begins; under whatever names.
    ///
    /// Where access is taken, or may be, the period for which it was goes on to its end, and one that is over stays what it
    /// was. What was used after it, as uses may be stamped ahead of the clock, is the new rule's in any case.
    func takeUpPeriodRule(of account: inout BudgetAccount) throws {
        let known = account.standing.period
        var sums = try transaction.removeSpending(of: account.id, from: known.end)
        if account.standing.access.status.rollsOver, known.contains(now) {
            sums.append(try cutPeriod(of: &account))
        }
        var dealing = PeriodDealing(account: account, transaction: transaction)
        for sum in sums { try dealing.deal(sum) }
        for dealt in dealing.dealt.values.sorted(by: { $0.period.start < $1.period.start }) {
            try transaction.saveSpending(dealt)
            if dealt.period == account.standing.period { account.standing.spending = dealt.spending }
        }
    }

    /// Begins the rule's period of now in that of the account.
    /// - Returns: what the account's period has from there on, up to its end: some of it may be of the rule's next ones.
    private func cutPeriod(of account: inout BudgetAccount) throws -> PeriodSpending {
        let (known, all) = (account.standing.period, account.standing.spending)
        let own = account.budget.periodRule.firstPeriod(containing: now)
        let next = Period(start: max(own.start, known.start), end: own.end)
        guard next.start > known.start else {
            account.standing.period = next
            return PeriodSpending(budget: account.id, period: known, spending: all)
        }
        let moved = all.part(
            try transaction.used(byAllNamesOf: account.principal.id, from: next.start, to: known.end))
        let before = Period(start: known.start, end: next.start)
        try transaction.saveSpending(
            PeriodSpending(budget: account.id, period: before, spending: all.without(moved)))
        account.standing = account.standing.rolled(to: next, spending: moved)
        return PeriodSpending(
            budget: account.id, period: Period(start: next.start, end: known.end), spending: moved)
    }
}

/// Gives sums of some time to the periods that an account's rule makes of that time, counted from the one that it stands in.
private struct PeriodDealing<Transaction: ExecutionTransaction & BudgetLedger> {
    let account: BudgetAccount
    let transaction: Transaction
    /// By the beginnings of their periods.
    private(set) var dealt: [Instant: PeriodSpending] = [:]

    init(account: BudgetAccount, transaction: Transaction) {
        self.account = account
        self.transaction = transaction
    }

    /// What no use is found for, as those of a name that was another's then, stays in the first of the periods.
    mutating func deal(_ sum: PeriodSpending) throws {
        let first = period(containing: sum.period.start)
        var rest = sum.spending
        try deal(&rest, from: first.end, to: sum.period.end)
        try add(rest, to: first)
    }

    /// Takes from `rest` what was used in that time. Halves the time until each half is one period or has no uses: of short
    /// periods there are a great many, and almost all are empty.
    private mutating func deal(_ rest: inout Spending, from start: Instant, to end: Instant) throws {
        guard start < end, rest != Spending() else { return }
        let part = rest.part(try transaction.used(byAllNamesOf: account.principal.id, from: start, to: end))
        guard part != Spending() else { return }
        let first = period(containing: start)
        guard first.end < end else {
            rest = try rest.without(part)
            return try add(part, to: first)
        }
        let half = (end.milliseconds - start.milliseconds) / 2
        let middle = period(containing: Instant(milliseconds: start.milliseconds + half)).start
        let cut = middle > start ? middle : first.end
        try deal(&rest, from: start, to: cut)
        try deal(&rest, from: cut, to: end)
    }

    private func period(containing instant: Instant) -> Period {
        account.budget.periodRule.period(containing: instant, countedFrom: account.standing.period)
    }

    private mutating func add(_ part: Spending, to period: Period) throws {
        let known = dealt[period.start]?.spending ?? Spending()
        dealt[period.start] = PeriodSpending(
            budget: account.id, period: period, spending: try known.joined(with: part))
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
