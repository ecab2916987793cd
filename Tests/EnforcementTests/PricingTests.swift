import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct PricingTests {
    private let profile = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"

    @Test func aPersonsPriceWinsFromItsDateOn() async throws {
        let bench = LedgerBench()
        let row = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-11-20T09:00:00Z"),
            rates: Rates(input: TokenPrice(rawValue: 3_000_000), output: .free), source: "said")
        let price = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        try await bench.refresh()

        try await bench.meter(use("before", cents: 1, at: "2026-11-20T08:59:59Z"), use("after", cents: 1))

        #expect(try await bench.account().standing.spending.total == dollars("0.04"))
        #expect(price.row.origin == .operator)
        #expect(try await bench.audit.first?.action == "price.set")
        await #expect(throws: PriceError.free("acme.a")) {
            var free = row
            free.rates = Rates(input: .free, output: .free)
            let nothing = free
            _ = try await bench.transact { try $0.setPrice(nothing, by: "operator:ana") }
        }
    }

    @Test func whatATransactionReadsIsNotInForceBeforeItIsDurable() async throws {
        let bench = LedgerBench()
        let prices = bench.settings.prices
        let row = PriceRow(
            model: "acme.z", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: 1), output: .free), source: "said")

        try await bench.transact { desk in
            _ = try desk.setPrice(row, by: "operator:ana")
            #expect(
                try desk.settings.prices.book(in: desk.transaction).row(for: ModelID("acme.z"), at: desk.now) != nil)
        }
        #expect(prices.book.row(for: ModelID("acme.z"), at: bench.now) == nil)
        #expect(try await bench.refresh())
        #expect(prices.book.row(for: ModelID("acme.z"), at: bench.now) != nil)
        #expect(try await !bench.refresh())
    }

    @Test func anUnknownModelIsToldAndListedAndAnOpaqueIdIsAskedAbout() async throws {
        let bench = LedgerBench()

        try await bench.meter(
            use("r1", cents: 1, model: "acme.unknown"), use("r2", cents: 1, model: profile),
            use("r3", cents: 1, model: profile))

        let unknown = try await bench.store.read { try $0.unresolvedNames(limit: 9).map(\.name) }
        #expect(unknown == ["acme.unknown", profile])
        #expect(bench.publishedTypes.filter { $0 == "Unresolved Model Used" }.count == 1)
        let event = try #require(bench.published.first { $0.detailType == "Unresolved Model Used" })
        #expect(event.detail["modelId"] == .string(profile))
        #expect(try await bench.noticeKinds.filter { $0 == .unknownModel }.count == 2)
    }

    @Test func aResolvedProfileIsChargedAsItsModelAndRepriced() async throws {
        let bench = LedgerBench()
        // 10,000 tokens at $15 for a million: 15 cents rather than 1.
        try await bench.meter(use("r1", cents: 1, model: profile))
        #expect(try await bench.account().standing.spending.atFallbackPrices == dollars("0.15"))

        let input: JSONValue = ["modelId": .string(profile), "region": "us-east-1"]
        let resolved = try await bench.priceStep(
            "look-up-model", input, ["models": ["arn:aws:bedrock:us-east-1::foundation-model/acme.a"]])
        let repriced = try await bench.priceStep("reprice-usage", ["model": .string(profile)])

        #expect(resolved["resolved"] == true)
        #expect(resolved["model"] == "acme.a")
        #expect(repriced["changed"] == 1)
        #expect(repriced["done"] == true)
        #expect(try await bench.account().standing.spending == Spending(total: dollars("0.01"), requests: 1))
        // The book in force is still the one from before; a batch takes up what has come meanwhile.
        #expect(bench.settings.prices.book.profiles.isEmpty)
        try await bench.meter(use("r2", cents: 1, model: profile))
        #expect(try await bench.account().standing.spending == Spending(total: dollars("0.02"), requests: 2))
    }

    @Test func whatBedrockCanNotTellStaysUnknownAndAPersonsWordIsKept() async throws {
        let bench = LedgerBench()
        let input: JSONValue = ["modelId": .string(profile), "region": "us-east-1"]

        let gone = try await bench.priceStep("look-up-model", input, ["problem": "ResourceNotFoundException: gone"])
        #expect(gone["resolved"] == false)
        let name = try await bench.store.read { try $0.modelName(self.profile) }
        #expect(name?.problem == "ResourceNotFoundException: gone")

        _ = try await bench.transact { try $0.nameModel(self.profile, as: ModelID("us.acme.a"), by: "operator:ana") }
        let later = try await bench.priceStep(
            "look-up-model", input, ["models": ["arn:aws:bedrock:us-east-1::foundation-model/acme.b"]])
        #expect(later["model"] == "us.acme.a")
    }

    @Test func aRouterIsChargedAsTheDearestOfItsModels() async throws {
        let bench = LedgerBench()
        for (model, price) in [("acme.cheap", Int64(5)), ("acme.dear", 900)] {
            let row = PriceRow(
                model: model, effectiveFrom: day("2026-01-01"),
                rates: Rates(input: TokenPrice(rawValue: price), output: .free), source: "said")
            _ = try await bench.transact { try $0.setPrice(row, by: "operator:ana") }
        }
        let router: JSONValue = ["modelId": "arn:aws:bedrock:us-east-1:1:prompt-router/r", "region": "us-east-1"]
        func models(_ names: String...) -> JSONValue {
            ["models": .array(names.map { .string("arn:aws:bedrock:us-east-1::foundation-model/\($0)") })]
        }

        let known = try await bench.priceStep("look-up-model", router, models("acme.cheap", "acme.dear"))
        #expect(known["model"] == "acme.dear")
        let partly = try await bench.priceStep("look-up-model", router, models("acme.cheap", "acme.none"))
        #expect(partly["resolved"] == false)
        #expect(partly["problem"]?.stringValue?.contains("acme.none") == true)
    }

    @Test func anImplausibleUseIsChargedAndFlagged() async throws {
        let bench = LedgerBench()

        // $101 at $1 for a million tokens.
        try await bench.meter(use("r1", cents: 10_100))

        let spending = try await bench.account().standing.spending
        #expect(spending.total == dollars("101"))
        #expect(spending.atFallbackPrices == dollars("101"))
        let notice = try #require(try await bench.notices.first { $0.kind == .implausibleCost })
        #expect(notice.data["amount"] == "101.00")
        #expect(notice.severity == .critical)
    }

    @Test func whetherAnImplausibleUseSuspendsIsASetting() async throws {
        let strict = LedgerBench(policy: SuspensionPolicy(countsFallbackPrices: false))

        try await strict.meter(use("r1", cents: 10_100))

        #expect(try await strict.account().standing.access.status == .active)
        #expect(strict.publishedTypes.filter { $0 == "Budget Exceeded" }.isEmpty)
    }
}

