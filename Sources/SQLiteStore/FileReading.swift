import Foundation

/// Tells damage from a disk that doesn't give what it holds. SQLite doesn't: some errors of reading reach its callers as a
/// damaged database (`SQLITE_IOERR_CORRUPTFS` becomes `SQLITE_CORRUPT`), and who restores a backup for those throws away
/// what is sound.
enum FileReading {
    /// The primary and extended codes with which SQLite says that it could not read, where it says so.
    static let codes = [266, 8458]

    /// Why the database at `path`, or its log, can't be read to its end; nil when it can, or is not there. Reads all of
    /// it. Not for a database that this process has open: closing the file would give up SQLite's locks.
    static func failure(at path: String) -> String? { failure(ofFile: path) ?? failure(ofFile: path + "-wal") }

    /// The same for an open database. Nobody holds locks on its log, which may be opened and closed.
    /// - Parameter end: ends it early, and then nothing is said.
    static func failure(reading database: CInt, at path: String, until end: SurveyEnd) -> String? {
        failure(reading: database, path, until: end) ?? failure(ofFile: path + "-wal", until: end)
    }

    private static func failure(ofFile path: String, until end: SurveyEnd? = nil) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? nil : words(path, errno) }
        defer { _ = close(descriptor) }
        return failure(reading: descriptor, path, until: end)
    }

    private static func failure(reading descriptor: CInt, _ path: String, until end: SurveyEnd?) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var place = 0
        while end?.hasCome != true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(place))
            if count == 0 { return nil }
            if count > 0 {
                place += count
            } else if errno != EINTR {
                return words(path, errno, " at byte \(place)")
            }
        }
        return nil
    }

    private static func words(_ path: String, _ reason: CInt, _ place: String = "") -> String {
        "\(path) can't be read\(place) (\(String(cString: strerror(reason))))"
    }
}
