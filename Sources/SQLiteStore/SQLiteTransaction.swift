import Engine
import GRDB
import GRDBSQLite

/// What a part of a transaction did could not be undone by itself: nothing of the transaction may be kept.
struct SavepointLost: Error, CustomStringConvertible {
    /// Why it was to be undone.
    let failure: any Error
    let reason: any Error

    var description: String { "a change that had failed (\(failure)) could not be undone: \(reason)" }
}

/// One transaction on one connection. Lives as long as its connection and belongs to whoever has the connection: a body
/// that `SQLiteStore.write` or `read` runs uses it while it runs, and never keeps it.
///
/// Each area's rows have an extension of their own, `SQLiteTransaction+Area.swift`. All of them, the ledger's too, get
/// at the database through five methods:
///
/// - `change`, `first`, `all` take a literal. Columns are read by position: `try first("SELECT … WHERE id = ?",
///   .integer(id)) { $0.integer(0) }`.
/// - `execute`, `rows` take text that is put together, as for a list with filters. Build it from a few fixed parts and
///   never from values: each text is prepared once and kept.
/// - `lastInsertedID` after an insert. `noteWritten` for bulky values, so that a shared commit stays small.
///
/// They run on SQLite's C interface, not through GRDB: that costs half as much, text with a NUL in it comes back whole,
/// and a value that damage has given another type is no crash.
///
/// All changing methods refuse to run in a read, and outside a transaction.
package final class SQLiteTransaction {
    let database: Database
    /// Whether this is a read: a snapshot that changes nothing.
    let isReadOnly: Bool
    /// Bytes of payload written since the current commit began.
    private(set) var writtenBytes = 0
    private let connection: OpaquePointer
    /// By the address of the literal, which never changes.
    private var statements: [UnsafePointer<UInt8>: PersistentStatement] = [:]
    /// By their text.
    private var composed: [String: PersistentStatement] = [:]
    /// What this connection has looked up before.
    var known = KnownRows()
    /// The writer's memory of the uses that it knows.
    var knownUses = KnownUses()
    /// The number of the last state machine version that was made here. It stays when that is undone: nobody may get it again.
    var lastVersionGiven: Int64 = 0
    /// How many uses one run has (`SQLiteTransaction+Uses`), and what they are found by.
    var usesPerRun = UsesInRunsSchema.usesPerRun
    var useHash: UseHash.Function = { UseHash.of($0, region: $1, account: $2) }
    /// How many uses ahead a label is kept (`SQLiteTransaction+Labels`): a session of each use has a row for so many uses
    /// after its own is gone, and one that all uses have is written once in so many.
    var labelSpan: Int64 = 100_000
    /// Composed statements that are kept: more than lists have combinations of filters.
    private static let composedLimit = 500

    /// - Throws: `DatabaseError` when `database` is closed.
    init(_ database: Database, isReadOnly: Bool) throws {
        guard let connection = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        self.database = database
        self.connection = connection
        self.isReadOnly = isReadOnly
    }

    /// Whether a transaction is open. SQLite ends one by itself on some errors, such as a full disk.
    var isOpen: Bool { sqlite3_get_autocommit(connection) == 0 }

    /// Rows inserted, updated or deleted on this connection since it was opened.
    var rowsChanged: Int { Int(sqlite3_total_changes64(connection)) }

    /// Gives back its statements, so that the connection can be closed.
    func close() {
        for statement in statements.values { statement.close() }
        statements.removeAll()
        for statement in composed.values { statement.close() }
        composed.removeAll()
    }

    /// To be called when changes are undone: rows are as they were, those that were made are gone, and others may get
    /// their numbers.
    func forgetRows() {
        known = KnownRows()
        knownUses.undo()
    }

    /// - Throws: what `body` throws; `SavepointLost` when what it did could not be undone.
    package func atomically<Result>(_ body: () throws -> Result) throws -> Result {
        try prepared("SAVEPOINT steward").run()
        do {
            let result = try body()
            try prepared("RELEASE steward").run()
            return result
        } catch {
            // When SQLite has ended the whole transaction, there is no savepoint and the writer fails the commit.
            forgetRows()
            guard isOpen else { throw error }
            do {
                try prepared("ROLLBACK TO steward").run()
                try prepared("RELEASE steward").run()
            } catch let second {
                throw SavepointLost(failure: error, reason: second)
            }
            throw error
        }
    }
}

// MARK: - Statements

extension SQLiteTransaction {
    /// Runs a statement that changes rows and returns how many it changed.
    @discardableResult
    func change(_ sql: StaticString, _ values: SQLValue...) throws -> Int {
        try requireWritable()
        return try prepared(sql).run(values)
    }

    /// Reads the first row of a query; nil when there is none.
    func first<Result>(
        _ sql: StaticString, _ values: SQLValue..., read: (PersistentStatement) throws -> Result
    ) throws -> Result? {
        try prepared(sql).first(values, read: read)
    }

    /// Reads all rows of a query.
    func all<Result>(
        _ sql: StaticString, _ values: SQLValue..., read: (PersistentStatement) throws -> Result
    ) throws -> [Result] {
        try prepared(sql).all(values, read: read)
    }

    /// Runs a composed statement that changes rows and returns how many it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        try requireWritable()
        return try composed(sql).run(values)
    }

    /// Reads all rows of a composed query. Give it a LIMIT.
    func rows<Result>(
        _ sql: String, _ values: [SQLValue] = [], read: (PersistentStatement) throws -> Result
    ) throws -> [Result] {
        try composed(sql).all(values, read: read)
    }

    /// The row number that the last insert on this connection was given.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// The statement of a literal, prepared when it is first asked for.
    func prepared(_ sql: StaticString) throws -> PersistentStatement {
        if let statement = statements[sql.utf8Start] { return statement }
        let statement = try PersistentStatement(sql.description, on: connection)
        statements[sql.utf8Start] = statement
        return statement
    }

    /// The statement of a composed text, for many runs in a row: finding it costs as much as a small one.
    func composed(_ sql: String) throws -> PersistentStatement {
        if let statement = composed[sql] { return statement }
        if composed.count >= Self.composedLimit { composed.removeAll() }
        let statement = try PersistentStatement(sql, on: connection)
        composed[sql] = statement
        return statement
    }
}

// MARK: - Limits

extension SQLiteTransaction {
    /// Counts bytes that the current commit will hold; the writer commits before there are too many.
    func noteWritten(_ bytes: Int) { writtenBytes += bytes }

    /// A commit begins.
    func beginCounting() {
        writtenBytes = 0
        knownUses.begin()
    }

    /// Without a transaction a change would be kept by itself, although its caller is told that it failed.
    func requireWritable() throws {
        if isReadOnly { throw WriteInRead() }
        guard isOpen else {
            throw StoreError.unavailable(
                "the transaction has ended because of an earlier error; nothing of it was kept, so it can be tried again"
            )
        }
    }
}

/// A read tried to change something: a mistake in the caller, whose change belongs in `write`.
struct WriteInRead: Error, CustomStringConvertible {
    var description: String { "a read tried to change the database; nothing was changed. Use write instead of read" }
}

/// A change named a row that isn't there, or that isn't in a state for it: a mistake in the caller.
struct IllegalChange: Error, Equatable, CustomStringConvertible {
    let description: String
}

extension SQLiteTransaction {
    /// Writes the database's first page anew, as it is.
    func rewriteHeader() throws {
        let version = try first("PRAGMA user_version") { $0.integer(0) } ?? 0
        try execute("PRAGMA user_version = \(version)")
    }
}
