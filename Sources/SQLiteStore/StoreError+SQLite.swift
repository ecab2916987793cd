import Engine
import GRDB

extension StoreError {
    /// What an error of SQLite means for the store at `path`; nil for one that says that a statement was wrong, which
    /// is the caller's to see.
    init?(_ error: DatabaseError, at path: String) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .full(
                "no space is left for \(path): free some on that file system; nothing acknowledged is lost, and writing"
                    + " goes on as soon as there is space")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(
                "\(path) is damaged (\(error.reason)): stop, keep a copy of its directory, and restore a backup")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .unavailable(
                "\(path) can't be written (\(error.reason)): give this user write permission for the file and its"
                    + " directory, and see that the file system isn't mounted read-only")
        case .SQLITE_IOERR:
            self = .unavailable(
                "reading or writing \(path) failed (\(error.reason)): check the disk and its file system; nothing"
                    + " acknowledged is lost, and writing goes on as soon as the disk works again")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .unavailable(
                "another program holds \(path) (\(error.reason)): end it; only one process may use a data directory")
        case .SQLITE_INTERRUPT: self = .unavailable(SurveyEnd.reason)
        case .SQLITE_NOMEM:
            self = .unavailable("there is no memory left for \(path) (\(error.reason))")
        default:
            return nil
        }
    }

    /// `error` as callers of the store see it: SQLite's troubles as `StoreError`, everything else unchanged.
    static func translating(_ error: any Error, at path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return StoreError(error, at: path) ?? error
    }

    /// The same where only `StoreError` may be thrown.
    static func from(_ error: any Error, at path: String) -> StoreError {
        switch translating(error, at: path) {
        case let error as StoreError: error
        case let error: .unavailable("\(path) can't be used: \(error)")
        }
    }
}

extension DatabaseError {
    fileprivate var reason: String { "\(message ?? "no message"), SQLite code \(extendedResultCode.rawValue)" }
}
