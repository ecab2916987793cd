import Budgets
import Engine
import JSONModel
import Testing
import WallTime

@testable import Enforcement

/// What the independent model of budgets (`Tests/outside/budget_model.py`) found, each in the fewest steps.
@Suite struct ModelStoryTests {
    private func quota(
        _ bench: LedgerBench, _ unit: BudgetUnit, limit: Int64, _ rule: PeriodRule = .calendarMonth
    ) async throws {
        _ = try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: .principal(principalID("ana")), unit: unit, periodRule: rule),
                FurtherBudgetChange(limit: limit, graceSeconds: 0), by: "operator:eve", $0)
        }
    }

    @Test func aCorrectionThatEndsTwoExcessesRestoresOnce() async throws {
        let bench = LedgerBench()
        try await quota(bench, .money, limit: 1_000_000_000)
        try await bench.meter(use("r1", cents: 120))
        try await bench.endWorkflows()
        try await bench.alter { $0.standing.access = Access(status: .suspended, since: day("2026-11-20T09:59:30Z")) }
        let cheaper = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: 100_000), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(cheaper, by: "operator:ana") }
        try await bench.refresh()

        _ = try await bench.priceStep("reprice-usage", [:])

        #expect(try await bench.account().standing.spending.total == dollars("0.12"))
        #expect(bench.publishedTypes.filter { $0 == "Budget Refreshed" }.count == 1)
    }

    @Test func aSuspensionThatIsLongOverWhenItWakesTellsNothing() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 120))
        let first = try #require(bench.published.first { $0.detailType == "Budget Exceeded" })
        // Another took its place, took access and gave it back meanwhile.
        bench.advance(.seconds(60))
        let since = bench.now
        try await bench.alter {
            $0.workflows = ["restoration"]
            $0.standing.access = Access(status: .active, since: since)
            $0.budget = $0.budget.limited(to: dollars("3"))
        }
        bench.advance(.seconds(240))

        let found = try await bench.step("check-budget", first.detail, in: first.id)

        #expect(found["exceeded"] == false)
        #expect(found["superseded"] == true)
    }

    @Test func anEndedPeriodDoesNotHideAnotherBudget() async throws {
        let bench = LedgerBench()
        bench.listen(false)
        try await quota(bench, .requests, limit: 1, .rolling(days: 60))
        try await bench.meter(use("r1", cents: 120))
        bench.listen(true)
        try await bench.alter { $0.suspensionStartedAt = nil }
        bench.move(to: "2026-12-21")

        #expect(try await bench.account().standing.period.end <= bench.now)
        #expect(try await bench.step("monitor-budgets")["started"] == 1)
        #expect(try await bench.account().standing.access.status == .grace)
        let event = try #require(bench.published.last { $0.detailType == "Budget Exceeded" })
        #expect(event.detail["cause"]?["unit"] == "requests")
        #expect(try await bench.step("check-budget", event.detail)["exceeded"] == true)
    }

    @Test func aLateUseBeforeAFreshOneDoesNotKeepTheAccountClosed() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        let now = bench.now
        try await bench.alter { $0.standing.access = Access(status: .closed, since: now) }

        try await bench.meter(
            use("late", cents: 1, at: (now - .seconds(3600)).iso8601),
            use("other", "bob", cents: 1, at: (now + .seconds(60)).iso8601))
        #expect(try await bench.account().standing.access.status == .closed)
        try await bench.meter(
            use("later", cents: 1, at: (now - .seconds(3600)).iso8601),
            use("fresh", cents: 1, at: (now + .seconds(60)).iso8601))

        let account = try await bench.account()
        #expect(account.standing.access.status == .active)
        #expect(account.standing.spending.total == dollars("0.04"))
    }

    @Test(arguments: [AccessStatus.suspended, .restoring, .restorationFailed, .closed])
    func whoHasNoAccessIsNotToldToKeepIt(_ status: AccessStatus) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        let now = bench.now
        try await bench.alter { $0.standing.access = Access(status: status, since: now) }

        try await bench.meter(use("r2", cents: 120))

        let notices = try await bench.notices
        #expect(!notices.contains { $0.kind == .spared })
        #expect(try await bench.account().standing.announced.contains(.exceeded))
    }
}

extension Budget {
    fileprivate func limited(to limit: NanoDollars) -> Budget {
        // A limit of more than nothing is always possible.
        (try? Budget(
            scope: scope, limit: limit, thresholds: thresholds, periodRule: periodRule, mode: mode,
            enforcement: enforcement, graceSeconds: graceSeconds, isProtected: isProtected)) ?? self
    }
}
