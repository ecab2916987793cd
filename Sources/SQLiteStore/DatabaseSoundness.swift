import Engine
import GRDB
package import JSONModel

/// Whether a database holds what it should: its pages, its references, its audit chain.
enum DatabaseSoundness {
    /// Reads the whole database and says what is wrong with it; empty when nothing is.
    static func problems(_ database: Database, quick: Bool = false) throws -> [String] {
        let pragma = quick ? "PRAGMA quick_check" : "PRAGMA integrity_check"
        let found = try String.fetchAll(database, sql: pragma).filter { $0 != "ok" }
        // What refers to what can be followed only where the pages are sound.
        guard found.isEmpty else { return found }
        return try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
            "a row of \(row[0] as String) refers to a missing row of \(row[2] as String)"
        }
    }

    /// The schema version of Steward's database at `path`.
    /// - Throws: `StoreError` when it is another program's or a newer version's.
    static func schemaVersion(_ transaction: SQLiteTransaction, path: String, supported: Int) throws -> Int {
        let owner = try transaction.first("PRAGMA application_id") { $0.integer(0) } ?? 0
        guard owner == Int64(ExecutionSchema.applicationID) else {
            throw StoreError.unavailable("\(path) is no database of Steward's")
        }
        let version = Int(try transaction.first("PRAGMA user_version") { $0.integer(0) } ?? 0)
        guard version <= supported else { throw StoreError.newerSchema(found: version, supported: supported) }
        return version
    }

    static func hasAuditChain(_ transaction: SQLiteTransaction) throws -> Bool {
        try transaction.first("SELECT 1 FROM sqlite_schema WHERE name = 'auditAnchor'") { _ in true } ?? false
    }
}

/// What a copy was found to be.
package struct BackupReport: Sendable, Equatable {
    package var file: String
    package var bytes: Int64
    package var schema: Int
    /// Nil for one from before the audit log was chained.
    package var audit: AuditVerdict?

    /// As the admin API shows it.
    package var json: JSONValue {
        [
            "file": .string(file), "bytes": .int(bytes), "schema": .int(Int64(schema)),
            "auditEntries": audit.map { .int($0.entries) } ?? .null,
            "auditHead": audit.map { .string($0.head) } ?? .null,
        ]
    }

    /// Reads all of the database at `path`, which nobody is writing.
    /// - Throws: `StoreError` that says what is wrong with it.
    static func examine(_ path: String, options: SQLiteStoreOptions, migrations: Migrations) throws -> BackupReport {
        do {
            let connection = try StoreConnections(path: path, options: options).reader()
            let report = try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: true)
                defer { transaction.close() }
                let schema = try DatabaseSoundness.schemaVersion(
                    transaction, path: path, supported: migrations.version)
                guard schema > 0 else { throw StoreError.damaged("\(path) is an empty database") }
                let problems = try DatabaseSoundness.problems(database)
                guard problems.isEmpty else {
                    throw StoreError.damaged("\(path) is damaged: \(problems.prefix(3).joined(separator: "; "))")
                }
                let isChained = try DatabaseSoundness.hasAuditChain(transaction)
                let audit = isChained ? try AuditVerification(transaction: transaction).run() : nil
                if let audit, !audit.isIntact {
                    throw StoreError.damaged("\(path): the audit log is \(audit.summary)")
                }
                return BackupReport(file: path, bytes: 0, schema: schema, audit: audit)
            }
            try connection.close()
            return report
        } catch {
            throw StoreError.ending(with: error, at: path)
        }
    }
}
