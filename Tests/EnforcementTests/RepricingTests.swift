import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct RepricingTests {
    /// From now on a million tokens of acme.a cost so many dollars, also for what was used already.
    /// - Parameter each: that many dollars for a million million tokens, instead.
    private func set(_ price: Int64, each: Int64 = 1_000_000, _ bench: LedgerBench) async throws {
        let row = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: price * each), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        try await bench.refresh()
    }

    private func reprice(_ bench: LedgerBench, _ input: JSONValue = [:]) async throws -> JSONValue {
        try await bench.priceStep("reprice-usage", input)
    }

    private func further(_ bench: LedgerBench, _ scope: FurtherScope) async throws -> BudgetID {
        try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: scope, unit: .money, periodRule: .calendarMonth),
                FurtherBudgetChange(limit: 100_000_000_000), by: "operator:eve", $0)
        }.id
    }

    private func spent(_ bench: LedgerBench, _ budget: BudgetID) async throws -> NanoDollars {
        let account = try #require(try await bench.store.read { try $0.furtherBudget(budget) })
        return NanoDollars(rawValue: account.standing.spent)
    }

    @Test func correctionsMoveTheSumsAndLeaveTheUses() async throws {
        let bench = LedgerBench()
        let (first, second) = (use("r1", cents: 10), use("r2", "bob", cents: 20))
        try await bench.meter(first, second)
        try await set(2, bench)

        let result = try await reprice(bench)

        #expect(result["changed"] == 2)
        #expect(result["before"] == "0.30")
        #expect(result["after"] == "0.60")
        #expect(try await bench.account().standing.spending == Spending(total: dollars("0.20"), requests: 1))
        #expect(try await bench.account("bob").standing.spending.total == dollars("0.40"))
        let (charged, corrections, periods) = try await bench.store.read { transaction in
            (
                try transaction.usage(first.key)?.charge.amount, try transaction.corrections(of: first.key),
                try transaction.periods(of: budgetID("ana"), limit: 9)
            )
        }
        #expect(charged == dollars("0.10"))
        #expect(corrections.map(\.amount) == [dollars("0.10")])
        #expect(corrections.first?.priceSource == "operator: said")
        #expect(periods.map(\.spending.total) == [dollars("0.20")])
        #expect(
            try await bench.audit.filter { $0.action == "usage.repriced" }.map(\.subject) == [
                principalID("ana").description, principalID("bob").description,
            ])
    }

    /// A use that comes late, after the budget's period was made another, belongs to the period that was kept then; and so
    /// do the corrections of all that was used in it.
    @Test func aPeriodOfAnEarlierRuleKeepsItsUses() async throws {
        let bench = LedgerBench(at: "2026-11-20T13:00:00Z")
        try await set(4, bench)
        try await bench.meter(use("r1", cents: 10, at: "2026-11-20T12:00:00Z"))
        // As it is for who had no access when a person changed it: the period of then goes on to its end.
        try await bench.alter { $0.budget.periodRule = .calendarDay }
        bench.move(to: "2026-12-21T10:00:00Z")
        try await bench.meter(
            use("r2", cents: 1, at: "2026-11-24T12:30:00Z"), use("r3", cents: 2, at: "2026-12-21T09:00:00Z"))
        func periods() async throws -> [PeriodSpending] {
            try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        }

        let before = try await periods()
        #expect(before.map(\.period.start) == [day("2026-12-21"), day("2026-11-20")])
        #expect(before.map(\.spending.total) == [dollars("0.08"), dollars("0.44")])
        try await set(1, bench)
        #expect(try await reprice(bench)["changed"] == 3)
        #expect(try await periods().map(\.spending.total) == [dollars("0.02"), dollars("0.11")])
    }

    @Test func whatHasAPriceNowIsReportedAsSuch() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10, model: "acme.new"))
        func sums() async throws -> UsageSums? {
            let query = UsageQuery(from: day("2026-11-20").hour, to: day("2026-11-21").hour)
            return try await bench.store.read { try $0.usageGroups(query).first?.sums }
        }
        #expect(try await sums()?.fallbackRequests == 1)
        let row = PriceRow(
            model: "acme.new", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: 1_000_000), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        try await bench.refresh()

        _ = try await reprice(bench)

        let after = try #require(try await sums())
        #expect(after.requests == 1 && after.fallbackRequests == 0)
        #expect(after.cost == dollars("0.10") && after.fallbackCost == .zero)
    }

    @Test func usesThatNoPriceFitsAreCountedAndKeepTheirCharge() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10), use("r2", cents: 20))
        try await set(9_000_000_000_000, bench)
        let before = try await bench.account()

        let result = try await reprice(bench)

        #expect(result["looked"] == 2)
        #expect(result["unpriceable"] == 2)
        #expect(result["changed"] == 0)
        #expect(try await bench.account() == before)
        #expect(try await reprice(bench, ["progress": ["unpriceable": 3]])["unpriceable"] == 5)
    }

    @Test func theSameAgainChangesNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10), use("r2", cents: 20))
        try await set(3, bench)
        _ = try await reprice(bench)
        let before = try await bench.account()

        bench.advance(.seconds(60))
        let again = try await reprice(bench)

        #expect(again["changed"] == 0)
        #expect(again["looked"] == 2)
        #expect(try await bench.account() == before)
    }

    @Test func aPreviewSaysWhatRepricingDoesAndChangesNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 10), use("r2", "bob", cents: 20), use("r3", "bob", cents: 1))
        try await set(2, bench)
        let prices = bench.settings.prices
        let before = (try await bench.account(), bench.store.commits)

        let report = try await bench.store.read { transaction in
            var report = RepricingReport()
            let next = try Repricing.preview(
                RepricingRequest(), after: nil, prices: prices, into: &report, transaction)
            #expect(next == nil)
            return report
        }

        #expect(report.changed == 3)
        #expect(report.lines[principalID("bob")]?.before == dollars("0.21"))
        #expect(report.lines[principalID("bob")]?.after == dollars("0.42"))
        #expect(try await bench.account() == before.0)
        let done = try await reprice(bench)
        #expect(done["changed"] == 3)
        #expect(done["after"] == "0.62")
    }

    @Test(
        arguments: [
            ([:], 4), (["from": "2026-11-20T09:30:00Z"], 3), (["to": "2026-11-20T09:30:00Z"], 1),
            (["principal": "111122223333/user/bob"], 2), (["model": "acme.a"], 4), (["model": "acme.b"], 0),
            (["principal": "111122223333/user/bob", "from": "2026-11-20T09:59:00Z"], 2),
        ] as [(JSONValue, Int64)])
    func onlyWhatIsAskedForIsLookedAt(_ input: JSONValue, changed: Int64) async throws {
        let bench = LedgerBench()
        try await bench.meter(
            use("r1", cents: 1, at: "2026-11-20T09:00:00Z"), use("r2", cents: 1), use("r3", "bob", cents: 1),
            use("r4", "bob", cents: 1))
        try await set(2, bench)

        #expect(try await reprice(bench, input)["changed"] == .int(changed))
    }

    /// Damaged counts: what nothing can hold is told as the largest number, before and after they are corrected.
    @Test func sumsThatFitNoNumberNeverFallBelowWhatWasSpent() async throws {
        let bench = LedgerBench()
        let everyone = try await further(bench, .everyone)
        for name in ["ana", "bob"] {
            var event = use(name, name, cents: 1)
            event.tokens = TokenCounts(input: 6_000_000_000_000_000)
            try await bench.meter(event)
        }
        #expect(try await spent(bench, everyone).rawValue == .max)
        try await set(1, each: 1, bench)

        let prices = bench.settings.prices
        let report = try await bench.store.read { transaction in
            var report = RepricingReport()
            _ = try Repricing.preview(RepricingRequest(), after: nil, prices: prices, into: &report, transaction)
            return report
        }
        #expect(report.lines.count == 2 && report.total.changed == 2)
        #expect(report.total.before.rawValue == .max && report.total.after == dollars("12000"))

        let result = try await reprice(bench)
        #expect(result["beforeNanos"] == .int(.max) && result["after"] == "12000.00")
        #expect(try await bench.account().standing.spending.total == dollars("6000"))
        #expect(try await spent(bench, everyone).rawValue == .max)
        let hour = bench.now.hour
        let total = try await bench.store.read { transaction in
            try transaction.usageGroups(UsageQuery(from: hour - 1, to: hour + 1)).first?.sums.cost
        }
        #expect(total?.rawValue == .max)
    }

    @Test func itGoesOnWindowAfterWindow() async throws {
        let bench = LedgerBench()
        let uses = (0..<(Repricing.window + 5)).map { UsageRecord.usage(use("r\($0)", cents: 1)) }
        try await bench.transact { desk in
            var free = desk.settings.defaultBudget
            free.limit = dollars("1000")
            _ = try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(limit: free.limit), by: "operator:ana", desk)
        }
        try await bench.meter(uses)
        try await set(2, bench)

        let first = try await reprice(bench)
        #expect(first["done"] == false)
        #expect(try await bench.account().standing.spending.total == dollars("20.05"))
        let second = try await reprice(bench, ["progress": first])
        #expect(second["done"] == true)
        #expect(second["changed"] == .int(Int64(Repricing.window + 5)))
        #expect(try await bench.account().standing.spending.total == dollars("20.10"))
    }

    @Test func aDearerPriceCrossesAndStartsTheSuspension() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await set(2, bench)

        _ = try await reprice(bench)

        #expect(bench.publishedTypes.suffix(1) == ["Budget Exceeded"])
        #expect(try await bench.account().standing.access.status == .grace)
    }

    @Test func aCheaperPriceSparesWhoIsInGraceAndArmsThresholds() async throws {
        let bench = LedgerBench()
        try await set(2, bench)
        try await bench.meter(use("r1", cents: 50))
        #expect(try await bench.account().standing.access.status == .grace)
        try await set(1, bench)

        _ = try await reprice(bench)

        let account = try await bench.account()
        #expect(account.standing.announced == [])
        #expect(account.standing.arming == 1)
        #expect(try await bench.step("check-budget", request())["exceeded"] == false)
        #expect(!bench.publishedTypes.contains("Budget Refreshed"))
    }

    @Test func aCheaperPriceRestoresWhoIsSuspendedOnce() async throws {
        let bench = LedgerBench()
        try await set(2, bench)
        try await bench.meter(use("r1", cents: 30), use("r2", cents: 30))
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: day("2026-11-20T09:59:30Z")) }
        try await set(1, bench)

        _ = try await reprice(bench)
        _ = try await reprice(bench)

        let restorations = bench.published.filter { $0.detailType == "Budget Refreshed" }
        #expect(restorations.count == 1)
        let restoration = try SuspensionRequest(restorations[0].detail)
        #expect(restoration.reason == .repriced)
        #expect(restoration.spent == dollars("0.60"))
        let input = restorations[0].detail
        #expect(try await bench.step("validate-restoration", input)["reason"] == "usage-repriced")
    }

    @Test func anEndedPeriodPaysItsOwnUses() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("old", cents: 10))
        bench.move(to: "2026-12-25T00:00:00Z")
        try await bench.meter(use("new", cents: 20, at: "2026-12-24T00:00:00Z"))
        try await set(3, bench)

        _ = try await reprice(bench)

        #expect(try await bench.account().standing.spending.total == dollars("0.60"))
        let periods = try await bench.store.read { try $0.periods(of: budgetID("ana"), limit: 9) }
        #expect(periods.map(\.spending.total) == [dollars("0.60"), dollars("0.30")])
    }

    @Test func whoLeftThePoolHasItPayWhatItPaid() async throws {
        let bench = LedgerBench()
        let pool = try await further(bench, .pool)
        try await bench.meter(use("r1", cents: 10))
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: principalID("ana")), BudgetChange(limit: dollars("3")), by: "operator:eve", $0)
        }
        // In the same millisecond, and no longer the pool's.
        try await bench.meter(use("r2", cents: 20))
        try await set(2, bench)

        _ = try await reprice(bench)

        #expect(try await spent(bench, pool) == dollars("0.20"))
        #expect(try await bench.account().standing.spending.total == dollars("0.60"))
    }

    /// A charge beyond what one use should cost is not sure, for the shared budget as for the own one.
    @Test func aCorrectionMovesWhatIsNotSureOfSharedBudgets() async throws {
        let bench = LedgerBench()
        let cap = try await further(bench, .everyone)
        try await bench.meter(use("r1", cents: 6000))

        for (price, unsure) in [(Int64(2), "120"), (1, "0")] {
            try await set(price, bench)
            _ = try await reprice(bench)

            let shared = try #require(try await bench.store.read { try $0.furtherBudget(cap) })
            #expect(NanoDollars(rawValue: shared.standing.spentAtFallback) == dollars(unsure))
            #expect(try await bench.account().standing.spending.atFallbackPrices == dollars(unsure))
        }
    }

    @Test func eachTeamPaysWhatWasUsedWhileThePrincipalBelongedToIt() async throws {
        let bench = LedgerBench()
        let teams = ["red", "blue", "green"]
        var budgets: [BudgetID] = []
        for name in teams { budgets.append(try await further(bench, .team(name))) }
        try await bench.meter(use("r0", cents: 1))
        for (index, name) in teams.enumerated() {
            _ = try await bench.transact { try $0.noteTags(["Team": name], of: principalID("ana")) }
            try await bench.meter(use("r\(index + 1)", cents: Int64(10 * (index + 1))))
            if index == 0 { bench.advance(.seconds(60)) }
        }
        try await set(2, bench)

        _ = try await reprice(bench)
        _ = try await reprice(bench)

        var sums: [NanoDollars] = []
        for budget in budgets { sums.append(try await spent(bench, budget)) }
        #expect(sums == [dollars("0.20"), dollars("0.40"), dollars("0.60")])
    }

    /// However prices move, the sums are those of the charges with their corrections.
    @Test(arguments: 0..<8)
    func sumsAreThoseOfTheCorrectedCharges(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = LedgerBench()
        var uses: [UsageEvent] = []
        for round in 0..<6 {
            let batch = (0..<10).map { number in
                use(
                    "r\(round)-\(number)", Bool.random(using: &random) ? "ana" : "bob",
                    cents: Int64.random(in: 0...40, using: &random),
                    model: Int.random(in: 0..<4, using: &random) == 0 ? "acme.unknown" : "acme.a")
            }
            uses += batch
            try await bench.meter(batch.map { .usage($0) })
            try await set(Int64.random(in: 1...4, using: &random), bench)
            if Bool.random(using: &random) { _ = try await reprice(bench) }
        }
        _ = try await reprice(bench)
        let walked = try await bench.store.read { try $0.chargedUses(ChargedUseQuery(window: 1000)).uses }
        let book = bench.settings.prices.book
        for name in ["ana", "bob"] {
            let hers = walked.filter { $0.usage.event.principal.id == principalID(name) }
            let spending = try hers.reduce(Spending()) { try $0.adding($1.current) }
            #expect(try await bench.account(name).standing.spending == spending)
            for use in hers { #expect(try book.charge(for: use.usage.event) == use.current) }
        }
        #expect(walked.count == uses.count)
    }

    @Test(
        arguments: [
            (["from": "yesterday"], "from"), (["principal": "ana"], "principal"), (["model": 7], "model"),
        ] as [(JSONValue, String)])
    func aRequestThatDoesNotReadIsRefused(_ json: JSONValue, member: String) {
        #expect { try RepricingRequest(json) } throws: { ($0 as? InvalidRequest)?.member == member }
    }
}
