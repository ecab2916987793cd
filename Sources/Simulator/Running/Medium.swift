package import Engine
package import Enforcement
import Foundation
import Logging
package import SQLiteStore
package import TestKit

/// What outlives a process: the disk.
package protocol Medium: AnyObject, Sendable {
    associatedtype Store: ExecutionStore where Store.Transaction: BudgetLedger

    /// The store as the next process finds it.
    /// - Parameter crashed: whether the former process died rather than closed it.
    func open(afterCrash crashed: Bool) throws -> Store
    /// Removes everything.
    func discard() throws
}

/// Rows in memory.
package final class MemoryMedium: Medium {
    private let store = Guarded(MemoryStore())

    package init() {}

    package func open(afterCrash: Bool) -> MemoryStore {
        store.withLock { store in
            store = store.reopened()
            return store
        }
    }

    package func discard() {}
}

/// A real database in a temporary directory. A crash leaves the files as they are at that moment, with the log that
/// nobody has emptied: the next process gets a copy of them.
package final class SQLiteMedium: Medium {
    private struct State {
        var store: SQLiteStore?
        var directory: String?
        var number = 0
    }

    private let root: String
    private let state = Guarded(State())

    package init() {
        root = NSTemporaryDirectory() + "steward-simulation-\(UUID().uuidString)"
    }

    package func open(afterCrash crashed: Bool) throws -> SQLiteStore {
        let manager = FileManager.default
        let (old, number, former) = state.withLock { state in
            state.number += 1
            return (state.store, state.number, state.directory)
        }
        var directory = former ?? "\(root)/1"
        if crashed, let former {
            directory = "\(root)/\(number)"
            try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for file in ["steward.db", "steward.db-wal"] where manager.fileExists(atPath: "\(former)/\(file)") {
                try manager.copyItem(atPath: "\(former)/\(file)", toPath: "\(directory)/\(file)")
            }
        }
        if let old { try SeededExecutor.blocking { await old.close() } }
        if crashed, let former { try manager.removeItem(atPath: former) }
        var options = SQLiteStoreOptions(program: "simulation")
        options.readers = 1
        options.surveyors = 1
        let store = try SQLiteStore.open(
            directory: directory, options: options, logger: Logger(label: "store") { _ in SwiftLogNoOpLogHandler() })
        state.withLock { ($0.store, $0.directory) = (store, directory) }
        return store
    }

    package func discard() throws {
        if let store = state.withLock(\.store) { try SeededExecutor.blocking { await store.close() } }
        try FileManager.default.removeItem(atPath: root)
    }
}
