import GRDB
import GRDBSQLite

/// A value for a statement's parameter.
enum SQLValue: Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    init(_ value: Int64?) { self = value.map(SQLValue.integer) ?? .null }
    init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }
    init(_ value: Int) { self = .integer(Int64(value)) }
}

/// A statement that is prepared once for its connection's life and run over SQLite's C interface.
///
/// It is reset right after its last row: a statement that is left open would hold its read mark in the write-ahead log
/// and keep it from shrinking. Belongs to whoever has its connection.
final class PersistentStatement {
    private let connection: OpaquePointer
    private var handle: OpaquePointer?
    /// How many values it takes.
    private let parameters: Int32
    /// Whether it holds copies of much text or many bytes, which are let go of after the run.
    private var holdsMuch = false
    /// Up to so many bytes stay until the next run has others in their place, which costs less than to let go of them.
    private static let little = 1024

    /// - Throws: `DatabaseError` when `sql` doesn't compile.
    init(_ sql: String, on connection: OpaquePointer) throws {
        self.connection = connection
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        self.handle = handle
        parameters = sqlite3_bind_parameter_count(handle)
        guard code == SQLITE_OK, handle != nil else { throw failure(code, sql) }
    }

    deinit { close() }

    /// Gives the statement back to SQLite, which can't close a connection before. It can't be used afterwards.
    func close() {
        // The code repeats the last step's, which was thrown there.
        _ = sqlite3_finalize(handle)
        handle = nil
    }

    /// Runs it to its end and returns how many rows it inserted, updated or deleted.
    @discardableResult
    func run(_ values: [SQLValue] = []) throws -> Int {
        defer { reset() }
        try bind(values)
        while try step() {}
        return Int(sqlite3_changes64(connection))
    }

    /// The same with values that `give` hands over one after the other: for what is run for each use, no array is made.
    @discardableResult
    func run(giving give: (inout Values) -> Void) throws -> Int {
        defer { reset() }
        var values = Values(handle: handle)
        give(&values)
        try finish(values)
        while try step() {}
        return Int(sqlite3_changes64(connection))
    }

    /// Runs it and reads its first row; nil when there is none.
    func first<Result>(_ values: [SQLValue] = [], read: (PersistentStatement) throws -> Result) throws -> Result? {
        defer { reset() }
        try bind(values)
        return try step() ? read(self) : nil
    }

    /// Runs it and reads all its rows. `read` doesn't run this statement again.
    func all<Result>(_ values: [SQLValue] = [], read: (PersistentStatement) throws -> Result) throws -> [Result] {
        defer { reset() }
        try bind(values)
        var results: [Result] = []
        while try step() { results.append(try read(self)) }
        return results
    }

    // Columns of the current row, counted from 0.

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    private func step() throws -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(code, String(cString: sqlite3_sql(handle)))
        }
    }

    /// The codes repeat the last step's, which was thrown there.
    private func reset() {
        _ = sqlite3_reset(handle)
        if holdsMuch { _ = sqlite3_clear_bindings(handle) }
        holdsMuch = false
    }

    private func bind(_ values: [SQLValue]) throws {
        var bound = Values(handle: handle)
        for index in values.indices {
            switch values[index] {
            case .null: bound.addNull()
            case .integer(let number): bound.add(number)
            case .text(let text): bound.add(text)
            case .blob(let bytes): bound.add(bytes)
            }
        }
        try finish(bound)
    }

    private func finish(_ values: Values) throws {
        var values = values
        if values.bytes > Self.little { holdsMuch = true }
        // What isn't given is NULL, and not what the last run had.
        while values.count < parameters { values.addNull() }
        guard values.code == SQLITE_OK else { throw failure(values.code, String(cString: sqlite3_sql(handle))) }
    }

    /// Takes the values of a run, in the order of its parameters.
    struct Values {
        fileprivate let handle: OpaquePointer?
        fileprivate var count: Int32 = 0
        fileprivate var bytes = 0
        /// The first that isn't good.
        fileprivate var code = SQLITE_OK
        /// Tells SQLite to copy what is bound (`SQLITE_TRANSIENT`, whose macro doesn't import).
        private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

        fileprivate init(handle: OpaquePointer?) { self.handle = handle }

        mutating func add(_ number: Int64) {
            count += 1
            note(sqlite3_bind_int64(handle, count, number))
        }

        mutating func add(_ number: Int64?) {
            if let number { add(number) } else { addNull() }
        }

        mutating func addNull() {
            count += 1
            note(sqlite3_bind_null(handle, count))
        }

        mutating func add(_ text: String) {
            count += 1
            var text = text
            let code = text.withUTF8 { bytes in
                self.bytes += bytes.count
                return bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text64(
                        handle, count, characters.baseAddress, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8))
                }
            }
            note(code)
        }

        mutating func add(_ bytes: [UInt8]) {
            count += 1
            self.bytes += bytes.count
            // SQLite takes a null pointer for NULL, which is what an empty array has.
            note(
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(handle, count, 0)
                    : sqlite3_bind_blob64(handle, count, bytes, UInt64(bytes.count), Self.copied))
        }

        private mutating func note(_ code: Int32) {
            if code != SQLITE_OK, self.code == SQLITE_OK { self.code = code }
        }
    }

    private func failure(_ code: Int32, _ sql: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: String(cString: sqlite3_errmsg(connection)) + " (\(code))", sql: sql)
    }
}
