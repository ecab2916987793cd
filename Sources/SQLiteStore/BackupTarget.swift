import Engine
import Foundation

/// The file that a backup is to become.
///
/// It is judged by its name and its inode first, and read only when it is no part of a database that is in use: POSIX
/// locks are the process's, and closing any descriptor of a file gives up those that SQLite holds on it.
struct BackupTarget {
    let path: String

    /// Of copies of the database that Steward makes beside it.
    private static let endings = [DatabaseRestore.stagedSuffix, DatabaseRestore.replacedSuffix, ".schema", ".trial"]

    /// - Parameter database: what is backed up.
    /// - Throws: `StoreError.unavailable` with what stands in the way and what to do.
    func requireUsable(besides database: String, replacing: Bool) throws(StoreError) {
        try requireNoPart(of: database)
        try requireNameOfItsOwn(database)
        // Without `replacing` the copy itself refuses a name that is taken.
        guard replacing, DataDirectory.isTaken(path) else { return }
        guard DataDirectory.isRegularFile(path) else { throw refusal("is no regular file") }
        guard let header = DatabaseHeader(path: path) else { throw refusal("is no database") }
        guard header.isStewards else { throw refusal("is another program's database") }
    }

    private func requireNoPart(of database: String) throws(StoreError) {
        guard !DataDirectory.isSame(path, database) else {
            throw StoreError.unavailable("\(path) is the database itself: name another file")
        }
        for suffix in DataDirectory.companionSuffixes where DataDirectory.isSame(path, database + suffix) {
            throw StoreError.unavailable("\(path) belongs to the database that is backed up: name another file")
        }
    }

    private func requireNameOfItsOwn(_ database: String) throws(StoreError) {
        let name = (path as NSString).lastPathComponent
        if let suffix = DataDirectory.companionSuffixes.first(where: name.hasSuffix) {
            throw StoreError.unavailable(
                "\(path): what ends with \(suffix) is a part of another database to SQLite; name another file")
        }
        let directory = Self.directory(of: path)
        let isInUse =
            DataDirectory.isTaken(directory + "/" + DirectoryLock.fileName)
            || DataDirectory.isSame(directory, Self.directory(of: database))
        let isDaemons =
            [DataDirectory.databaseName, DirectoryLock.fileName, "token.key", "access-keys.key"].contains(name)
            || Self.endings.contains { name.hasPrefix(DataDirectory.databaseName + $0) }
        // Whoever opens the directory next would finish a restore of it, wherever that is.
        let isDecision = name == DataDirectory.databaseName + DatabaseRestore.stagedSuffix
        guard !(isInUse && isDaemons), !isDecision else {
            throw StoreError.unavailable(
                "\(path) is a name that Steward uses in its data directories: name another file, or another directory;"
                    + " `workflowctl restore` puts a backup into a data directory")
        }
    }

    private static func directory(of path: String) -> String {
        let directory = (path as NSString).deletingLastPathComponent
        return directory.isEmpty ? "." : directory
    }

    private func refusal(_ what: String) -> StoreError {
        .unavailable("\(path) \(what), so it is not replaced: name another file")
    }
}
