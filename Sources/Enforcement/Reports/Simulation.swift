package import Budgets
package import Engine
package import WallTime

/// Plays recorded usage against a file's budgets, an hour at a time, so that no read of the store takes long.
package enum Simulation {
    package struct Result: Sendable {
        package var replay: Replay
        package var from: Instant
        package var to: Instant
        /// Whether each use had its own instant as far as it was still there; otherwise an hour's stand at its end.
        package var isSingle: Bool
        /// Hours that held anything.
        package var hours: Int
    }

    /// More uses than these are played by the hour.
    package static let mostSingly: Int64 = 2_000_000
    /// A year and a month.
    package static let longest = Duration.seconds(396 * 86_400)

    /// - Parameter read: runs a reading transaction.
    package static func run<Store: ExecutionStore>(
        _ budgets: [FurtherBudget], from: Instant, to: Instant, policy: SuspensionPolicy, in store: Engine<Store>
    ) async throws -> Result where Store.Transaction: BudgetLedger {
        let window = ReportWindow(from: from, to: to)
        let loads = try await store.read { try $0.hoursWithUsage(from: window.from, to: window.to) }
        let isSingle = loads.reduce(0) { $0 + $1.requests } <= mostSingly
        var replay = Replay(budgets, policy: policy)
        for load in loads {
            let uses = try await store.read { try $0.recordedUses(inHour: load.hour, singly: isSingle) }
            for use in uses where from <= use.at && use.at < to { replay.take(use) }
            try Task.checkCancellation()
        }
        return Result(replay: replay, from: from, to: to, isSingle: isSingle, hours: loads.count)
    }

    /// A file's entries as budgets; what the file leaves out is the default budget's.
    /// - Parameter find: the principal that a name or an ARN stands for; nil when there is none.
    /// - Throws: `UnknownTarget`, or `BudgetError`.
    package static func budgets(
        of file: BudgetFile, defaults: DefaultBudget, find: (String) throws -> PrincipalID?
    ) throws -> [FurtherBudget] {
        try file.entries.map { entry in
            let scope: FurtherScope
            switch entry.target {
            case .principal(let text):
                guard let id = try find(text) else { throw UnknownTarget(text: text, line: entry.line) }
                scope = .principal(id)
            case .team(let name): scope = .team(name)
            case .pool: scope = .pool
            case .everyone: scope = .everyone
            }
            let (unit, limit): (BudgetUnit, Int64) =
                switch entry.limit {
                case .money(let amount): (.money, amount.rawValue)
                case .tokens(let count): (.tokens, count)
                case .requests(let count): (.requests, count)
                }
            return try FurtherBudget(
                scope: scope, unit: unit, limit: limit, periodRule: entry.period ?? defaults.periodRule,
                thresholds: entry.thresholds ?? defaults.thresholds, mode: entry.mode ?? defaults.mode,
                graceSeconds: entry.graceSeconds ?? defaults.graceSeconds)
        }
    }

    package struct UnknownTarget: Error, Equatable, Sendable, CustomStringConvertible {
        package let text: String
        package let line: Int?

        package var description: String {
            "there is no principal \"\(text)\"\(line.map { " (line \($0))" } ?? ""); name it by its ARN or id"
        }
    }
}
