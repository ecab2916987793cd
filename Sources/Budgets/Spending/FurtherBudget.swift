/// What a budget counts.
package enum BudgetUnit: String, Sendable, Hashable, CaseIterable {
    /// Nano-dollars.
    case money
    /// All tokens of a use that Bedrock bills: prompt, cache and output.
    case tokens
    /// Uses that Bedrock bills.
    case requests

    /// What one use adds to a budget of this unit.
    package func amount(of event: UsageEvent, _ charge: Charge) -> Int64 {
        switch self {
        case .money: charge.amount.rawValue
        // What Bedrock refused, it doesn't bill: a throttled caller must not lose its quota to its retries.
        case .tokens: charge.basis == .notBillable ? 0 : event.tokens.all
        case .requests: charge.basis == .notBillable ? 0 : 1
        }
    }

    /// For people: `$12.50`, `1000 tokens`.
    package func text(_ amount: Int64) -> String {
        switch self {
        case .money: "$\(NanoDollars(rawValue: amount))"
        case .tokens: "\(amount) tokens"
        case .requests: "\(amount) requests"
        }
    }
}

/// Whose spending a further budget limits.
package enum FurtherScope: Sendable, Hashable {
    case principal(PrincipalID)
    case team(String)
    /// All principals that nobody has given a budget of their own.
    case pool
    case everyone

    /// The strictest first, for equal periods: what is closest to the one who spends says most.
    package var rank: Int {
        switch self {
        case .principal: 0
        case .team: 1
        case .pool: 2
        case .everyone: 3
        }
    }

    /// Whether the budget is shared by several principals.
    package var isShared: Bool { rank > 0 }
}

extension FurtherScope: CustomStringConvertible {
    /// `principal:ACCOUNT/KIND/NAME`, `team:NAME`, `pool` or `everyone`.
    package var description: String {
        switch self {
        case .principal(let id): "principal:\(id)"
        case .team(let name): "team:\(name)"
        case .pool: "pool"
        case .everyone: "everyone"
        }
    }

    /// Reads what `description` writes; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "pool": self = .pool
        case "everyone": self = .everyone
        default:
            if text.hasPrefix("team:"), text.utf8.count > 5 {
                self = .team(String(text.dropFirst(5)))
            } else if text.hasPrefix("principal:"), let id = PrincipalID(String(text.dropFirst(10))) {
                self = .principal(id)
            } else {
                return nil
            }
        }
    }
}

/// A budget beside the one that every principal has: of another unit or period, or shared by a team, by the pool or by
/// everyone. The strictest of all that apply to a principal decides.
package struct FurtherBudget: Sendable, Hashable {
    package let scope: FurtherScope
    package let unit: BudgetUnit
    package let periodRule: PeriodRule
    /// In `unit`.
    package var limit: Int64
    package var thresholds: Thresholds
    package var mode: BudgetMode
    /// Between crossing the limit and suspension.
    package var graceSeconds: Int

    /// - Throws: `BudgetError` when the limit is negative or the grace is out of range.
    package init(
        scope: FurtherScope, unit: BudgetUnit, limit: Int64, periodRule: PeriodRule, thresholds: Thresholds = .standard,
        mode: BudgetMode = .enforce, graceSeconds: Int = Budget.defaultGraceSeconds
    ) throws(BudgetError) {
        guard limit >= 0 else { throw .negativeLimit }
        guard (0...Budget.maximumGraceSeconds).contains(graceSeconds) else { throw .graceOutOfRange }
        self.scope = scope
        self.unit = unit
        self.periodRule = periodRule
        self.limit = limit
        self.thresholds = thresholds
        self.mode = mode
        self.graceSeconds = graceSeconds
    }

    /// Made from what can't be changed of it, so that nobody has two of one kind: `team:data#tokens/day`.
    package var id: BudgetID { BudgetID(rawValue: "\(scope)#\(unit.rawValue)/\(periodRule)") }

    package func state(spent: Int64) -> ThresholdState {
        thresholds.state(perMille: NanoDollars(rawValue: spent).perMille(of: NanoDollars(rawValue: limit)))
    }
}

