import Budgets
import Enforcement
import Engine
import JSONModel
import SQLiteStore
import WallTime

/// How long the reports of a large ledger take: each is one reading transaction.
enum Reports {
    /// - Returns: milliseconds by report, the median of five.
    static func measure(_ bench: EngineBench, at now: Instant) async throws -> JSONObject {
        let day = ReportWindow(from: now - .seconds(86_400), to: now)
        func usage(_ dimensions: Set<UsageDimension>, _ step: ReportStep?) async throws -> Double {
            let request = UsageReport.Request(window: day, step: step, dimensions: dimensions, limit: 20)
            return try await median(bench) { _ = try UsageReport.read(request, $0) }
        }
        return [
            "metrics_ms": .double(try await median(bench) { _ = try $0.gauges(GaugeLimits()) }),
            "top_accounts_ms": .double(
                try await median(bench) { _ = try $0.topAccounts(.percent, limit: 20, at: now) }),
            "day_by_model_and_hour_ms": .double(try await usage([.model], .hour)),
            "day_by_principal_ms": .double(try await usage([.principal], nil)),
        ]
    }

    private static func median(
        _ bench: EngineBench, _ read: @escaping @Sendable (SQLiteTransaction) throws -> Void
    ) async throws -> Double {
        let clock = WallClock.system
        var taken: [UInt64] = []
        for _ in 0..<5 {
            let start = clock.monotonicNanoseconds()
            try await bench.store.read(read)
            taken.append(clock.monotonicNanoseconds() - start)
        }
        return taken.sorted().quantile(0.5) / 1e6
    }
}
