import Testing
import WallTime

@testable import Budgets

@Suite struct AccessTests {
    /// What may follow what, as a person would draw it; anything else is refused.
    private static let allowed: [AccessStatus: Set<AccessStatus>] = [
        .active: [.grace, .suspended, .suspensionFailed, .closed],
        .grace: [.active, .suspended, .suspensionFailed, .closed],
        .suspended: [.restoring, .closed],
        .restoring: [.active, .suspended, .restorationFailed, .closed],
        .suspensionFailed: [.active, .suspended, .restoring, .closed],
        .restorationFailed: [.active, .suspended, .restoring, .suspensionFailed, .closed],
        .closed: [.active],
    ]

    @Test(arguments: AccessStatus.allCases, AccessStatus.allCases)
    func onlyLegalTransitionsAreMade(from: AccessStatus, to: AccessStatus) throws {
        let access = Access(status: from, since: noon)
        let later = noon + .seconds(60)

        if from == to {
            #expect(try access.moved(to: to, at: later, reason: "again").since == noon)
        } else if Self.allowed[from, default: []].contains(to) {
            let moved = try access.moved(to: to, at: later, reason: "r")
            #expect(moved == Access(status: to, since: later, reason: "r"))
        } else {
            #expect(throws: IllegalTransition(from: from, to: to)) { try access.moved(to: to, at: later, reason: nil) }
        }
    }

    @Test func graceEndsWithItsStatus() throws {
        let until = noon + .seconds(300)
        let grace = try Access(status: .active, since: noon).moved(to: .grace, at: noon, reason: nil, graceUntil: until)

        #expect(grace.graceUntil == until)
        #expect(try grace.moved(to: .active, at: noon, reason: nil).graceUntil == nil)
    }
}

@Suite struct SuspensionDecisionTests {
    private static let ana = PrincipalID(account: "1", kind: .user, name: "ana")

    private func decide(
        spent: String = "1.00", atFallback: String = "0", mode: BudgetMode = .enforce, isProtected: Bool = false,
        status: AccessStatus = .active, principal: Principal = Principal(id: ana), isBlocked: Bool = false,
        isUnscopable: Bool = false, recentStarts: Int = 0, policy: SuspensionPolicy = SuspensionPolicy()
    ) throws -> SuspensionDecision {
        let budget = try budget(mode: mode, isProtected: isProtected)
        return SuspensionCase(
            budget: budget, standing: standing(budget, spent: spent, atFallback: atFallback, status: status),
            principal: principal,
            block: isBlocked ? Hold(end: .never, reason: "r", by: "operator:a", since: Instant(milliseconds: 0)) : nil,
            isUnscopable: isUnscopable, recentStarts: recentStarts
        ).decision(under: policy)
    }

    @Test func anExceededBudgetSuspends() throws {
        #expect(try decide() == .suspend)
        #expect(try decide(status: .grace) == .suspend)
        #expect(try decide(status: .suspensionFailed) == .suspend)
        #expect(try decide(recentStarts: 24) == .suspend)
        #expect(try decide(spent: "5", atFallback: "5") == .suspend)
    }

    @Test func everyReasonToSpareIsFound() throws {
        let strict = SuspensionPolicy(countsFallbackPrices: false)
        let root = try Principal(arn: "arn:aws:iam::1:root")
        let found: [SuspensionDecision] = [
            try decide(spent: "0.999999999"),
            try decide(spent: "5", atFallback: "4.5", policy: strict),
            try decide(mode: .observe),
            try decide(isProtected: true),
            try decide(policy: SuspensionPolicy(breakGlass: [Self.ana])),
            try decide(policy: SuspensionPolicy(own: Self.ana)),
            try decide(principal: root),
            try decide(policy: SuspensionPolicy(account: "2")),
            try decide(isUnscopable: true),
            try decide(status: .suspended, isBlocked: true),
            try decide(status: .suspended),
            try decide(status: .restoring),
            try decide(status: .closed),
            try decide(recentStarts: 25),
        ]

        #expect(found == SuspensionDecision.Reason.allCases.map { .spare($0) })
        #expect(try decide(status: .restorationFailed) == .spare(.restorationUnderWay))
    }

    @Test func aPersonsBlockNeedsNoSpendingAndGoesPastProtectionObservationAndTheBreaker() throws {
        #expect(
            try decide(spent: "0", mode: .observe, isProtected: true, isBlocked: true, recentStarts: 99) == .suspend)
        #expect(try decide(isBlocked: true, policy: SuspensionPolicy(breakGlass: [Self.ana])) == .spare(.breakGlass))
    }

    @Test func fallbackPricesAloneDoNotSuspendWhenTheyDoNotCount() throws {
        let strict = SuspensionPolicy(countsFallbackPrices: false)

        #expect(try decide(spent: "5", atFallback: "4", policy: strict) == .suspend)
    }

    /// The one that takes access is not surely used up, and the one that is takes none.
    @Test func anUnsureBudgetBesideOneThatObservesDoesNotSuspend() throws {
        let observing = try budget(mode: .observe)
        func decide(_ team: Int64, atFallback: Int64, _ mode: BudgetMode) throws -> SuspensionDecision {
            let team = ExceededBudget(
                id: BudgetID(rawValue: "team"), scope: "team:data", rank: 1, unit: .money, spent: team, limit: 10,
                period: Period(start: noon, end: noon + .seconds(60)), mode: mode, graceSeconds: 0,
                isExceededAtKnownPrices: team - atFallback >= 10)
            return SuspensionCase(
                budget: observing, standing: standing(observing, spent: "2"), principal: Principal(id: Self.ana),
                further: [team]
            ).decision(under: SuspensionPolicy(countsFallbackPrices: false))
        }

        #expect(try decide(15, atFallback: 9, .enforce) == .spare(.fallbackPricesOnly))
        #expect(try decide(25, atFallback: 9, .enforce) == .suspend)
        #expect(try decide(15, atFallback: 9, .observe) == .spare(.observeOnly))
    }

    @Test func aBetterReasonIsNotHiddenByTheBreaker() throws {
        #expect(try decide(isProtected: true, status: .suspended, recentStarts: 99) == .spare(.protected))
        #expect(try decide(status: .suspended, recentStarts: 99) == .spare(.alreadySuspended))
    }
}
