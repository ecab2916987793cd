/// Who is never suspended, and how many may be at a time.
package struct SuspensionPolicy: Sendable, Hashable {
    /// Principals that keep access whatever they spend.
    package var breakGlass: Set<PrincipalID>
    /// Steward's own identity.
    package var own: PrincipalID?
    /// The account in which Steward can take access away; nil where that is not known.
    package var account: String?
    /// The circuit breaker: suspensions that may start within `breakerWindow`. Beyond it they wait for the monitor.
    package var maximumStarts: Int
    package var breakerWindow: Duration
    /// Whether spending that was charged at safe rates for want of a price counts towards suspension.
    package var countsFallbackPrices: Bool

    package init(
        breakGlass: Set<PrincipalID> = [], own: PrincipalID? = nil, account: String? = nil, maximumStarts: Int = 25,
        breakerWindow: Duration = .seconds(3600), countsFallbackPrices: Bool = true
    ) {
        self.breakGlass = breakGlass
        self.own = own
        self.account = account
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
        /// It belongs to another account: whoever has its name where Steward acts is somebody else.
        case otherAccount = "other-account"
        /// Several share the role, and nobody can say which of its sessions to deny: found out in this period, and told.
        case unscopableRole = "unscopable-role"
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
    /// Further budgets that apply to the principal and are used up.
    package var further: [ExceededBudget]
    /// A person's block and protection; nil where there is none in force.
    package var block: Hold?
    package var protection: Hold?
    /// Whether a suspension was declined in this period for want of sessions to deny, and would be again.
    package var isUnscopable: Bool
    /// Whether a suspension has found in this period that the principal belongs to another account.
    package var isElsewhere: Bool
    /// Suspensions that started within the policy's window, this one excluded.
    package var recentStarts: Int

    package init(
        budget: Budget, standing: Standing, principal: Principal, further: [ExceededBudget] = [], block: Hold? = nil,
        protection: Hold? = nil, isUnscopable: Bool = false, isElsewhere: Bool = false, recentStarts: Int = 0
    ) {
        self.budget = budget
        self.standing = standing
        self.principal = principal
        self.further = further
        self.block = block
        self.protection = protection
        self.isUnscopable = isUnscopable
        self.isElsewhere = isElsewhere
        self.recentStarts = recentStarts
    }

    /// All budgets that are used up, the strictest first.
    package var exceeded: [ExceededBudget] {
        let own = ExceededBudget(budget, standing).map { [$0] } ?? []
        return (own + further).sorted(by: ExceededBudget.isStricter)
    }

    /// The budget for which the principal is suspended, or would be: the strictest.
    package var cause: ExceededBudget? { exceeded.first }

    /// The first reason to spare wins: facts about the spending, then about the principal, then about its access, and
    /// the circuit breaker last, so that it never hides a better reason. A person's block needs no spending, and goes
    /// past protection, observation and the breaker.
    package func decision(under policy: SuspensionPolicy) -> SuspensionDecision {
        reasonToSpare(policy).map { .spare($0) } ?? .suspend
    }

    /// Why it would keep access whatever it spends; nil for who would lose it.
    package func exemption(under policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        untouchableReason(policy) ?? protectedReason
    }

    private var protectedReason: SuspensionDecision.Reason? {
        budget.isProtected || protection != nil ? .protected : nil
    }

    private func reasonToSpare(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        if block != nil { return untouchableReason(policy) ?? accessReason }
        return spendingReason(policy) ?? untouchableReason(policy) ?? principalReason(policy) ?? accessReason
            ?? (recentStarts >= policy.maximumStarts ? .circuitBreaker : nil)
    }

    private func spendingReason(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        guard !exceeded.isEmpty else { return .notExceeded }
        return counting(policy).isEmpty ? .fallbackPricesOnly : nil
    }

    /// The used up budgets whose spending is sure enough to act on, the strictest first.
    private func counting(_ policy: SuspensionPolicy) -> [ExceededBudget] {
        policy.countsFallbackPrices ? exceeded : exceeded.filter(\.isExceededAtKnownPrices)
    }

    /// The shortest grace of what speaks for a suspension: none where a person's block does, else that of the budgets; nil
    /// when nothing does.
    package func shortestGraceSeconds(under policy: SuspensionPolicy) -> Int? {
        if block != nil { return 0 }
        return counting(policy).filter { $0.mode == .enforce }.map(\.graceSeconds).min()
    }

    private func untouchableReason(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        if principal.id == policy.own { return .ownPrincipal }
        if policy.breakGlass.contains(principal.id) { return .breakGlass }
        if isUnscopable { return .unscopableRole }
        if principal.unenforceable != nil { return .unenforceable }
        let isOfOtherAccount = policy.account.map { $0 != principal.id.account } ?? false
        return isElsewhere || isOfOtherAccount ? .otherAccount : nil
    }

    private func principalReason(_ policy: SuspensionPolicy) -> SuspensionDecision.Reason? {
        if let protectedReason { return protectedReason }
        // The strictest comes first, and what enforces is stricter than what observes.
        guard counting(policy).first?.mode == .observe else { return nil }
        return cause?.mode == .observe ? .observeOnly : .fallbackPricesOnly
    }

    private var accessReason: SuspensionDecision.Reason? {
        switch standing.access.status {
        case .active, .grace, .suspensionFailed: nil
        case .suspended: block == nil ? .alreadySuspended : .blockedByPerson
        case .restoring: .restorationUnderWay
        // Nobody knows what it has of its access: a person's order takes the rest, a budget waits for a person.
        case .restorationFailed: block == nil ? .restorationUnderWay : nil
        case .closed: .closed
        }
    }
}
