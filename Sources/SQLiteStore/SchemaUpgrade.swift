import Engine
import Foundation
import GRDB
import Logging

/// Brings a database to this version's schema.
struct SchemaUpgrade {
    let migrations: Migrations
    let path: String
    let logger: Logger

    /// Refuses what isn't Steward's or is newer; copies a database that holds something before it changes it.
    func run(on connection: DatabaseQueue) throws {
        let found = try connection.inDatabase(inspect)
        guard found < migrations.version else { return }
        if found > 0 {
            let copy = try copy(connection, version: found)
            logger.notice(
                "schema is upgraded; the database before it was copied",
                metadata: ["from": "\(found)", "to": "\(migrations.version)", "copy": "\(copy)"])
        }
        try migrations.migrator.migrate(connection)
    }

    /// Copies the database as it is. No copy that is there is replaced: it may be all that is left of the time before an
    /// earlier upgrade.
    /// - Returns: where the copy is.
    private func copy(_ connection: DatabaseQueue, version: Int) throws -> String {
        var copy = "\(path).schema\(version)"
        var older: [String] = []
        while DataDirectory.isTaken(copy) || !DataDirectory.companions(of: copy).isEmpty {
            older.append(copy)
            copy = "\(path).schema\(version).\(older.count + 1)"
        }
        try DatabaseCopy(connection: connection, progress: { _ in }).write(to: copy, replacing: false)
        // A start that ended before its upgrade did has made the same one, and so would each that follows.
        guard let same = older.first(where: { FileManager.default.contentsEqual(atPath: $0, andPath: copy) }) else {
            return copy
        }
        _ = unlink(copy)
        return same
    }

    /// The schema version of the database; 0 for an empty one, which is marked as Steward's.
    private func inspect(_ database: Database) throws -> Int {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if owner == 0 {
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard tables == 0, version == 0 else { throw foreign }
            try database.execute(sql: "PRAGMA application_id = \(ExecutionSchema.applicationID)")
            return 0
        }
        guard owner == ExecutionSchema.applicationID else { throw foreign }
        guard version <= migrations.version else {
            throw StoreError.newerSchema(found: version, supported: migrations.version)
        }
        return version
    }

    private var foreign: StoreError {
        .unavailable("\(path) is another program's database: move it away, or name another data directory")
    }
}
