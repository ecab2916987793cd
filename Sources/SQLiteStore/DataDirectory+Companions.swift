import Foundation

extension DataDirectory {
    /// What SQLite takes for a part of the database `path`, by the name alone, where there is such a file.
    static func companions(of path: String) -> [String] {
        companionSuffixes.map { path + $0 }.filter(isTaken)
    }

    static let companionSuffixes = ["-wal", "-shm", "-journal"]

    /// Whether something has the name, be it a link that leads nowhere.
    static func isTaken(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