/// Where a further budget stands in its period.
package struct FurtherStanding: Sendable, Hashable {
    package var period: Period
    /// In the budget's unit.
    package var spent: Int64
    /// The part of it that was charged at safe rates because no price was known.
    package var spentAtFallback: Int64
    /// Thresholds that were announced in this period.
    package var announced: Set<Threshold>
    /// See `Standing.arming`.
    package var arming: Int

    package init(
        period: Period, spent: Int64 = 0, spentAtFallback: Int64 = 0, announced: Set<Threshold> = [], arming: Int = 0
    ) {
        self.period = period
        self.spent = spent
        self.spentAtFallback = spentAtFallback
        self.announced = announced
        self.arming = arming
    }

    /// Marks what spending has reached as announced.
    /// - Returns: the thresholds that are new in this period, the lowest first.
    package mutating func announceCrossings(under budget: FurtherBudget) -> [Threshold] {
        let new = budget.state(spent: spent).reached.filter { !announced.contains($0) }
        announced.formUnion(new)
        return new
    }

    /// Arms the announcements that spending is no longer beyond.
    package mutating func rearm(under budget: FurtherBudget) {
        let reached = Set(budget.state(spent: spent).reached)
        guard !announced.isSubset(of: reached) else { return }
        announced.formIntersection(reached)
        arming += 1
    }
}

/// A budget that is used up, as the reason why somebody is suspended.
package struct ExceededBudget: Sendable, Hashable {
    package var id: BudgetID
    /// What people know the scope by, such as `team:data`.
    package var scope: String
    package var rank: Int
    package var unit: BudgetUnit
    package var spent: Int64
    package var limit: Int64
    package var period: Period
    package var mode: BudgetMode
    package var graceSeconds: Int
    /// Whether it is exceeded even without what was charged at safe rates for want of a price.
    package var isExceededAtKnownPrices: Bool

    package init(
        id: BudgetID, scope: String, rank: Int, unit: BudgetUnit, spent: Int64, limit: Int64, period: Period,
        mode: BudgetMode, graceSeconds: Int, isExceededAtKnownPrices: Bool
    ) {
        self.id = id
        self.scope = scope
        self.rank = rank
        self.unit = unit
        self.spent = spent
        self.limit = limit
        self.period = period
        self.mode = mode
        self.graceSeconds = graceSeconds
        self.isExceededAtKnownPrices = isExceededAtKnownPrices
    }

    /// Nil unless the budget is used up.
    package init?(_ budget: FurtherBudget, _ standing: FurtherStanding) {
        guard budget.state(spent: standing.spent) == .exceeded else { return nil }
        self.init(
            id: budget.id, scope: budget.scope.description, rank: budget.scope.rank, unit: budget.unit,
            spent: standing.spent, limit: budget.limit, period: standing.period, mode: budget.mode,
            graceSeconds: budget.graceSeconds,
            isExceededAtKnownPrices: budget.state(spent: standing.spent - standing.spentAtFallback) == .exceeded)
    }

    /// Nil unless the budget is used up.
    package init?(_ budget: Budget, _ standing: Standing) {
        let spending = standing.spending
        guard budget.state(spent: spending.total) == .exceeded else { return nil }
        // The part can't be larger than the whole, and both are within range.
        let sure = NanoDollars(rawValue: spending.total.rawValue - spending.atFallbackPrices.rawValue)
        self.init(
            id: budget.id, scope: budget.id.rawValue, rank: 0, unit: .money, spent: spending.total.rawValue,
            limit: budget.limit.rawValue, period: standing.period, mode: budget.mode,
            graceSeconds: budget.graceSeconds, isExceededAtKnownPrices: budget.state(spent: sure) == .exceeded)
    }

    /// The strictest first: what enforces before what observes, then what holds longest, then what is closest to the one
    /// who spends.
    package static func isStricter(_ left: ExceededBudget, _ right: ExceededBudget) -> Bool {
        let (first, second) = (left.mode == .enforce ? 0 : 1, right.mode == .enforce ? 0 : 1)
        return (first, right.period.end, left.rank, left.id.rawValue)
            < (second, left.period.end, right.rank, right.id.rawValue)
    }
}
