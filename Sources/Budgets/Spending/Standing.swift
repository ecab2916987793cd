package import WallTime

/// Where a budget stands in its current period: what is spent, what was announced, and whether access is there.
package struct Standing: Sendable, Hashable {
    package let budget: BudgetID
    package var period: Period
    package var spending: Spending
    /// Thresholds that were announced in this period.
    package var announced: Set<Threshold>
    /// How often announcements were armed again in this period (a raised limit); part of the name of what a crossing
    /// starts, so that a second crossing starts something new.
    package var arming: Int
    package var access: Access
    /// Periods that have begun since the budget was made.
    package var refreshCount: Int

    package init(
        budget: BudgetID, period: Period, spending: Spending = Spending(), announced: Set<Threshold> = [],
        arming: Int = 0, access: Access, refreshCount: Int = 0
    ) {
        self.budget = budget
        self.period = period
        self.spending = spending
        self.announced = announced
        self.arming = arming
        self.access = access
        self.refreshCount = refreshCount
    }

    /// The next period of the budget, with what was spent in it already and everything armed again. Access is as it
    /// was: a new period gives nothing back by itself.
    package func rolled(to next: Period, spending: Spending) -> Standing {
        Standing(
            budget: budget, period: next, spending: spending, access: access, refreshCount: refreshCount + 1)
    }

    /// Marks what spending has reached as announced.
    /// - Returns: the thresholds that are new in this period, the lowest first.
    package mutating func announceCrossings(under budget: Budget) -> [Threshold] {
        let new = budget.state(spent: spending.total).reached.filter { !announced.contains($0) }
        announced.formUnion(new)
        return new
    }

    /// Arms the announcements that spending is no longer beyond, after the limit or the thresholds changed.
    package mutating func rearm(under budget: Budget) {
        let reached = Set(budget.state(spent: spending.total).reached)
        guard !announced.isSubset(of: reached) else { return }
        announced.formIntersection(reached)
        arming += 1
    }

    /// Somebody made the closed principal anew. What its name has spent stays, and what is crossed is announced again:
    /// deleting a user and making it anew is no way round a limit.
    /// - Throws: `IllegalTransition` when the principal was not closed.
    package mutating func reopen(at instant: Instant, reason: String) throws(IllegalTransition) {
        guard access.status == .closed else { throw IllegalTransition(from: access.status, to: .active) }
        access = try access.moved(to: .active, at: instant, reason: reason)
        announced = []
        arming += 1
    }
}

/// What was spent in a period.
package struct Spending: Sendable, Hashable {
    package var total: NanoDollars
    /// The part of it that is not sure: charged at safe rates because no price was known, or implausibly dear.
    package var atFallbackPrices: NanoDollars
    /// Uses that were charged, and uses whose cost is unknown.
    package var requests: Int64
    package var unmetered: Int64

    package init(
        total: NanoDollars = .zero, atFallbackPrices: NanoDollars = .zero, requests: Int64 = 0, unmetered: Int64 = 0
    ) {
        self.total = total
        self.atFallbackPrices = atFallbackPrices
        self.requests = requests
        self.unmetered = unmetered
    }

    /// - Throws: `MoneyError.overflow`.
    package func adding(_ charge: Charge) throws(MoneyError) -> Spending {
        var sum = self
        sum.total = try total.adding(charge.amount)
        switch charge.basis {
        case .listed, .estimated, .fallback, .implausible: sum.requests += 1
        case .unmetered: sum.unmetered += 1
        case .notBillable: break
        }
        if charge.basis.isUnsure { sum.atFallbackPrices = try atFallbackPrices.adding(charge.amount) }
        return sum
    }
}
