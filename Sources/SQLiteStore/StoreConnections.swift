import Engine
import Foundation
import GRDB
import GRDBSQLite

/// Opens connections to the database of one data directory.
struct StoreConnections: Sendable {
    let path: String
    let options: SQLiteStoreOptions

    /// The connection that changes the database.
    ///
    /// GRDB sets `synchronous` to NORMAL whenever it sets up the write-ahead log itself, and with NORMAL a power cut
    /// takes back what was acknowledged. So the log is set up here, and FULL is proven before anything is written.
    /// - Throws: `DatabaseError`, or `StoreError` when the file system can't hold a write-ahead log.
    func writer() throws -> DatabaseQueue {
        let connection = try DatabaseQueue(path: path, configuration: configuration(isReader: false))
        try connection.inDatabase { database in
            // Heeded only while the database is empty, and only before the log is set up. Afterwards it takes a VACUUM,
            // and setting it would write to a database that may not be this version's.
            if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StoreError.unavailable(
                    "\(path) can't have a write-ahead log (journal_mode is \(mode ?? "unknown")): put the data directory"
                        + " on a local file system")
            }
            try database.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = \(options.checkpointPages);
                    PRAGMA journal_size_limit = \(options.journalSizeLimit);
                    """)
        }
        return connection
    }

    /// A connection that reads.
    func reader() throws -> DatabaseQueue {
        let connection = try DatabaseQueue(path: path, configuration: configuration(isReader: true))
        connection.inDatabase(removeHooks)
        return connection
    }

    /// The last preparation of the writing connection, once GRDB has done all that it does by itself.
    func prepareForWriting(_ connection: DatabaseQueue) throws {
        try connection.inDatabase { database in
            removeHooks(database)
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            guard level == 2 else {
                throw StoreError.unavailable(
                    "\(path) doesn't commit durably: PRAGMA synchronous reads \(level ?? -1) after it was set to FULL;"
                        + " this SQLite library can't be used")
            }
        }
    }

    /// Moves what the log holds into the database, whose pages are then written anew and synchronised.
    ///
    /// A process that died after a failed `fsync` leaves a log whose end the kernel has in memory and counts as clean,
    /// though the disk may not hold it. A log that is taken up and appended to would rest on it; an empty one rests on
    /// nothing. A disk without space may keep its log: its content was synchronised when it was acknowledged.
    func settleLog(_ connection: DatabaseQueue) throws {
        do {
            try connection.inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            return
        }
    }

    private func configuration(isReader: Bool) -> Configuration {
        _ = SQLiteLibrary.countsNoMemory
        var configuration = Configuration()
        configuration.readonly = isReader
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(options.busyTimeoutMilliseconds) / 1000)
        configuration.label = isReader ? "steward-read" : "steward-write"
        // A transaction that a failing disk leaves open is the writer's to end; GRDB would end the process.
        configuration.allowsUnsafeTransactions = true
        let cache = isReader ? options.readerCacheKiB : options.writerCacheKiB
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA cache_size = -\(cache);
                    PRAGMA temp_store = MEMORY;
                    PRAGMA trusted_schema = OFF;
                    """)
            if isReader { try database.execute(sql: "PRAGMA query_only = ON") }
        }
        return configuration
    }

    /// Takes away the hooks through which GRDB follows transactions for observers: there are none, and commits on the C
    /// interface would leave GRDB's notes about them half done.
    private func removeHooks(_ database: Database) {
        _ = sqlite3_commit_hook(database.sqliteConnection, nil, nil)
        _ = sqlite3_rollback_hook(database.sqliteConnection, nil, nil)
    }
}
