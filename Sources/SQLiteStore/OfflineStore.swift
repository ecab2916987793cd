package import Engine
import Foundation
import GRDB
package import Logging
import WallTime

/// What is done to a data directory without a daemon. Everything here blocks.
package struct OfflineStore: Sendable {
    let data: DataDirectory
    let options: SQLiteStoreOptions
    let migrations: Migrations
    let logger: Logger

    package init(
        directory: String, options: SQLiteStoreOptions = SQLiteStoreOptions(program: "workflowctl"),
        logger: Logger = Logger(label: "steward.store")
    ) {
        self.init(directory: directory, options: options, migrations: .all, logger: logger)
    }

    init(directory: String, options: SQLiteStoreOptions, migrations: Migrations, logger: Logger) {
        data = DataDirectory(path: directory)
        self.options = options
        self.migrations = migrations
        self.logger = logger
    }

    package var databasePath: String { data.databasePath }

    /// Copies the database to `file`, reads the copy through, and only then gives it its name. A daemon may be running.
    package func backup(to file: String, replacing: Bool) throws(StoreError) -> BackupReport {
        try reading { try SQLiteStore.backUp($0, to: file, replacing: replacing, options) }
    }

    package func verifyAudit(expectedHead: String?) throws(StoreError) -> AuditVerdict {
        try reading { connection in try connection.inDatabase { try SQLiteStore.verify($0, expectedHead) } }
    }

    /// Every audit entry with its hash, the oldest first, in pieces.
    package func exportAudit(_ take: ([ChainedAuditEntry]) throws -> Void) throws(StoreError) {
        try reading { connection in
            try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: true)
                defer { transaction.close() }
                try transaction.prepared("BEGIN").run()
                defer { transaction.endRead() }
                var last: Int64 = 0
                while true {
                    let rows = try transaction.auditRows(after: last, limit: 1000)
                    guard let newest = rows.last else { return }
                    last = newest.number
                    try take(rows.map(ChainedAuditEntry.init))
                }
            }
        }
    }

    /// Puts the backup `file` in the place of the database, which stays beside it as `steward.db.replaced`, and says so
    /// in the audit log of what was restored. Its schema stays: the next start upgrades it.
    /// - Throws: `StoreError.locked` while a daemon has the directory; whatever is wrong with the backup.
    package func restore(from file: String, by actor: String) throws(StoreError) -> BackupReport {
        try data.prepare()
        let lock = try DirectoryLock(directory: data.path, program: options.program, now: options.clock.now())
        defer { lock.release() }
        do {
            return try DatabaseRestore(data: data, options: options, migrations: migrations, logger: logger)
                .run(from: file, by: actor)
        } catch {
            throw StoreError.ending(with: error, at: data.databasePath)
        }
    }

    /// Finishes a restore that was decided and did not end.
    package func finishRestore() throws(StoreError) {
        guard DataDirectory.size(data.databasePath + DatabaseRestore.stagedSuffix) != nil else { return }
        let lock = try DirectoryLock(directory: data.path, program: options.program, now: options.clock.now())
        defer { lock.release() }
        try DatabaseRestore.finish(in: data, logger: logger)
    }

    /// Brings the database to this version's schema; a copy of it as it was stays beside it.
    package func migrate() async throws(StoreError) {
        await (try open()).close()
    }

    private func open() throws(StoreError) -> SQLiteStore {
        try SQLiteStore.open(directory: data.path, options: options, migrations: migrations, logger: logger)
    }

    /// The migrations that the database has not had.
    package func pendingMigrations() throws(StoreError) -> (from: Int, names: [String]) {
        try reading { connection in
            try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: true)
                defer { transaction.close() }
                let version = try DatabaseSoundness.schemaVersion(
                    transaction, path: data.databasePath, supported: migrations.version)
                return (version, Array(migrations.names.dropFirst(version)))
            }
        }
    }

    /// Runs the migrations on a copy, reads that through, and throws it away.
    package func tryMigrations() throws(StoreError) {
        let trial = data.databasePath + ".trial"
        let removeTrial = { for suffix in [""] + DataDirectory.companionSuffixes { _ = unlink(trial + suffix) } }
        try reading { connection in
            // What one that was killed has left.
            removeTrial()
            defer { removeTrial() }
            try DatabaseCopy(connection: connection, progress: { _ in }).write(to: trial, replacing: true)
            let copy = try StoreConnections(path: trial, options: options).writer()
            try migrations.migrator.migrate(copy)
            try copy.close()
            _ = try BackupReport.examine(trial, options: options, migrations: migrations)
        }
    }

    private func reading<Result>(_ work: (DatabaseQueue) throws -> Result) throws(StoreError) -> Result {
        let path = data.databasePath
        guard DataDirectory.size(path) != nil else {
            throw StoreError.unavailable("\(path) does not exist: name a data directory with --data")
        }
        do {
            let connection = try StoreConnections(path: path, options: options).reader()
            let result = try work(connection)
            try connection.close()
            return result
        } catch {
            throw StoreError.ending(with: error, at: path)
        }
    }
}
