import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// What a principal's own budget and a shared one count as not sure.
@Suite struct UnsureSpendingTests {
    /// At $1 for a million tokens, and $15 where no price is known; one use beyond $100 is implausible.
    @Test(
        arguments: [
            ("acme.a", 10, "0", .grace), ("acme.unknown", 10, "1.50", .active), ("acme.a", 10_100, "101", .active),
        ] as [(String, Int64, String, AccessStatus)])
    func oneUseSuspendsNoTeamByWhatIsNotSure(
        _ model: String, _ cents: Int64, _ unsure: String, _ status: AccessStatus
    ) async throws {
        let bench = LedgerBench(policy: SuspensionPolicy(countsFallbackPrices: false))
        let cap = try await bench.transact {
            try FurtherBudgetCommands.set(
                FurtherBudgetKey(scope: .everyone, unit: .money, periodRule: .calendarMonth),
                FurtherBudgetChange(limit: dollars("0.05").rawValue), by: "operator:eve", $0)
        }

        try await bench.meter(use("r1", "ben", cents: 1), use("r2", cents: cents, model: model))

        let shared = try #require(try await bench.store.read { try $0.furtherBudget(cap.id) })
        #expect(NanoDollars(rawValue: shared.standing.spentAtFallback) == dollars(unsure))
        #expect(try await bench.account().standing.spending.atFallbackPrices == dollars(unsure))
        for name in ["ana", "ben"] { #expect(try await bench.account(name).standing.access.status == status) }
    }
}
