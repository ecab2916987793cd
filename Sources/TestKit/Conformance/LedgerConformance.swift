package import Enforcement
package import Engine

/// What every store's ledger must do (`BudgetLedger`, `Outbox`), as cases that are run like those of
/// `ExecutionStoreConformance`, each on an empty store.
package enum LedgerConformance<Store: ExecutionStore> where Store.Transaction: BudgetLedger {
    package typealias Case = ExecutionStoreConformance<Store>.Case

    package static var cases: [Case] {
        ExecutionStoreConformance<Store>.ledger + ExecutionStoreConformance<Store>.ingest
            + ExecutionStoreConformance<Store>.calls
    }
}
