package import Budgets
package import Engine

/// Enforcement for those who are not in a transaction: each call is one, and what it starts is taken up once it is
/// durable.
package struct EnforcementService<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    private let engine: Engine<Store>
    package let settings: EnforcementSettings

    package init(engine: Engine<Store>, settings: EnforcementSettings) {
        self.engine = engine
        self.settings = settings
    }

    /// Meters a batch: all of it is kept, or nothing. Returns once it is durable.
    package func meter(_ records: [UsageRecord], source: String) async throws -> IngestReport {
        let (book, revision) = settings.prices.snapshot
        let priced = Metering.price(records, by: book)
        return try await engine.transact { [settings] work in
            // A price that came meanwhile counts: what was corrected by it just now would miss these.
            let isCurrent = try work.transaction.priceRevision() == revision
            let now = try isCurrent ? priced : Metering.price(records, by: settings.prices.book(in: work.transaction))
            return try Metering.meter(now, source: source, Desk(work, settings))
        }
    }

    /// Changes a principal's budget, or gives it one.
    /// - Throws: `BudgetError` when the terms can't be.
    package func setBudget(
        of principal: Principal, _ change: BudgetChange, by actor: String
    ) async throws -> BudgetAccount {
        try await engine.transact { [settings] work in
            try BudgetCommands.setBudget(of: principal, change, by: actor, Desk(work, settings))
        }
    }
}
