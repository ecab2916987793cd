import Foundation

/// Whose a database file is, and how it is kept, by its first page alone
/// (https://www.sqlite.org/fileformat2.html#the_database_header).
///
/// Not for a database that this process has open: closing the file would give up SQLite's locks.
struct DatabaseKind {
    /// SQLite's application id: 0 where the program has set none.
    let owner: Int64
    /// Whether it is kept with a write-ahead log. What a backup wrote is not: a log beside it is another database's.
    let hasLog: Bool

    var isStewards: Bool { owner == Int64(ExecutionSchema.applicationID) }

    /// Nil for what is no database, or can't be read.
    init?(path: String) {
        // What is no file, such as a pipe, would make others wait.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        guard pread(descriptor, &header, 100, 0) == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            return nil
        }
        owner = header[68..<72].reduce(0) { $0 << 8 | Int64($1) }
        hasLog = header[18] == 2 || header[19] == 2
    }
}

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
