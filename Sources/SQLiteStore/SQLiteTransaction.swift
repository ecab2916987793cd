import Engine
import GRDB
import GRDBSQLite

/// One transaction on one connection. Lives as long as its connection and belongs to that connection's thread: a body
/// that `SQLiteStore.write` or `read` runs uses it while it runs, and never keeps it.
///
/// Each area's rows have an extension of their own, `SQLiteTransaction+Area.swift`. All of them, the ledger's too, get
/// at the database through the few methods below:
///
/// - `change`, `first`, `all` take a literal that is prepared once per connection and run on SQLite's C interface. For
///   what happens with every step or charge. Columns are read by position: `try first("SELECT …", .integer(id)) {
///   $0.integer(0) }`.
/// - `execute`, `row`, `rows` take any SQL with GRDB's arguments, for everything else: lists, reports, what a person
///   asks for. The statement is cached by its text, so build the text from a few fixed parts and never from values.
/// - `lastInsertedID` after an insert. `noteWritten` for bulky values, so that a shared commit stays small.
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
    }

    package func atomically<Result>(_ body: () throws -> Result) throws -> Result {
        try prepared("SAVEPOINT steward").run()
        do {
            let result = try body()
            try prepared("RELEASE steward").run()
            return result
        } catch {
            // When SQLite has ended the whole transaction, there is no savepoint and the writer fails the commit.
            guard isOpen else { throw error }
            try prepared("ROLLBACK TO steward").run()
            try prepared("RELEASE steward").run()
            throw error
        }
    }
}

// MARK: - On the C interface

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

    /// The statement of a literal, prepared when it is first asked for.
    func prepared(_ sql: StaticString) throws -> PersistentStatement {
        if let statement = statements[sql.utf8Start] { return statement }
        let statement = try PersistentStatement(sql.description, on: connection)
        statements[sql.utf8Start] = statement
        return statement
    }
}

// MARK: - Through GRDB

extension SQLiteTransaction {
    /// Runs a statement that changes rows and returns how many it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        try requireWritable()
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
        return database.changesCount
    }

    /// The first row of a query; nil when there is none.
    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// All rows of a query. Give it a LIMIT.
    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// The row number that the last insert on this connection was given.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }
}

// MARK: - Limits

extension SQLiteTransaction {
    /// Counts bytes that the current commit will hold; the writer commits before there are too many.
    func noteWritten(_ bytes: Int) { writtenBytes += bytes }

    /// A commit begins.
    func beginCounting() { writtenBytes = 0 }

    /// Without a transaction a change would be kept by itself, although its caller is told that it failed.
    private func requireWritable() throws {
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
