package import Budgets
package import WallTime

/// A budget with where it stands: one row, changed in the transaction of what changes it.
package struct BudgetAccount: Sendable, Equatable {
    package var budget: Budget
    package var standing: Standing
    package var principal: Principal
    /// The executions that were last started for it, while they may still be running.
    package var workflows: [String]
    /// When a suspension was last started, for the circuit breaker.
    package var suspensionStartedAt: Instant?
    package var createdAt: Instant
    package var updatedAt: Instant

    package var id: BudgetID { budget.id }
    package var state: ThresholdState { budget.state(spent: standing.spending.total) }

    package init(
        budget: Budget, standing: Standing, principal: Principal, workflows: [String] = [],
        suspensionStartedAt: Instant? = nil, createdAt: Instant, updatedAt: Instant
    ) {
        self.budget = budget
        self.standing = standing
        self.principal = principal
        self.workflows = workflows
        self.suspensionStartedAt = suspensionStartedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A principal as Steward knows it.
package struct PrincipalRecord: Sendable, Equatable {
    package var principal: Principal
    package var firstSeenAt: Instant
    /// Whether it was found by its spending rather than entered by a person.
    package var isDiscovered: Bool

    package init(principal: Principal, firstSeenAt: Instant, isDiscovered: Bool) {
        self.principal = principal
        self.firstSeenAt = firstSeenAt
        self.isDiscovered = isDiscovered
    }
}

/// A use with what it was charged: a row of the ledger, never changed.
package struct ChargedUsage: Sendable, Equatable {
    package var event: UsageEvent
    package var charge: Charge
    package var recordedAt: Instant

    package init(event: UsageEvent, charge: Charge, recordedAt: Instant) {
        self.event = event
        self.charge = charge
        self.recordedAt = recordedAt
    }
}

/// What was spent of a budget in one of its periods.
package struct PeriodSpending: Sendable, Equatable {
    package var budget: BudgetID
    package var period: Period
    package var spending: Spending

    package init(budget: BudgetID, period: Period, spending: Spending) {
        self.budget = budget
        self.period = period
        self.spending = spending
    }
}
