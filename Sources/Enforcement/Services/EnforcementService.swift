package import Budgets
package import Engine
import WallTime

/// Enforcement for those who are not in a transaction: each call is one, and what it starts is taken up once it is
/// durable.
package struct EnforcementService<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    let engine: Engine<Store>
    package let currentSettings: CurrentSettings
    /// Since when sources could bring something.
    let startedAt: Instant

    package init(engine: Engine<Store>, settings: CurrentSettings) {
        self.engine = engine
        currentSettings = settings
        startedAt = engine.now
    }

    /// Those in force now; a call takes them once.
    package var settings: EnforcementSettings { currentSettings.value }

    /// Meters a batch: all of it is kept, or nothing. Returns once it is durable.
    package func meter(_ records: [UsageRecord], source: String) async throws -> IngestReport {
        let settings = settings
        let (book, revision) = settings.prices.snapshot
        let priced = Metering.price(records, by: book)
        return try await engine.transact { work in
            // A price that came meanwhile counts: what was corrected by it just now would miss these.
            let isCurrent = try work.transaction.priceRevision() == revision
            let now = try isCurrent ? priced : Metering.price(records, by: settings.prices.book(in: work.transaction))
            return try Metering.meter(now, source: source, Desk(work, settings))
        }
    }

    /// Changes a principal's budget, or gives it one.
    /// - Throws: `BudgetError` when the terms can't be, `RenamedPrincipal` when they would be nobody's.
    package func setBudget(
        of principal: Principal, _ change: BudgetChange, by actor: String
    ) async throws -> BudgetAccount {
        try await engine.transact { [settings] work in
            let desk = Desk(work, settings)
            let known = try work.transaction.account(BudgetScope.principal(principal.id).budgetID)
            if let known { try desk.requireName(of: known) }
            return try BudgetCommands.setBudget(of: principal, change, by: actor, desk)
        }
    }

    /// The same of somebody whom IAM shows under the name now: whoever had it before, and was given another, is somebody
    /// else, even where CloudTrail has not told of the new one yet.
    /// - Throws: `BudgetError` when the terms can't be.
    package func openBudget(
        of principal: Principal, _ change: BudgetChange, by actor: String
    ) async throws -> BudgetAccount {
        try await engine.transact { [settings] work in
            let desk = Desk(work, settings)
            if var known = try work.transaction.account(BudgetScope.principal(principal.id).budgetID),
                try desk.newName(of: known) != nil
            {
                try desk.reopen(&known, reason: "created anew", by: actor)
                try desk.save(known)
            }
            return try BudgetCommands.setBudget(of: principal, change, by: actor, desk)
        }
    }

    /// One transaction as enforcement sees it.
    /// - Throws: what `body` throws; nothing is kept then.
    package func transact<Result: Sendable>(
        _ body: @escaping @Sendable (Desk<Store.Transaction>) throws -> Result
    ) async throws -> Result {
        try await engine.transact { [settings] work in try body(Desk(work, settings)) }
    }

    /// Looks at what there is as enforcement sees it, without a transaction that writes.
    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (Desk<Store.Transaction>) throws -> Result
    ) async throws -> Result {
        try await engine.read { [settings, engine] transaction in
            try body(Desk(reading: transaction, at: engine.now, settings))
        }
    }
}
