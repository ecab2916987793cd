import Engine
import Foundation
import GRDB
import JSONModel

// What operators ask for while the database is in use. Each runs on a connection and a thread of its own.

extension SQLiteStore {
    /// Copies the database as it is at one moment to `file`, while it is in use; reads the copy through (its pages, its
    /// references, the audit chain) before it gets its name. The copy is one file that only this user may read; `restore`
    /// puts it back.
    ///
    /// Writers go on meanwhile. What they write stays in the log until the copy is made, and the log grows by that.
    /// - Parameter replacing: whether a file of that name, which has to be a backup, is replaced.
    /// - Throws: `StoreError` when `file` exists already, can't be written, or the database is damaged.
    @discardableResult
    package func backup(to file: String, replacing: Bool = false) async throws -> BackupReport {
        let options = options
        return try await onConnection(name: "steward-backup") { connection in
            try Self.backUp(connection, to: file, replacing: replacing, options)
        }
    }

    /// Follows the audit log's chain from its beginning.
    /// - Parameter expectedHead: a head that was noted elsewhere, 64 hexadecimal digits.
    package func verifyAudit(expectedHead: String? = nil) async throws -> AuditVerdict {
        try await onConnection(name: "steward-audit") { [self] connection in
            try connection.inDatabase { database in
                endWithSurveys(database)
                return try Self.verify(database, expectedHead)
            }
        }
    }

    /// Audit entries with their hashes, the oldest first, behind the entry `number`.
    package func auditChain(after number: Int64, limit: Int) async throws -> [ChainedAuditEntry] {
        try await read { try $0.auditRows(after: number, limit: limit).map(ChainedAuditEntry.init) }
    }
}

extension SQLiteStore {
    static func backUp(
        _ connection: DatabaseQueue, to file: String, replacing: Bool, _ options: SQLiteStoreOptions
    ) throws -> BackupReport {
        try BackupTarget(path: file).requireUsable(besides: connection.path, replacing: replacing)
        var report: BackupReport?
        let copy = DatabaseCopy(connection: connection, progress: { _ in }) { partial in
            report = try BackupReport.examine(partial, options: options, migrations: .all)
        }
        try copy.write(to: file, replacing: replacing)
        guard var report else { throw StoreError.unavailable("\(file) was not read through") }
        report.file = file
        report.bytes = DataDirectory.size(file) ?? 0
        return report
    }

    static func verify(_ database: Database, _ expectedHead: String?) throws -> AuditVerdict {
        let transaction = try SQLiteTransaction(database, isReadOnly: true)
        defer { transaction.close() }
        guard try DatabaseSoundness.hasAuditChain(transaction) else {
            throw StoreError.unavailable(
                "the audit log has no chain yet: it gets one when this version's daemon, or `workflowctl db migrate`,"
                    + " opens the database")
        }
        try transaction.prepared("BEGIN").run()
        defer { transaction.endRead() }
        return try AuditVerification(transaction: transaction, expectedHead: expectedHead).run()
    }
}

extension SQLiteTransaction {
    /// Lets go of a snapshot. After an error that ended it there is nothing left to do.
    func endRead() {
        guard isOpen else { return }
        do {
            try prepared("ROLLBACK").run()
        } catch {
            // Closing the connection ends it as well; who begins another before that is refused, and hears of it.
        }
    }
}
