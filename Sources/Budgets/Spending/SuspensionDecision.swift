/// Who is never suspended, and how many may be at a time.
package struct SuspensionPolicy: Sendable, Hashable {
    /// Principals that keep access whatever they spend.
    package var breakGlass: Set<PrincipalID>
    /// Steward's own identity.
    package var own: PrincipalID?
    /// The circuit breaker: suspensions that may start within `breakerWindow`. Beyond it they wait for the monitor.
    package var maximumStarts: Int
    package var breakerWindow: Duration
    /// Whether spending that was charged at safe rates for want of a price counts towards suspension.
    package var countsFallbackPrices: Bool

    package init(
        breakGlass: Set<PrincipalID> = [], own: PrincipalID? = nil, maximumStarts: Int = 25,
        breakerWindow: Duration = .seconds(3600), countsFallbackPrices: Bool = true
    ) {
        self.breakGlass = breakGlass
        self.own = own
        self.maximumStarts = maximumStarts
        self.breakerWindow = breakerWindow
        self.countsFallbackPrices = countsFallbackPrices
    }
}

/// Whether a principal is to be suspended now, and why not.
package enum SuspensionDecision: Sendable, Hashable {
    case suspend
    case spare(Reason)

    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case notExceeded = "not-exceeded"
        /// Beyond the limit only by what was charged at safe rates.
        case fallbackPricesOnly = "fallback-prices-only"
        case observeOnly = "observe-only"
        case protected = "protected"
        case breakGlass = "break-glass"
        case ownPrincipal = "own-principal"
        case unenforceable = "unenforceable"
        /// A person has blocked it already.
        case blockedByPerson = "blocked-by-person"
        case alreadySuspended = "already-suspended"
        case restorationUnderWay = "restoration-under-way"
        case closed = "closed"
        /// Too many suspensions have started lately.
        case circuitBreaker = "circuit-breaker"
    }
}

/// All that the decision looks at.
package struct SuspensionCase: Sendable {
    package var budget: Budget
    package var standing: Standing
    package var principal: Principal
    package var isBlockedByPerson: Bool
    /// Suspensions that started within the policy's window, this one excluded.
    package var recentStarts: Int

    package init(
        budget: Budget, standing: Standing, principal: Principal, isBlockedByPerson: Bool = false, recentStarts: Int = 0
    ) {
        self.budget = budget
        self.standing = standing
        self.principal = principal
        self.isBlockedByPerson = isBlockedByPerson
        self.recentStarts = recentStarts
    }

    /// The first reason to spare wins: facts about the spending, then about the principal, then about its access, and
    /// the circuit breaker last, so that it never hides a better reason.
    package func decision(under policy: SuspensionPolicy) -> SuspensionDecision {
        reasonToSpare(policy).map { .spare($0) } ?? .suspend
    }

    private func reasonToSpare(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        spendingReason(policy) ?? principalReason(policy) ?? accessReason
            ?? (recentStarts >= policy.maximumStarts ? .circuitBreaker : nil)
    }

    private func spendingReason(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        let spending = standing.spending
        guard budget.state(spent: spending.total) == .exceeded else { return .notExceeded }
        guard !policy.countsFallbackPrices else { return nil }
        // The part can't be larger than the whole, and both are within range.
        let sure = NanoDollars(rawValue: spending.total.rawValue - spending.atFallbackPrices.rawValue)
        return budget.state(spent: sure) == .exceeded ? nil : .fallbackPricesOnly
    }

    private func principalReason(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        if principal.id == policy.own { return .ownPrincipal }
        if policy.breakGlass.contains(principal.id) { return .breakGlass }
        if budget.isProtected { return .protected }
        if budget.mode == .observe { return .observeOnly }
        return principal.unenforceable == nil ? nil : .unenforceable
    }

    private var accessReason: SuspensionDecision.Reason? {
        if isBlockedByPerson { return .blockedByPerson }
        return switch standing.access.status {
        case .active, .grace, .suspensionFailed: nil
        case .suspended: .alreadySuspended
        case .restoring, .restorationFailed: .restorationUnderWay
        case .closed: .closed
        }
    }
}
