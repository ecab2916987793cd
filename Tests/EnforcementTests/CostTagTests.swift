import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct CostTagTests {
    /// `tag value cost requests` of what the metrics show.
    private func told(_ bench: LedgerBench) async throws -> [String] {
        try await bench.store.read { try $0.gauges(GaugeLimits()) }.tagged.map {
            "\($0.tag.rawValue) \($0.value) \($0.sums.cost) \($0.sums.requests)"
        }
    }

    private func tag(_ tags: [String: String], _ bench: LedgerBench, _ name: String = "ana") async throws {
        try await bench.transact { try $0.noteTags(tags, of: principalID(name)) }
    }

    @Test func aBatchIsCountedUnderTheTagsOfWhoPays() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        try await tag(["Steward:Team": "red", "Steward:Purpose": "research", "Steward:BudgetTier": "Low"], bench)
        let batch = [use("r2", cents: 2), use("r3", cents: 3), use("r4", "bob", cents: 10)].map(UsageRecord.usage)
        try await bench.meter(batch)
        // What is delivered again is charged to nobody again.
        try await bench.meter(batch)

        #expect(
            try await told(bench) == [
                "team  0.11 2", "team red 0.05 2", "purpose  0.11 2", "purpose research 0.05 2", "tier  0.11 2",
                "tier low 0.05 2",
            ])
    }

    /// What was charged stays with the team that had it then; a correction moves reports and budgets, not counters.
    @Test func neitherAMoveNorACorrectionChangesWhatWasCounted() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        try await tag(["Team": "red"], bench)
        try await bench.meter(use("r2", cents: 2))
        try await tag(["Team": "blue"], bench)
        let row = PriceRow(
            model: "acme.a", effectiveFrom: day("2026-01-01"),
            rates: Rates(input: TokenPrice(rawValue: 2_000_000), output: .free), source: "said")
        _ = try await bench.transact { try $0.setPrice(row, by: "operator:eva") }
        try await bench.refresh()
        #expect(try await bench.priceStep("reprice-usage", [:])["changed"] == 2)

        let teams = try await told(bench).filter { $0.hasPrefix("team") }
        #expect(teams == ["team  0.01 1", "team red 0.02 1"])
        // So does a report, whose sums a correction moves where they stand.
        func report(_ change: @escaping @Sendable (inout UsageReport.Request) -> Void) async throws -> [String] {
            var request = UsageReport.Request(
                window: ReportWindow(from: day("2026-11-20"), to: day("2026-11-21")), dimensions: [.team])
            change(&request)
            let report = try await bench.store.read { [request] in try UsageReport.read(request, $0) }
            return report.rows.map { "\($0.group.team ?? "-") \($0.group.sums.cost)" }
                + [report.total?.cost.description ?? "nothing"]
        }
        #expect(try await report { _ in } == ["red 0.04", "- 0.02", "0.06"])
        #expect(try await report { $0.team = "red" } == ["red 0.04", "0.04"])
        // Who is told by name is in the team of now.
        #expect(try await report { $0.dimensions = [.team, .principal] } == ["blue 0.06", "0.06"])
        #expect(
            try await report { ($0.dimensions, $0.team) = ([.team, .principal], "blue") } == ["blue 0.06", "0.06"])
    }

    @Test func anAccountThatIsOpenedLaterHasItsPrincipalsTags() async throws {
        let bench = LedgerBench()
        try await bench.store.write { transaction in
            try transaction.savePrincipal(
                PrincipalRecord(
                    principal: Principal(id: principalID("ana")), firstSeenAt: day("2026-11-01"), isDiscovered: false,
                    team: "red", purpose: "research", tier: "low"))
        }
        try await bench.meter(use("r1", cents: 1))
        #expect(try await told(bench) == ["team red 0.01 1", "purpose research 0.01 1", "tier low 0.01 1"])
    }

    @Test(
        arguments: [
            (["Steward:Purpose": "a", "BedrockBudgeteer:Purpose": "b", "Purpose": "c"], "a"),
            (["CostAllocation:Purpose": "a", "Purpose": "c"], "a"), (["Purpose": "c"], "c"),
            (["Steward:Purpose": ""], nil), (["purpose": "c"], nil),
        ] as [([String: String], String?)])
    func thePurposeIsSaidByATag(_ tags: [String: String], _ purpose: String?) {
        #expect(TrailSettings().purpose(tags) == purpose)
    }

    @Test func theTierIsSaidByATagWhetherOrNotItIsKnown() {
        var settings = TrailSettings()
        #expect(settings.tier(["BedrockBudgeteer:BudgetTier": "Platinum"]) == "platinum")
        #expect(settings.tierLimit(["BedrockBudgeteer:BudgetTier": "Platinum"]) == nil)
        #expect(settings.tier(["Steward:BudgetTier": ""]) == nil)
        settings.tagNamespaces = ["Acme:"]
        #expect(settings.tier(["Steward:BudgetTier": "low"]) == nil)
        #expect(settings.tier(["Acme:BudgetTier": "low"]) == "low")
    }

    @Test func tagsThatAreTakenAwaySayNothingAnyMore() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 1))
        try await tag(["Purpose": "research", "Steward:BudgetTier": "low"], bench)
        #expect(try await bench.account().costTags == CostTags(purpose: "research", tier: "low"))
        try await tag([:], bench)
        #expect(try await bench.account().costTags == CostTags())
    }
}
