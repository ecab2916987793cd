import Engine
import Foundation
import GRDB
import Logging

/// Puts a backup in the place of a directory's database.
///
/// The backup is read through and copied to `steward.db.restoring` first. The moment that file has its name, the restore
/// is decided: whoever opens the directory next, after a crash too, finishes it. So there is never a database beside
/// another one's log. What was there before stays, with its log, as `steward.db.replaced`.
struct DatabaseRestore {
    let data: DataDirectory
    let options: SQLiteStoreOptions
    let migrations: Migrations
    let logger: Logger

    static let stagedSuffix = ".restoring"
    static let replacedSuffix = ".replaced"

    /// Call it as the holder of the directory's lock.
    func run(from file: String) throws -> BackupReport {
        let database = data.databasePath
        guard FileManager.default.fileExists(atPath: file) else {
            throw StoreError.unavailable("\(file) does not exist: name a backup")
        }
        guard !DataDirectory.isSame(file, database) else {
            throw StoreError.unavailable("\(file) is the database itself: name a backup")
        }
        guard !FileManager.default.fileExists(atPath: database + Self.replacedSuffix) else {
            throw StoreError.unavailable(
                "\(database)\(Self.replacedSuffix) is what an earlier restore replaced: move it away or delete it, then"
                    + " try again")
        }
        try data.requireDatabaseFile(file)
        var report = try BackupReport.examine(file, options: options, migrations: migrations)
        let connection = try StoreConnections(path: file, options: options).reader()
        let copy = DatabaseCopy(connection: connection, progress: { _ in }) { partial in
            report.audit = try BackupReport.examine(partial, options: options, migrations: migrations).audit
        }
        try copy.write(to: database + Self.stagedSuffix, replacing: true)
        try connection.close()
        try Self.finish(in: data, logger: logger)
        report.bytes = DataDirectory.size(database) ?? 0
        return report
    }

    /// Finishes a restore that was decided; does nothing when there is none. Each step may have been done before.
    static func finish(in data: DataDirectory, logger: Logger) throws(StoreError) {
        let database = data.databasePath
        guard FileManager.default.fileExists(atPath: database + stagedSuffix) else { return }
        let replaced = database + replacedSuffix
        try move(database, to: replaced)
        try move(database + "-wal", to: replaced + "-wal")
        guard unlink(database + "-shm") == 0 || errno == ENOENT else { throw failure(database + "-shm") }
        try move(database + stagedSuffix, to: database)
        synchronize(data.path)
        logger.notice("a backup was restored", metadata: ["database": "\(database)", "before": "\(replaced)"])
    }

    private static func move(_ from: String, to destination: String) throws(StoreError) {
        guard rename(from, destination) == 0 || errno == ENOENT else { throw failure(from) }
    }

    private static func failure(_ path: String) -> StoreError {
        .unavailable(
            "\(path) can't be moved (\(String(cString: strerror(errno)))): mend that, then run the restore, or start the"
                + " daemon, which finishes it")
    }

    /// Some file systems can't, and then do it by themselves.
    private static func synchronize(_ directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }
}

extension DatabaseHeader {
    /// Whether the file begins as SQLite's do; nil when it can't be read.
    static func isDatabase(_ path: String) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard pread(descriptor, &bytes, 16, 0) == 16 else { return false }
        return bytes == Array("SQLite format 3\0".utf8)
    }
}

extension DataDirectory {
    static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// - Throws: `StoreError.damaged` when `file` is empty, cut off, or no database.
    func requireDatabaseFile(_ file: String) throws(StoreError) {
        guard DatabaseHeader.isDatabase(file) == true else {
            throw StoreError.damaged("\(file) is no database: name a file that `workflowctl backup` made")
        }
        let size = Self.size(file) ?? 0
        if Self.size(file + "-wal") ?? 0 == 0, let needed = DatabaseHeader(path: file)?.bytes, size < needed {
            throw StoreError.damaged("\(file) was cut off: it has \(size) of \(needed) bytes; name another backup")
        }
    }
}
