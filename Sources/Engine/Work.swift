package import WallTime

/// One transaction as a step or a service sees it: its rows, the time, and what may be started from it.
///
/// Events published and executions started here are part of the transaction: they exist if and only if it commits, and
/// the engine takes them up right after.
package final class Work<Transaction: ExecutionTransaction> {
    package let transaction: Transaction
    package let now: Instant
    let core: EngineCore<Transaction>
    /// What to do once the transaction is durable.
    var effects: [Effect] = []
    /// The tasks that go to workers elsewhere once the transaction is durable.
    let handOuts: HandOuts
    /// Whether slots that waited are being started: one that ends at once starts no other from within.
    var isStartingWaiting = false
    /// Told of every execution started here, before the transaction is durable, or undone.
    let announce: @Sendable (ExecutionID) -> Void

    init(
        transaction: Transaction, now: Instant, core: EngineCore<Transaction>, handOuts: HandOuts,
        announce: @escaping @Sendable (ExecutionID) -> Void
    ) {
        self.handOuts = handOuts
        self.announce = announce
        self.transaction = transaction
        self.now = now
        self.core = core
    }
}
