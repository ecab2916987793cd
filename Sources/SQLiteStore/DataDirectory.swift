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
            throw StoreError.unavailable(
                "\(databasePath) can't be made (\(String(cString: strerror(errno)))): give this user write permission"
                    + " for its directory")
        }
        _ = close(descriptor)
    }
}
