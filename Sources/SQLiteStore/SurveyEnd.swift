import Engine
import GRDBSQLite

/// Ends what surveys' connections are doing once the process is about to end, and all that they are asked afterwards:
/// nobody waits for a report of minutes with a restart.
final class SurveyEnd: Sendable {
    static let reason =
        "Steward shuts down, and does not wait for reports; ask again once it has started again"
    /// Operations of SQLite's machine between two looks: some microseconds of work.
    private static let operations: Int32 = 1000

    private let state = LockedBox(false)

    /// Whether surveys are to end.
    var hasCome: Bool { state.withLock { $0 } }

    func come() { state.withLock { $0 = true } }

    /// Has statements of the connection fail with `SQLITE_INTERRUPT` from then on, also those that begin later. What
    /// `sqlite3_interrupt` does would miss a report that is between two statements.
    /// - Precondition: this lives longer than the connection.
    func watch(_ connection: OpaquePointer) {
        sqlite3_progress_handler(
            connection, Self.operations,
            { context in
                guard let context else { return 0 }
                return Unmanaged<SurveyEnd>.fromOpaque(context).takeUnretainedValue().hasCome ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
