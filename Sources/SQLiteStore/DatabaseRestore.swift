import Engine
import Foundation
import GRDB
import JSONModel
import Logging
import WallTime

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
    /// - Parameter actor: whom the restored database's audit log names.
    func run(from file: String, by actor: String) throws -> BackupReport {
        let database = data.databasePath
        // One that was decided before: then what it replaced is not what this one does.
        try Self.finish(in: data, logger: logger)
        guard DataDirectory.isTaken(file) else {
            throw StoreError.unavailable("\(file) does not exist: name a backup")
        }
        guard !DataDirectory.isSame(file, database) else {
            throw StoreError.unavailable("\(file) is the database itself: name a backup")
        }
        let replaced = database + Self.replacedSuffix
        // A log of it that stays behind would be taken for the next one's.
        let earlier = [replaced].filter(DataDirectory.isTaken) + DataDirectory.companions(of: replaced)
        guard earlier.isEmpty else {
            throw StoreError.unavailable(
                "\(earlier.joined(separator: ", ")) is what an earlier restore replaced: move it away or delete it, all"
                    + " of it together, then try again")
        }
        try data.requireDatabaseFile(file)
        var report = try BackupReport.examine(file, options: options, migrations: migrations)
        let connection = try StoreConnections(path: file, options: options).reader()
        let copy = DatabaseCopy(connection: connection, progress: { _ in }) { partial in
            report.audit = try BackupReport.examine(partial, options: options, migrations: migrations).audit
            try note(report, from: file, by: actor, in: partial)
        }
        let staged = database + Self.stagedSuffix
        do {
            try copy.write(to: staged, replacing: true)
        } catch let error as StoreError where DataDirectory.size(staged) != nil {
            throw StoreError.unavailable(
                "\(error.explanation); the restore is decided all the same: the next start, or `workflowctl db migrate`, puts the"
                    + " backup in the place of the database, unless you delete \(staged) before")
        }
        try connection.close()
        try Self.finish(in: data, logger: logger)
        report.bytes = DataDirectory.size(database) ?? 0
        return report
    }

    /// Writes into the audit log of what is restored that it is, and from what, before it is decided: whoever finishes
    /// the restore has nothing to add. The schema stays what it is, so that the program that fits it can go on.
    private func note(_ report: BackupReport, from file: String, by actor: String, in partial: String) throws {
        let entry = AuditEntry(
            at: options.clock.now(), actor: actor, action: "database.restored", subject: "database",
            detail: [
                "file": .string(file), "schema": .int(Int64(report.schema)),
                "head": report.audit.map { .string($0.head) } ?? .null,
            ])
        let connection = try DatabaseQueue(path: partial)
        try connection.write { database in
            let transaction = try SQLiteTransaction(database, isReadOnly: false)
            defer { transaction.close() }
            try transaction.appendAuditOfAnySchema(entry)
            try transaction.forgetTaking()
        }
        try connection.close()
    }

    /// Finishes a restore that was decided; does nothing when there is none. Each step may have been done before. Call it
    /// as the holder of the directory's lock.
    static func finish(in data: DataDirectory, logger: Logger) throws(StoreError) {
        let database = data.databasePath
        DatabaseCopy.removeRemains(of: database + stagedSuffix)
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
        // The restore saw to it that nothing was there; what has come since is not thrown away.
        guard !DataDirectory.isTaken(from) || !DataDirectory.isTaken(destination) else {
            throw .unavailable(
                "\(from) can't be moved, since \(destination) is there: move that away, then start the daemon, which"
                    + " finishes the restore")
        }
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

extension DataDirectory {
    static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// - Throws: `StoreError.damaged` when `file` is empty, cut off, or no database.
    func requireDatabaseFile(_ file: String) throws(StoreError) {
        let isFile = Self.isRegularFile(file)
        guard isFile, let header = DatabaseHeader(path: file) else {
            if isFile, let failure = FileReading.failure(at: file) { throw StoreError.unavailable(failure) }
            throw StoreError.damaged("\(file) is no database: name a file that `workflowctl backup` made")
        }
        try Self.requireOwnLog(header, file)
        let journal = file + "-journal"
        guard Self.size(journal) ?? 0 == 0 else {
            throw StoreError.damaged(
                "\(journal) says that \(file) is half written, or belongs to another database that had its name: name"
                    + " another backup, or move \(journal) away when it does not belong there; nothing was changed")
        }
        let size = Self.size(file) ?? 0
        if Self.size(file + "-wal") ?? 0 == 0, let needed = header.bytes, size < needed {
            throw StoreError.damaged("\(file) was cut off: it has \(size) of \(needed) bytes; name another backup")
        }
    }

    /// A raw copy of a data directory's database comes with its log; a backup has none. By the name alone SQLite would
    /// read another database's, and take from it what happens to fit.
    /// - Throws: `StoreError.damaged`.
    static func requireOwnLog(_ header: DatabaseHeader, _ file: String) throws(StoreError) {
        let log = file + "-wal"
        guard !header.hasLog, size(log) ?? 0 > 0 else { return }
        throw StoreError.damaged(
            "\(log) is the log of another database, since \(file) is a backup, which has none: move \(log) away, then try"
                + " again; nothing was changed")
    }
}
