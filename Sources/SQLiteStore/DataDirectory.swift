import Engine
import Foundation

/// The directory that holds the database and its lock.
struct DataDirectory {
    let path: String

    static let databaseName = "steward.db"

    var databasePath: String { path + "/" + Self.databaseName }

    /// Makes the directory and an empty database file, readable by this user alone, where there is none.
    /// - Throws: what is wrong with the path and what to do.
    func prepare() throws(StoreError) {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
            guard isDirectory.boolValue else {
                throw StoreError.unavailable(
                    "\(path) is a file, not a directory: name another data directory, or move the file away")
            }
        } else {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw StoreError.unavailable(
                    "\(path) can't be made (\(error.localizedDescription)): make it yourself for the user that runs"
                        + " Steward, or name another data directory")
            }
            makeDurable()
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw StoreError.unavailable(
                "\(path) can't be written by this user (\(String(cString: strerror(errno)))): change its owner or"
                    + " permissions, or name another data directory")
        }
    }

    /// Writes the new directory's entry, and those of parents made with it, to the disk: SQLite sees to the files in it.
    /// Some file systems can't, and then do it by themselves.
    private func makeDurable() {
        var parent = URL(fileURLWithPath: path).standardizedFileURL
        while parent.path != "/" {
            parent.deleteLastPathComponent()
            let descriptor = open(parent.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            _ = fsync(descriptor)
            _ = close(descriptor)
        }
    }

    /// Makes the database file for this user alone; SQLite gives its log the same permissions.
    func makeDatabaseFile() throws(StoreError) {
        // One that exists is not even opened: POSIX locks are the process's, and closing any descriptor of the file gives
        // up those that SQLite holds on it.
        let descriptor = open(databasePath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            guard errno != ENOSPC else {
                throw StoreError.full(
                    "no space is left for \(databasePath): free some on that file system, then try again")
            }
            throw StoreError.unavailable(
                "\(databasePath) can't be made (\(String(cString: strerror(errno)))): give this user write permission"
                    + " for its directory")
        }
        _ = close(descriptor)
    }

    /// Refuses a file that lost its end, before anything is written to it: SQLite would take an empty one for a new
    /// database and throw its log away, and would notice a short one only when it needs what is missing.
    /// - Throws: `StoreError.damaged`.
    func requireWholeDatabase() throws(StoreError) {
        let log = Self.size(databasePath + "-wal") ?? 0
        guard let size = Self.size(databasePath) else { return }
        guard size >= DatabaseHeader.length else {
            let wasInUse = size > 0 || log > 0 || Self.size(path + "/token.key") != nil
            guard !wasInUse else {
                let found = size == 0 ? "is empty" : "was cut off: it has \(size) bytes"
                throw StoreError.damaged(
                    "\(databasePath) \(found), but \(path) has been in use: restore a backup, or move all files of the"
                        + " directory away to begin anew; nothing was changed")
            }
            return
        }
        // A backup may have been copied over a database whose daemon was killed.
        let header = DatabaseHeader(path: databasePath)
        if let header { try Self.requireOwnLog(header, databasePath) }
        // A log may hold what the file lacks, when a checkpoint was interrupted.
        guard log == 0, let needed = header?.bytes, size < needed else { return }
        throw StoreError.damaged(
            "\(databasePath) was cut off: it has \(size) of \(needed) bytes; keep a copy, and restore a backup; nothing was"
                + " changed")
    }

    /// Refuses what this user may read but not write, before SQLite makes a log and an index with the same permissions.
    func requireWritableFiles() throws(StoreError) {
        for path in ["", "-wal", "-shm"].map({ databasePath + $0 }) where access(path, W_OK) != 0 && errno != ENOENT {
            throw StoreError.unavailable(
                "\(path) can't be written by this user (\(String(cString: strerror(errno)))): change its owner or permissions"
            )
        }
    }

    /// Nil for a file that isn't there.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }
}
