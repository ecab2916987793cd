/// The name of a budget, made from its scope, so that nobody gets two budgets of one kind.
package struct BudgetID: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// Whose spending a budget limits.
package enum BudgetScope: Sendable, Hashable {
    case principal(PrincipalID)

    package var budgetID: BudgetID {
        switch self {
        case .principal(let id): BudgetID(rawValue: "principal:\(id)")
        }
    }

    /// The scope that an id was made from; nil for any other text.
    package init?(_ id: BudgetID) {
        let prefix = "principal:"
        guard id.rawValue.hasPrefix(prefix), let principal = PrincipalID(String(id.rawValue.dropFirst(prefix.count)))
        else { return nil }
        self = .principal(principal)
    }
}

/// Whether an exceeded budget takes access away or is only reported.
package enum BudgetMode: String, Sendable, Hashable, CaseIterable {
    case observe
    case enforce
}

/// How access is taken away: any union of an explicit deny, the detach of the policies that grant Bedrock, and setting the
/// principal's long-term Bedrock keys inactive.
package enum EnforcementMode: String, Sendable, Hashable, CaseIterable {
    case detach
    case deny
    /// Deny and detach.
    case both
    case key
    case denyAndKey = "deny+key"
    case detachAndKey = "detach+key"
    case all = "both+key"

    package var denies: Bool { [.deny, .both, .denyAndKey, .all].contains(self) }
    package var detaches: Bool { [.detach, .both, .detachAndKey, .all].contains(self) }
    package var inactivatesKeys: Bool { [.key, .denyAndKey, .detachAndKey, .all].contains(self) }

    /// What does all that either does, and nothing more.
    package func and(_ other: EnforcementMode) -> EnforcementMode {
        let (denies, detaches) = (denies || other.denies, detaches || other.detaches)
        return switch (denies, detaches, inactivatesKeys || other.inactivatesKeys) {
        case (true, true, false): .both
        case (true, false, false): .deny
        case (false, true, false): .detach
        case (true, true, true): .all
        case (true, false, true): .denyAndKey
        case (false, true, true): .detachAndKey
        case (false, false, _): .key
        }
    }
}

/// What may be spent in a period, and what happens when it is.
package struct Budget: Sendable, Hashable {
    package static let defaultGraceSeconds = 300
    /// A week: longer than that, a person should decide instead.
    package static let maximumGraceSeconds = 604_800

    package let scope: BudgetScope
    package var limit: NanoDollars
    package var thresholds: Thresholds
    package var periodRule: PeriodRule
    package var mode: BudgetMode
    package var enforcement: EnforcementMode
    /// Between crossing the limit and suspension.
    package var graceSeconds: Int
    /// A person's word that this one is never suspended automatically.
    package var isProtected: Bool

    package var id: BudgetID { scope.budgetID }

    /// - Throws: `BudgetError` when the limit is negative or the grace is out of range.
    package init(
        scope: BudgetScope, limit: NanoDollars, thresholds: Thresholds = .standard, periodRule: PeriodRule = .standard,
        mode: BudgetMode = .enforce, enforcement: EnforcementMode = .both,
        graceSeconds: Int = Self.defaultGraceSeconds, isProtected: Bool = false
    ) throws(BudgetError) {
        guard !limit.isNegative else { throw .negativeLimit }
        guard (0...Self.maximumGraceSeconds).contains(graceSeconds) else { throw .graceOutOfRange }
        self.scope = scope
        self.limit = limit
        self.thresholds = thresholds
        self.periodRule = periodRule
        self.mode = mode
        self.enforcement = enforcement
        self.graceSeconds = graceSeconds
        self.isProtected = isProtected
    }

    /// Where so much spending stands.
    package func state(spent: NanoDollars) -> ThresholdState {
        thresholds.state(perMille: spent.perMille(of: limit))
    }
}

/// A budget that can't be.
package enum BudgetError: Error, Equatable, Sendable, CustomStringConvertible {
    case negativeLimit
    case graceOutOfRange
    case thresholdsOutOfOrder
    case periodOutOfRange

    package var description: String {
        switch self {
        case .negativeLimit: "a budget's limit has to be zero or more"
        case .graceOutOfRange: "grace has to be between 0 and \(Budget.maximumGraceSeconds) seconds"
        case .thresholdsOutOfOrder: "thresholds have to rise: 0 < warning < critical < 100 %"
        case .periodOutOfRange: "a rolling period has to be between 1 and \(PeriodRule.maximumDays) days"
        }
    }
}
