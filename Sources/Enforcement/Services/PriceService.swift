package import Budgets
package import Engine
import JSONModel
import WallTime

/// Prices for those who are not in a transaction: each call is one, and the price book follows once it is durable.
package struct PriceService<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    private let engine: Engine<Store>
    private let currentSettings: CurrentSettings

    package init(engine: Engine<Store>, settings: CurrentSettings) {
        self.engine = engine
        currentSettings = settings
    }

    /// Those in force now; a call takes them once.
    private var settings: EnforcementSettings { currentSettings.value }

    /// Puts the stored rows in force, when they have changed.
    @discardableResult
    package func refresh() async throws -> Bool {
        try await engine.read { [settings] in try settings.prices.refresh(from: $0) }
    }

    package func set(_ row: PriceRow, by actor: String) async throws -> StoredPrice {
        try await change { try $0.setPrice(row, by: actor) }
    }

    package func accept(_ id: PriceID, by actor: String) async throws -> StoredPrice {
        try await change { try $0.acceptPrice(id, by: actor) }
    }

    package func withdraw(_ id: PriceID, by actor: String) async throws -> StoredPrice {
        try await change { try $0.withdrawPrice(id, by: actor) }
    }

    package func name(_ name: String, as model: ModelID, by actor: String) async throws -> ModelName {
        try await change { try $0.nameModel(name, as: model, by: actor) }
    }

    package func tellStale() async throws {
        try await engine.transact { [settings] in _ = try Desk($0, settings).tellStalePrices() }
    }

    /// What repricing would change, window after window, each a snapshot of its own.
    package func preview(_ request: RepricingRequest) async throws -> RepricingReport {
        let settings = settings
        var report = RepricingReport()
        var position: UsePosition?
        repeat {
            let (before, after) = (report, position)
            (report, position) = try await engine.read { transaction in
                var report = before
                let next = try Repricing.preview(
                    request, after: after, prices: settings.prices, into: &report, transaction)
                return (report, next)
            }
            try Task.checkCancellation()
        } while position != nil
        return report
    }

    private func change<Result: Sendable>(
        _ body: @escaping @Sendable (Desk<Store.Transaction>) throws -> Result
    ) async throws -> Result {
        let result = try await engine.transact { [settings] in try body(Desk($0, settings)) }
        try await refresh()
        return result
    }
}
