import Engine
import Foundation
import GRDB

extension StoreError {
    /// What an error of SQLite means for the store at `path`; nil for one that says that a statement was wrong, which
    /// is the caller's to see.
    /// - Parameter isLast: whether the program ends with it, so that nothing goes on by itself.
    init?(_ error: DatabaseError, at path: String, isLast: Bool = false) {
        if error.meansNoSpace {
            let rest = isLast ? ", then try again" : ""
            let goesOn = isLast ? "" : ", and writing goes on as soon as there is space"
            self = .full(
                "no space is left for \(path): free some on that file system\(rest); nothing acknowledged is lost\(goesOn)"
            )
            return
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .damaged(
                isLast
                    ? "\(path) is damaged (\(error.reason)): stop, keep a copy of its directory, and restore a backup"
                    : "\(path) is damaged, or could not be read (\(error.reason)): examine it with `workflowctl doctor`,"
                        + " which tells the one from the other; stop and keep a copy of its directory before you restore a"
                        + " backup")
        case .SQLITE_CANTOPEN where Self.lacksDescriptors:
            self = .unavailable(
                "\(path) can't be opened: this process has as many files and connections open as it may; raise that limit"
                    + " (`ulimit -n`, LimitNOFILE) or lower limits.connections")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .unavailable(
                "\(path) can't be written (\(error.reason)): give this user write permission for the file and its"
                    + " directory, and see that the file system isn't mounted read-only")
        case .SQLITE_IOERR:
            let rest = isLast ? ", then try again" : ""
            let goesOn = isLast ? "" : ", and writing goes on as soon as the disk works again"
            self = .unavailable(
                "reading or writing \(path) failed (\(error.reason)): check the disk and its file system\(rest); nothing"
                    + " acknowledged is lost\(goesOn)")
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
        from(error, at: path, isLast: false)
    }

    /// The same for work that ends with `error`. What looks like damage is read through, since it may be the disk. Not
    /// for a database that this process has open.
    static func ending(with error: any Error, at path: String) -> StoreError {
        let meaning = from(error, at: path, isLast: true)
        guard case .damaged = meaning, let failure = FileReading.failure(at: path) else { return meaning }
        return .unavailable(
            "\(failure): check the disk and its file system, then try again; this says nothing against the data, so restore"
                + " nothing")
    }

    private static func from(_ error: any Error, at path: String, isLast: Bool) -> StoreError {
        if let error = error as? StoreError { return error }
        if let error = error as? DatabaseError, let known = StoreError(error, at: path, isLast: isLast) { return known }
        return .unavailable("\(path) can't be used: \(error)")
    }
}

extension StoreError {
    /// Whether nothing can be opened because too much is.
    private static var lacksDescriptors: Bool {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EMFILE || errno == ENFILE }
        close(descriptor)
        return false
    }
}

extension DatabaseError {
    /// What SQLite says, for people who search for it.
    var reason: String { "\(message ?? "no message"), SQLite code \(extendedResultCode.rawValue)" }

    /// `SQLITE_IOERR_SHMSIZE` is what the first to open a database on a full disk is told: there is no room for `-shm`.
    var meansNoSpace: Bool { resultCode == .SQLITE_FULL || extendedResultCode.rawValue == 4874 }
}
