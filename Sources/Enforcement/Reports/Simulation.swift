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
        let loads = try await store.survey { try $0.hoursWithUsage(from: window.from, to: window.to) }
        let isSingle = loads.reduce(0) { $0 + $1.requests } <= mostSingly
        var replay = Replay(budgets, policy: policy)
        let hasPool = budgets.contains { $0.scope == .pool }
        var asked: Set<PrincipalID> = []
        for load in loads {
            let uses = try await store.survey { try $0.recordedUses(inHour: load.hour, singly: isSingle) }
            if hasPool {
                let new = Set(uses.map(\.principal.id)).subtracting(asked)
                let owners = try await store.survey { try Self.owners(of: new, $0) }
                replay.leaveOutOfPool(owners)
                asked.formUnion(new)
            }
            // What is only known of a whole hour stands at its end, which may lie after now.
            let last = Instant(milliseconds: Instant(hour: load.hour + 1).milliseconds - 1)
            for use in uses where from <= use.at && (use.at < to || use.at == last) { replay.take(use) }
            try Task.checkCancellation()
        }
        replay.end(at: to)
        return Result(replay: replay, from: from, to: to, isSingle: isSingle, hours: loads.count)
    }

    /// Those to whom somebody has given a budget of their own: whatever the file says, they are not in the pool.
    private static func owners<Transaction: BudgetLedger>(
        of principals: Set<PrincipalID>, _ transaction: Transaction
    ) throws -> Set<PrincipalID> {
        try principals.filter { id in
            try transaction.account(BudgetScope.principal(id).budgetID)?.hasOwnTerms == true
        }
    }
}
