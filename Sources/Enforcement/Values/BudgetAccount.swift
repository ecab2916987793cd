package import Budgets
package import WallTime

/// A budget with where it stands: one row, changed in the transaction of what changes it.
package struct BudgetAccount: Sendable, Equatable {
    package var budget: Budget
    package var standing: Standing
    package var principal: Principal
    /// The principal's team, as its own row says; saving the account does not change it.
    package var team: String?
    /// What the principal is for and its tier, as its own row says; saving the account does not change them.
    package var purpose: String?
    package var tier: String?
    /// Whether a person has given these terms. Otherwise they are the default ones, and the principal is in the pool.
    package var hasOwnTerms: Bool
    /// A person's order that access is taken away, and a person's word that it never is.
    package var block: Hold?
    package var protection: Hold?
    /// The crossing of a further budget that was last acted upon for this principal (`FurtherAccount.crossing`).
    package var furtherCrossing: String?
    /// The executions that were last started for it, while they may still be running.
    package var workflows: [String]
    /// When a suspension was last started, for the circuit breaker.
    package var suspensionStartedAt: Instant?
    package var createdAt: Instant
    package var updatedAt: Instant

    package var id: BudgetID { budget.id }
    package var state: ThresholdState { budget.state(spent: standing.spending.total) }
    /// Whether it is used up and takes access away: one that only observes is reported.
    package var standsAgainstAccess: Bool { state == .exceeded && budget.mode == .enforce }

    /// Whether a person's word, or the budget's terms, keep budgets from taking its access.
    func isProtected(at now: Instant) -> Bool { budget.isProtected || protection.inForce(at: now) != nil }

    package init(
        budget: Budget, standing: Standing, principal: Principal, team: String? = nil, purpose: String? = nil,
        tier: String? = nil, hasOwnTerms: Bool = false, block: Hold? = nil, protection: Hold? = nil,
        furtherCrossing: String? = nil, workflows: [String] = [], suspensionStartedAt: Instant? = nil,
        createdAt: Instant, updatedAt: Instant
    ) {
        self.budget = budget
        self.standing = standing
        self.principal = principal
        self.team = team
        self.purpose = purpose
        self.tier = tier
        self.hasOwnTerms = hasOwnTerms
        self.block = block
        self.protection = protection
        self.furtherCrossing = furtherCrossing
        self.workflows = workflows
        self.suspensionStartedAt = suspensionStartedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension BudgetAccount {
    /// The further budget that was crossed last; nil when there is none, and when its own budget is exceeded.
    package var furtherCause: String? {
        guard state != .exceeded, let furtherCrossing else { return nil }
        return furtherCrossing.split(separator: "/").dropLast(2).joined(separator: "/")
    }

    package var membership: Membership { Membership(team: team, isInPool: !hasOwnTerms) }
    /// Under what the costs of this principal are added up.
    package var costTags: CostTags { CostTags(team: team, purpose: purpose, tier: tier) }
    /// Whose further budgets this principal spends from.
    package var furtherScopes: [FurtherScope] { membership.scopes(of: principal.id) }

    /// The id of the notice that the principal is gone: the same for whoever finds it out and tells.
    var goneNoticeID: String {
        "\(Notice.Kind.principalGone.rawValue)/\(id)/\(standing.access.since.milliseconds)"
    }
}

/// A further budget with where it stands.
package struct FurtherAccount: Sendable, Equatable {
    package var budget: FurtherBudget
    package var standing: FurtherStanding
    package var createdAt: Instant
    package var updatedAt: Instant

    package var id: BudgetID { budget.id }
    package var state: ThresholdState { budget.state(spent: standing.spent) }
    /// See `BudgetAccount.standsAgainstAccess`.
    package var standsAgainstAccess: Bool { state == .exceeded && budget.mode == .enforce }
    /// Names the crossing of its limit in this period: a second one has another name, and so has one of a budget that was
    /// removed and made again.
    package var crossing: String {
        "\(id)/\(standing.period.start.milliseconds)/\(standing.arming)@\(createdAt.milliseconds)"
    }

    package init(budget: FurtherBudget, standing: FurtherStanding, createdAt: Instant, updatedAt: Instant) {
        self.budget = budget
        self.standing = standing
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What was spent of a further budget in one of its periods, in its unit.
package struct FurtherSpending: Sendable, Equatable {
    package var budget: BudgetID
    package var period: Period
    package var spent: Int64
    package var spentAtFallback: Int64

    package init(budget: BudgetID, period: Period, spent: Int64, spentAtFallback: Int64) {
        self.budget = budget
        self.period = period
        self.spent = spent
        self.spentAtFallback = spentAtFallback
    }
}

/// A principal as Steward knows it.
package struct PrincipalRecord: Sendable, Equatable {
    package var principal: Principal
    package var firstSeenAt: Instant
    /// Whether it was found by its spending rather than entered by a person.
    package var isDiscovered: Bool
    /// The team whose budgets it also spends from; nil for none.
    package var team: String?
    /// IAM tags as they were last seen.
    package var tags: [String: String]
    /// What it is for and its tier, as the tags say (`Desk.save`); nil for nothing.
    package var purpose: String?
    package var tier: String?

    package init(
        principal: Principal, firstSeenAt: Instant, isDiscovered: Bool, team: String? = nil,
        tags: [String: String] = [:], purpose: String? = nil, tier: String? = nil
    ) {
        self.principal = principal
        self.firstSeenAt = firstSeenAt
        self.isDiscovered = isDiscovered
        self.team = team
        self.tags = tags
        self.purpose = purpose
        self.tier = tier
    }
}

/// A use with what it was charged: a row of the ledger, never changed.
package struct ChargedUsage: Sendable, Equatable {
    package var event: UsageEvent
    package var charge: Charge
    /// Of who paid, as they were then: what it is counted under, whatever its principal's tags say later.
    package var tags: CostTags
    package var recordedAt: Instant

    package init(event: UsageEvent, charge: Charge, tags: CostTags = CostTags(), recordedAt: Instant) {
        self.event = event
        self.charge = charge
        self.tags = tags
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