@Suite struct PriceImportTests {
    private func row(
        _ model: String = "acme.a", input: Int64, output: Int64 = 0, cacheRead: Int64? = nil,
        from: String = "2026-11-01"
    ) -> PriceRow {
        PriceRow(
            model: model, region: "us-east-1", effectiveFrom: day(from),
            rates: Rates(
                input: TokenPrice(rawValue: input), output: TokenPrice(rawValue: output),
                cacheRead: cacheRead.map(TokenPrice.init(rawValue:))), origin: .priceList, source: "SKU")
    }

    private func sync(_ bench: LedgerBench, _ rows: PriceRow...) async throws -> JSONValue {
        let performed: JSONValue = ["rows": .array(rows.map { .object($0.json) })]
        let result = try await bench.priceStep("sync-prices", [:], performed)
        try await bench.refresh()
        return result
    }

    @Test func aBelievablePriceCountsAndIsConfirmedTheNextTime() async throws {
        let bench = LedgerBench()

        let first = try await sync(bench, row(input: 2_000_000))
        bench.advance(.seconds(86_400))
        let second = try await sync(bench, row(input: 2_000_000))

        #expect(first["added"] == 1)
        #expect(second["added"] == 0)
        #expect(second["confirmed"] == 1)
        let stored = try await bench.store.read { try $0.prices(statuses: [.inForce], limit: 9) }
        #expect(stored.count == 1)
        #expect(stored[0].confirmedAt == bench.now)
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.02"))
    }

