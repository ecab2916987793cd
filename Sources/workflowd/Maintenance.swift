import Engine
import JSONModel
import SQLiteStore
import StatesAPI

extension StoreMaintenance {
    /// Of the daemon's own database.
    init(_ store: SQLiteStore) {
        self.init(
            backUp: { file, replacing in
                do {
                    return try await store.backup(to: file, replacing: replacing).json
                } catch StoreError.unavailable(let reason) {
                    throw APIError.backupRefused(reason)
                } catch StoreError.full(let reason) {
                    throw APIError.backupFoundNoSpace(reason)
                }
            },
            verifyAudit: { try await store.verifyAudit(expectedHead: $0).json },
            auditChain: { try await store.auditChain(after: $0, limit: $1).map(\.json) })
    }
}
