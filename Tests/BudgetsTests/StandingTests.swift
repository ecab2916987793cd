import Testing
import WallTime

@testable import Budgets

func budget(limit: String = "1.00", mode: BudgetMode = .enforce, isProtected: Bool = false) throws -> Budget {
    try Budget(
        scope: .principal(PrincipalID(account: "1", kind: .user, name: "ana")), limit: NanoDollars(dollars: limit)!,
        mode: mode, isProtected: isProtected)
}

func standing(
    _ budget: Budget, spent: String = "0", atFallback: String = "0", status: AccessStatus = .active
) -> Standing {
    Standing(
        budget: budget.id, period: budget.periodRule.firstPeriod(containing: noon),
        spending: Spending(total: NanoDollars(dollars: spent)!, atFallbackPrices: NanoDollars(dollars: atFallback)!),
        access: Access(status: status, since: noon))
}

@Suite struct StandingTests {
    @Test(arguments: [
        ("0", ThresholdState.normal), ("0.699999999", .normal), ("0.7", .warning), ("0.899999999", .warning),
        ("0.9", .critical),
        ("0.999999999", .critical), ("1", .exceeded), ("250", .exceeded),
    ])
    func exactlyOnALineIsBeyondIt(spent: String, state: ThresholdState) throws {
        #expect(try budget().state(spent: NanoDollars(dollars: spent)!) == state)
    }

    @Test func aLimitOfZeroIsExceededByAnything() throws {
        let none = try budget(limit: "0")

        #expect(none.state(spent: .zero) == .normal)
        #expect(none.state(spent: NanoDollars(rawValue: 1)) == .exceeded)
    }

    @Test(arguments: [
        (ThresholdState.normal, ThresholdState.normal, [Threshold]()), (.normal, .warning, [.warning]),
        (.normal, .exceeded, [.warning, .critical, .exceeded]), (.warning, .critical, [.critical]),
        (.exceeded, .normal, []),
        (.exceeded, .exceeded, []),
    ])
    func crossingsGoUpOnly(before: ThresholdState, after: ThresholdState, expected: [Threshold]) {
        #expect(crossings(from: before, to: after) == expected)
    }

    @Test func eachThresholdIsAnnouncedOnceInAPeriod() throws {
        let budget = try budget()
        var standing = standing(budget, spent: "0.75")

        #expect(standing.announceCrossings(under: budget) == [.warning])
        #expect(standing.announceCrossings(under: budget) == [])
        standing.spending.total = NanoDollars(dollars: "1.5")!
        #expect(standing.announceCrossings(under: budget) == [.critical, .exceeded])

        var next = standing.rolled(to: Period(start: standing.period.end, end: .distantFuture), spending: Spending())
        #expect(next.announced.isEmpty)
        #expect(next.refreshCount == 1)
        next.spending.total = NanoDollars(dollars: "0.7")!
        #expect(next.announceCrossings(under: budget) == [.warning])
    }

    @Test func aRaisedLimitArmsWhatIsNoLongerReached() throws {
        let tight = try budget()
        var standing = standing(tight, spent: "1.2")
        _ = standing.announceCrossings(under: tight)
        let wide = try budget(limit: "1.5")

        standing.rearm(under: wide)
        #expect(standing.announced == [.warning])
        #expect(standing.arming == 1)
        standing.rearm(under: wide)
        #expect(standing.arming == 1)
        standing.spending.total = NanoDollars(dollars: "1.5")!
        #expect(standing.announceCrossings(under: wide) == [.critical, .exceeded])
    }

    @Test(
        arguments: [
            (.listed, false), (.estimated, false), (.fallback, true), (.notBillable, false), (.unmetered, false),
            (.implausible, true),
        ] as [(Charge.Basis, Bool)])
    func guessesAndAbsurdSumsAreUnsure(basis: Charge.Basis, isUnsure: Bool) throws {
        let charge = Charge(amount: NanoDollars(rawValue: 7), basis: basis)
        let sure = Charge(amount: NanoDollars(rawValue: 7), basis: .listed)

        let spending = try Spending().adding(charge)

        #expect(basis.isUnsure == isUnsure)
        #expect(spending.atFallbackPrices.rawValue == (isUnsure ? 7 : 0))
        #expect(try spending.replacing(charge, with: sure) == Spending(total: sure.amount, requests: 1))
    }

    /// The database refuses sums below nothing, and what is corrected in sums that lack it would be nobody's.
    @Test func sumsThatLackAChargeStayAsTheyAre() throws {
        let (old, new) = (
            Charge(amount: NanoDollars(rawValue: 500), basis: .fallback),
            Charge(amount: NanoDollars(rawValue: 20), basis: .listed)
        )
        for total in [0, 100, 499] as [Int64] {
            let some = Spending(total: NanoDollars(rawValue: total), requests: 1)
            #expect(try some.replacing(old, with: new) == some)
        }
        let all = Spending(total: old.amount, requests: 1)
        #expect(try all.replacing(old, with: new) == Spending(total: new.amount, requests: 1))
    }

    @Test(arguments: 0..<40)
    func theOrderOfChargesDoesNotMatter(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let charges = (0..<200).map { _ in
            Charge(
                amount: NanoDollars(rawValue: Int64.random(in: 0...20_000_000, using: &random)),
                basis: Charge.Basis.allCases.randomElement(using: &random)!)
        }
        let budget = try budget()

        func run(_ charges: [Charge]) throws -> (Spending, [Threshold]) {
            var standing = standing(budget)
            var announced: [Threshold] = []
            for charge in charges {
                let before = budget.state(spent: standing.spending.total)
                standing.spending = try standing.spending.adding(charge)
                let new = standing.announceCrossings(under: budget)
                #expect(new == crossings(from: before, to: budget.state(spent: standing.spending.total)))
                announced += new
            }
            return (standing.spending, announced)
        }

        let (spending, announced) = try run(charges)
        let (shuffledSpending, shuffledAnnounced) = try run(charges.shuffled(using: &random))
        #expect(spending == shuffledSpending)
        #expect(announced == shuffledAnnounced)
        #expect(Set(announced).count == announced.count)
        #expect(spending.total.rawValue == charges.reduce(0) { $0 + $1.amount.rawValue })
    }

    @Test func budgetsThatCanNotBeAreRefused() throws {
        let scope = BudgetScope.principal(PrincipalID(account: "1", kind: .user, name: "ana"))

        #expect(throws: BudgetError.negativeLimit) { try Budget(scope: scope, limit: NanoDollars(rawValue: -1)) }
        #expect(throws: BudgetError.graceOutOfRange) { try Budget(scope: scope, limit: .zero, graceSeconds: -1) }
        for (warning, critical) in [(0, 900), (900, 900), (950, 900), (700, 1000)] {
            #expect(throws: BudgetError.thresholdsOutOfOrder) {
                try Thresholds(warningPerMille: warning, criticalPerMille: critical)
            }
        }
        #expect(BudgetScope(scope.budgetID) == scope)
        #expect(BudgetScope(BudgetID(rawValue: "team:a")) == nil)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