    @Test(arguments: [
        (Int64(5_000_000), false), (5_000_001, true), (200_000, false), (199_999, true), (0, true),
    ])
    func aPriceThatMovesTooFarIsQuarantined(input: Int64, isQuarantined: Bool) async throws {
        let bench = LedgerBench()

        let result = try await sync(bench, row(input: input, output: 1))

        #expect(result["quarantined"] == .int(isQuarantined ? 1 : 0))
        #expect(try await bench.noticeKinds == (isQuarantined ? [.priceQuarantined] : []))
        let told = try await bench.notices.first?.data
        #expect((told?["problemIn"]?["es"]?.stringValue?.hasPrefix("el precio de entrada ") == true) == isQuarantined)
        try await bench.meter(use("r1", cents: 100))
        let charged = isQuarantined ? 1_000_000_000 : input * 1000
        #expect(try await bench.account().standing.spending.total.rawValue == charged)
    }

    @Test func aNewModelHasOnlyTheCeiling() async throws {
        let bench = LedgerBench()
        let result = try await sync(
            bench, row("acme.new", input: 900_000_000), row("acme.absurd", input: 1_000_000_001),
            row("acme.free", input: 0))
        #expect(result["added"] == 1)
        #expect(result["quarantined"] == 2)
    }

    @Test func aPersonAcceptsOrWithdrawsAndIsNotAskedAgain() async throws {
        let bench = LedgerBench()
        _ = try await sync(bench, row(input: 9_000_000), row(input: 8_000_000, from: "2026-11-02"))
        let waiting = try await bench.store.read { try $0.prices(statuses: [.quarantined], limit: 9).map(\.id) }
        #expect(waiting.count == 2)

        _ = try await bench.transact { try $0.acceptPrice(waiting[0], by: "operator:ana") }
        _ = try await bench.transact { try $0.withdrawPrice(waiting[1], by: "operator:ana") }
        let again = try await sync(bench, row(input: 9_000_000), row(input: 8_000_000, from: "2026-11-02"))

        #expect(again["confirmed"] == 1)
        #expect(again["held"] == 1)
        #expect(again["quarantined"] == 0)
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.09"))
        await #expect(throws: PriceError.notQuarantined(waiting[0].rawValue, .inForce)) {
            _ = try await bench.transact { try $0.acceptPrice(waiting[0], by: "operator:ana") }
        }
        await #expect(throws: PriceError.unknownPrice(99)) {
            _ = try await bench.transact { try $0.acceptPrice(PriceID(rawValue: 99), by: "operator:ana") }
        }
    }

    /// The list says one price for each place: what it said in between was wrong, whatever its date.
    @Test(arguments: ["2026-11-10", "2026-11-01"])
    func aPriceThatTheListGoesBackToCounts(_ later: String) async throws {
        let bench = LedgerBench()
        let other = row("acme.b", input: 7_000_000, from: "2026-11-15")
        _ = try await sync(bench, row(input: 2_000_000), other)
        _ = try await sync(bench, row(input: 3_000_000, from: later), other)

        let back = try await sync(bench, row(input: 2_000_000), other)
        let again = try await sync(bench, row(input: 2_000_000), other)

        #expect(back["confirmed"] == 2 && back["superseded"] == 1 && back["added"] == 0)
        #expect(again["confirmed"] == 2 && again["superseded"] == 0)
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.02"))
        let gone = try await bench.store.read { try $0.prices(statuses: [.superseded], limit: 9) }
        #expect(gone.map(\.row.rates.input.rawValue) == [3_000_000])
        let entry = try #require(try await bench.audit.first { $0.action == "price.superseded" })
        #expect(entry.subject == "acme.a" && entry.detail["supersededBy"] == 1 && entry.detail["number"] == 3)

        // Should the list say it once more, it is a price that counts like any other.
        let forth = try await sync(bench, row(input: 3_000_000, from: later), other)
        #expect(forth["added"] == 1 && forth["held"] == 0)
        try await bench.meter(use("r2", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.05"))
    }

    /// AWS dates its list anew without changing a price.
    @Test func aPriceWithAnotherDateIsTheSamePrice() async throws {
        let bench = LedgerBench()
        let waiting = { self.row("acme.b", input: 1_000_000_001, from: $0) }
        _ = try await sync(bench, row(input: 2_000_000), waiting("2026-11-01"))

        let again = try await sync(bench, row(input: 2_000_000, from: "2026-11-10"), waiting("2026-11-10"))
        #expect(again["confirmed"] == 1 && again["added"] == 0)
        #expect(again["held"] == 1 && again["quarantined"] == 0)

        _ = try await bench.transact { try $0.withdrawPrice(PriceID(rawValue: 1), by: "operator:ana") }
        for date in ["2026-11-15", "2026-10-01"] {
            let later = try await sync(bench, row(input: 2_000_000, from: date))
            #expect(later["held"] == 1 && later["added"] == 0)
        }
        let stored = try await bench.store.read { try $0.prices(statuses: Set(PriceStatus.allCases), limit: 9) }
        #expect(stored.map(\.status) == [.withdrawn, .quarantined])
    }

    @Test func aPriceThatComesAfterAnotherIsNewWhateverItWasBefore() async throws {
        let bench = LedgerBench()
        _ = try await sync(bench, row(input: 2_000_000))
        _ = try await sync(bench, row(input: 3_000_000, from: "2026-11-10"))

        let back = try await sync(bench, row(input: 2_000_000, from: "2026-11-15"))
        #expect(back["added"] == 1 && back["superseded"] == 0)
        let earlier = try await sync(bench, row(input: 2_000_000, from: "2026-11-12"))
        #expect(earlier["added"] == 1 && earlier["superseded"] == 1)
        try await bench.meter(
            use("r1", cents: 1, at: "2026-11-11T00:00:00Z"), use("r2", cents: 1, at: "2026-11-13T00:00:00Z"))
        #expect(try await bench.account().standing.spending.total == dollars("0.05"))
    }

    @Test func whatDoesNotCountSupersedesNothing() async throws {
        let bench = LedgerBench()
        _ = try await sync(bench, row(input: 2_000_000))
        _ = try await sync(bench, row(input: 3_000_000, from: "2026-11-10"))
        _ = try await bench.transact { try $0.withdrawPrice(PriceID(rawValue: 1), by: "operator:ana") }

        let held = try await sync(bench, row(input: 2_000_000))
        let wild = try await sync(bench, row(input: 90_000_000, from: "2026-11-02"))

        #expect(held["held"] == 1 && held["superseded"] == 0)
        #expect(wild["quarantined"] == 1 && wild["superseded"] == 0)
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.03"))
    }

    @Test func aStaleListIsToldOnceInAWeekAndStaysInForce() async throws {
        let bench = LedgerBench()
        #expect(try await bench.transact { try !$0.tellStalePrices() })
        _ = try await sync(bench, row(input: 2_000_000))
        bench.advance(.seconds(7 * 86_400))
        #expect(try await bench.transact { try !$0.tellStalePrices() })
        bench.advance(.seconds(1))

        for _ in 0..<3 { #expect(try await bench.transact { try $0.tellStalePrices() }) }

        #expect(try await bench.noticeKinds == [.pricesStale])
        try await bench.meter(use("r1", cents: 1))
        #expect(try await bench.account().standing.spending.total == dollars("0.02"))
    }
}

extension LedgerBench {
    @discardableResult
    func refresh() async throws -> Bool {
        let prices = settings.prices
        return try await store.read { try prices.refresh(from: $0) }
    }

    /// Runs the recording half of a step about prices.
    func priceStep(_ name: String, _ input: JSONValue, _ performed: JSONValue = .null) async throws -> JSONValue {
        let context = TaskContext(
            execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: "run", stateMachine: "prices",
            state: "S", resource: "activity:x", retryCount: 0, idempotencyKey: "k", now: now, deadline: nil,
            heartbeat: {})
        return try await transact { desk in
            let run = StepRun(desk, context, input)
            return try failingTask {
                switch name {
                case "sync-prices": try run.recordPrices(performed)
                case "look-up-model": try run.recordModel(performed)
                default: try run.repriceUsage()
                }
            }
        }
    }
}
