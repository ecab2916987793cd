import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// A use that was charged to a name counts where the name's sums went: for corrections, for periods that are cut, for forecasts.
@Suite struct HandoverTests {
    private typealias Events = RenamingTests

    /// From now on a million tokens of acme.a cost so many dollars, also for what was used already; all is charged anew.
    private func reprice(at price: Int64, _ bench: LedgerBench) async throws {
        let row = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: price * 1_000_000), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        try await bench.refresh()
        _ = try await bench.priceStep("reprice-usage", [:])
    }

    private func further(
        _ bench: LedgerBench, _ scope: FurtherScope, _ unit: BudgetUnit = .money, limit: Int64 = 100_000_000_000,
        _ rule: PeriodRule = .calendarMonth
    ) async throws -> BudgetID {
        try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: scope, unit: unit, periodRule: rule), FurtherBudgetChange(limit: limit),
                by: "operator:eve", $0)
        }.id
    }

    private func spent(_ bench: LedgerBench, _ budget: BudgetID) async throws -> Int64 {
        try #require(try await bench.store.read { try $0.furtherBudget(budget) }).standing.spent
    }

    private func dollarsSpent(_ bench: LedgerBench, _ budget: BudgetID) async throws -> NanoDollars {
        NanoDollars(rawValue: try await spent(bench, budget))
    }

    private func total(_ bench: LedgerBench, _ name: String) async throws -> NanoDollars {
        try await bench.account(name).standing.spending.total
    }

    private func periods(_ bench: LedgerBench, _ name: String) async throws -> [NanoDollars] {
        try await bench.store.read { try $0.periods(of: budgetID(name), limit: 9) }.map(\.spending.total)
    }

    // MARK: - Corrections after a renaming

    @Test func aCheaperPriceRestoresWhoWasSuspendedUnderAnEarlierName() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 600))
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: day("2026-11-20T09:59:10Z")) }
        try await bench.meter([Events.renamed()])
        #expect(try await bench.account("bob").standing.access.status == .suspended)
        let row = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: 100_000), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        try await bench.refresh()

        _ = try await bench.priceStep("reprice-usage", [:])

        #expect(try await total(bench, "bob") == dollars("0.60"))
        #expect(try await bench.account().standing.spending == Spending())
        #expect(bench.publishedTypes.contains("Budget Refreshed"))
        #expect(try await periods(bench, "ana") == [.zero])
        #expect(try await periods(bench, "bob") == [dollars("0.60")])
    }

    @Test func aDearerPriceLeavesTheOldNameEmpty() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10), use("r2", cents: 10))
        try await bench.meter([Events.renamed()])
        try await reprice(at: 3, bench)
        #expect(try await total(bench, "bob") == dollars("0.60"))
        #expect(try await total(bench, "ana") == .zero)
        // The same again changes nothing.
        _ = try await bench.priceStep("reprice-usage", [:])
        #expect(try await total(bench, "bob") == dollars("0.60"))
    }

    /// A name belongs to who has it, and what was used under it to who had it then.
    @Test func whoeverHasTheOldNameNowPaysOnlyItsOwn() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))
        try await bench.meter([Events.renamed()])
        bench.move(to: "2026-11-20T11:00:00Z")
        let created = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Events.event("e2", created, at: "2026-11-20T10:30:00Z")])
        try await bench.meter(use("r2", cents: 20, at: "2026-11-20T10:40:00Z"))
        #expect(try await total(bench, "ana") == dollars("0.20"))

        try await reprice(at: 2, bench)

        #expect(try await total(bench, "ana") == dollars("0.40"))
        #expect(try await total(bench, "bob") == dollars("0.20"))
    }

    @Test func aNameThatCameBackHasAllOfIt() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10))
        try await bench.meter([Events.renamed("e1", at: "2026-11-20T09:59:10Z")])
        try await bench.meter(use("r2", "bob", cents: 20, at: "2026-11-20T09:59:20Z"))
        try await bench.meter([Events.renamed("e2", "bob", to: "ana", at: "2026-11-20T09:59:30Z")])
        #expect(try await total(bench, "ana") == dollars("0.30"))

        try await reprice(at: 2, bench)

        #expect(try await total(bench, "ana") == dollars("0.60"))
        #expect(try await total(bench, "bob") == .zero)
    }

    @Test func whatWasSpentInAnEarlierPeriodStaysWithTheOldName() async throws {
        let bench = LedgerBench()
        try await bench.alterPeriod(.calendarDay)
        try await bench.meter(use("r1", cents: 10))
        bench.move(to: "2026-11-21T10:00:00Z")
        try await bench.meter(use("r2", cents: 20, at: "2026-11-21T09:00:00Z"))
        try await bench.meter([Events.renamed(at: "2026-11-21T09:30:00Z")])

        try await reprice(at: 2, bench)

        #expect(try await periods(bench, "bob") == [dollars("0.40")])
        #expect(try await periods(bench, "ana") == [.zero, dollars("0.20")])
    }

    /// The new name's uses were told of first, and began a period of their own within the old name's.
    @Test func aPeriodThatGaveWayTakesNoCorrections() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10, at: "2026-11-05T09:00:00Z"))
        try await bench.meter(use("r2", "bob", cents: 20, at: "2026-11-20T09:59:40Z"))
        try await bench.meter([Events.renamed()])
        #expect(try await bench.account("bob").standing.period.start == day("2026-11-05"))

        try await reprice(at: 2, bench)

        #expect(try await total(bench, "bob") == dollars("0.60"))
        #expect(try await periods(bench, "bob") == [.zero, dollars("0.60")])
    }

    @Test func furtherBudgetsFollowTheirUser() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r0", cents: 0))
        try await bench.meter([Events.event("e0", .tagged(["Team": "data"]), at: "2026-11-20T09:58:10Z")])
        _ = try await further(bench, .principal(principalID("ana")))
        let team = try await further(bench, .team("data"))
        try await bench.meter(use("r1", cents: 10))
        try await bench.meter([Events.renamed()])
        let own = try FurtherBudget(
            scope: .principal(principalID("bob")), unit: .money, limit: 0, periodRule: .calendarMonth
        ).id
        #expect(try await dollarsSpent(bench, own) == dollars("0.10"))

        try await reprice(at: 3, bench)

        #expect(try await dollarsSpent(bench, own) == dollars("0.30"))
        #expect(try await dollarsSpent(bench, team) == dollars("0.30"))
    }

    // MARK: - Sessions

    private static let session = PrincipalID(account: "111122223333", kind: .federatedUser, name: "app")

    private func used(_ id: String, cents: Int64, at text: String = "2026-11-20T09:59:00Z") -> UsageEvent {
        var event = use(id, cents: cents, at: text)
        event.principal = Principal(id: Self.session)
        return event
    }

    private func issue(_ bench: LedgerBench, at text: String = "2026-11-20T09:30:00Z") async throws {
        try await bench.meter([Events.event("issued", .sessionIssued(name: "app"), at: text)])
    }

    private func session(_ bench: LedgerBench) async throws -> BudgetAccount {
        let id = BudgetScope.principal(Self.session).budgetID
        return try #require(try await bench.store.read { try $0.account(id) })
    }

    @Test func aUsersFurtherBudgetsGetWhatItsSessionUsed() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r0", cents: 0))
        try await bench.meter([Events.event("e0", .tagged(["Team": "data"]), at: "2026-11-20T09:28:10Z")])
        let quota = try await further(bench, .principal(principalID("ana")), .requests, limit: 5, .calendarDay)
        let tokens = try await further(bench, .principal(principalID("ana")), .tokens)
        let team = try await further(bench, .team("data"))
        let everyone = try await further(bench, .everyone)
        try await bench.meter(used("r1", cents: 10), used("r2", cents: 20), used("r3", cents: 30))
        try await issue(bench)

        #expect(try await total(bench, "ana") == dollars("0.60"))
        #expect(try await spent(bench, quota) == 3)
        #expect(try await spent(bench, tokens) == 600_000)
        #expect(try await dollarsSpent(bench, team) == dollars("0.60"))
        #expect(try await dollarsSpent(bench, everyone) == dollars("0.60"))

        try await bench.meter(used("r4", cents: 10))
        try await reprice(at: 2, bench)

        #expect(try await total(bench, "ana") == dollars("1.40"))
        #expect(try await spent(bench, quota) == 4)
        #expect(try await dollarsSpent(bench, team) == dollars("1.40"))
        #expect(try await dollarsSpent(bench, everyone) == dollars("1.40"))
        #expect(try await session(bench).standing.spending == Spending())
    }

    @Test func whoHasTermsOfItsOwnTakesItsSessionOutOfThePool() async throws {
        let bench = LedgerBench()
        let pool = try await further(bench, .pool)
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(limit: dollars("9")), by: "operator:eve", $0)
        }
        try await bench.meter(used("r1", cents: 10))
        #expect(try await dollarsSpent(bench, pool) == dollars("0.10"))
        try await issue(bench)
        #expect(try await dollarsSpent(bench, pool) == .zero)

        try await reprice(at: 3, bench)

        #expect(try await dollarsSpent(bench, pool) == .zero)
        #expect(try await total(bench, "ana") == dollars("0.30"))
    }

    @Test func aUsedUpQuotaSuspendsWhoseSessionUsedIt() async throws {
        let bench = LedgerBench()
        _ = try await further(bench, .principal(principalID("ana")), .requests, limit: 2, .calendarDay)
        try await bench.meter(used("r1", cents: 1), used("r2", cents: 1))
        try await issue(bench)
        #expect(try await bench.account().standing.access.status == .grace)
    }

    /// The user's day has begun after a part of it was used: that is of the day before, and nobody's of now.
    @Test func aSessionsUseBeforeTheUsersPeriodStaysItsOwn() async throws {
        let bench = LedgerBench(at: "2026-11-20T00:20:00Z")
        try await bench.alterPeriod(.calendarDay)
        let quota = try await further(bench, .principal(principalID("ana")), .requests, limit: 9, .calendarDay)
        try await bench.meter(
            used("r1", cents: 10, at: "2026-11-19T23:50:00Z"), used("r2", cents: 20, at: "2026-11-20T00:10:00Z"))
        try await issue(bench, at: "2026-11-19T23:45:00Z")
        #expect(try await total(bench, "ana") == dollars("0.20"))
        #expect(try await session(bench).standing.spending.total == dollars("0.10"))
        #expect(try await spent(bench, quota) == 1)

        try await reprice(at: 2, bench)

        #expect(try await total(bench, "ana") == dollars("0.40"))
        #expect(try await session(bench).standing.spending.total == dollars("0.20"))
    }

    @Test func theSessionOfARenamedUserIsCorrectedThere() async throws {
        let bench = LedgerBench()
        try await bench.meter(used("r1", cents: 10))
        try await issue(bench)
        try await bench.meter([Events.renamed()])
        try await reprice(at: 2, bench)
        #expect(try await total(bench, "bob") == dollars("0.20"))
        #expect(try await total(bench, "ana") == .zero)
        #expect(try await session(bench).standing.spending == Spending())
    }

    // MARK: - What was used under earlier names

    @Test func aPeriodThatIsChangedHasWhatWasUsedUnderAnEarlierName() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r0", cents: 5, at: "2026-11-19T09:00:00Z"))
        try await bench.meter(use("r1", cents: 60, at: "2026-11-20T08:00:00Z"))
        try await bench.meter([Events.renamed()])
        try await bench.meter(use("r2", "bob", cents: 10, at: "2026-11-20T09:59:50Z"))
        bench.move(to: "2026-11-20T11:00:00Z")
        // Whoever has the old name since is another.
        let created = PrincipalEvent.Occurrence.created(uniqueID: "AIDA2", tags: [:])
        try await bench.meter([Events.event("e2", created, at: "2026-11-20T10:10:00Z")])
        try await bench.meter(use("r3", cents: 7, at: "2026-11-20T10:20:00Z"))

        for (name, total) in [("bob", "0.70"), ("ana", "0.07")] {
            let changed = try await bench.changePeriod(.calendarDay, of: name)
            #expect(changed.standing.spending.total == dollars(total), "\(name)")
        }
    }

    @Test func forecastsKnowTheEarlierNames() async throws {
        let bench = LedgerBench()
        try await bench.alterPeriod(.calendarMonth)
        try await bench.meter(use("r1", cents: 48, at: "2026-11-20T08:00:00Z"))
        let before = try await bench.report("ana")
        try await bench.meter([Events.renamed()])
        let after = try await bench.report("bob")
        #expect(before.burnRate == dollars("0.02"))
        #expect(after.burnRate == before.burnRate && after.forecast == before.forecast)
    }

    // MARK: - Zones

    /// India's day begins at half past six in the evening, UTC.
    @Test func aDayThatBeginsWithinAnHourHasAllOfIt() async throws {
        let kolkata = PeriodRule.day(in: try #require(CivilZone(identifier: "Asia/Kolkata")))
        let bench = LedgerBench(at: "2026-11-20T21:00:00Z")
        try await bench.meter(
            use("r1", cents: 10, at: "2026-11-20T18:29:59Z"), use("r2", cents: 20, at: "2026-11-20T18:35:00Z"),
            use("r3", cents: 40, at: "2026-11-20T20:00:00Z"))
        let changed = try await bench.changePeriod(kolkata, of: "ana")
        #expect(changed.standing.period.start == day("2026-11-20T18:30:00Z"))
        #expect(changed.standing.spending == Spending(total: dollars("0.60"), requests: 2))
        #expect(try await periods(bench, "ana") == [dollars("0.60"), dollars("0.10")])

        try await reprice(at: 2, bench)

        #expect(try await periods(bench, "ana") == [dollars("1.20"), dollars("0.20")])
        #expect(try await total(bench, "ana") == dollars("1.20"))
    }

    @Test func aCorrectionBeforeTheChangeCountsInTheRestOfTheHour() async throws {
        let kolkata = PeriodRule.day(in: try #require(CivilZone(identifier: "Asia/Kolkata")))
        let bench = LedgerBench(at: "2026-11-20T21:00:00Z")
        try await bench.meter(
            use("r1", cents: 10, at: "2026-11-20T18:10:00Z"), use("r2", cents: 20, at: "2026-11-20T18:35:00Z"))
        try await reprice(at: 2, bench)
        let changed = try await bench.changePeriod(kolkata, of: "ana")
        #expect(changed.standing.spending == Spending(total: dollars("0.40"), requests: 1))
        #expect(try await periods(bench, "ana") == [dollars("0.40"), dollars("0.20")])
    }
}

extension LedgerBench {
    /// Gives ana, of whom nothing is known yet, a budget of that period.
    fileprivate func alterPeriod(_ rule: PeriodRule) async throws {
        _ = try await changePeriod(rule, of: "ana")
        try await alter { $0.hasOwnTerms = false }
    }

    fileprivate func changePeriod(_ rule: PeriodRule, of name: String) async throws -> BudgetAccount {
        _ = try await transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID(name)), BudgetChange(periodRule: rule), by: "operator:eve", $0)
        }
        return try await account(name)
    }

    fileprivate func report(_ name: String) async throws -> BudgetReport {
        let (account, now) = (try await account(name), now)
        return try await store.read { try BudgetReport.read(account, at: now, $0) }
    }
}
