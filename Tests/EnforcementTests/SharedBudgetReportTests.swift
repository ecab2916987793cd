import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// What metrics and reports show of budgets beside the own ones.
@Suite struct SharedBudgetReportTests {
    private func bench(_ scopes: [FurtherScope]) async throws -> LedgerBench {
        let bench = LedgerBench(at: "2026-11-20T10:00:00Z")
        try await bench.transact { desk in
            for scope in scopes {
                let key = FurtherBudgetKey(scope: scope, unit: .requests, periodRule: .calendarDay)
                _ = try FurtherBudgetCommands.set(key, FurtherBudgetChange(limit: 5), by: "operator:eva", desk)
            }
        }
        return bench
    }

    /// A great many principals may have quotas; what all share must not be lost among them.
    @Test func sharedBudgetsComeBeforeQuotas() async throws {
        let bench = try await bench([
            .principal(principalID("ana")), .principal(principalID("bob")), .team("red"), .team("blue"), .everyone,
            .pool,
        ])
        func scopes(_ limit: Int) async throws -> [String] {
            try await bench.store.read { transaction in
                try transaction.furtherBudgetsSharedFirst(limit: limit).map(\.budget.scope.description)
            }
        }

        let shared = ["everyone", "pool", "team:blue", "team:red"]
        let quotas = ["ana", "bob"].map { "principal:\(principalID($0))" }
        #expect(try await scopes(10) == shared + quotas)
        #expect(try await scopes(5) == shared + quotas.prefix(1))
        #expect(try await scopes(3) == Array(shared.prefix(3)))
        #expect(try await scopes(0) == [])
        let gauges = try await bench.store.read { transaction in
            try transaction.gauges(GaugeLimits(furtherBudgets: 4))
        }
        #expect(gauges.further.map(\.budget.scope.description) == shared)
    }

    /// Nobody has to use anything, nor the refresh to run, before a used up budget of yesterday is no alarm any more.
    @Test func metricsAreOfThePeriodOfNow() async throws {
        let bench = try await bench([.everyone])
        try await bench.meter((1...5).map { .usage(use("r\($0)", cents: 1)) })
        func spent(at text: String) async throws -> [Int64] {
            try await bench.store.read { transaction in
                try transaction.gaugesAndBill(GaugeLimits(), at: day(text)).further.map(\.standing.spent)
            }
        }

        #expect(try await spent(at: "2026-11-20T23:59:59Z") == [5])
        #expect(try await spent(at: "2026-11-21T00:00:00Z") == [0])
    }

    @Test func severalReportsAreThoseOfEach() async throws {
        let bench = try await bench([.everyone, .principal(principalID("bob"))])
        try await bench.meter(use("r1", cents: 10), use("r2", "bob", cents: 20))
        let now = bench.now

        let (both, single) = try await bench.store.read { transaction in
            let accounts = try ["ana", "bob"].compactMap { try transaction.account(budgetID($0)) }
            return (
                try BudgetReport.read(accounts, at: now, transaction),
                try accounts.map { try BudgetReport.read($0, at: now, transaction) }
            )
        }
        #expect(both == single)
        #expect(both.map(\.further.count) == [1, 2])
    }
}
