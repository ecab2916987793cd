import Foundation

/// Whose a database file is, and how it is kept, by its beginning alone
/// (https://www.sqlite.org/fileformat2.html#the_database_header).
///
/// Not for a database that this process has open: closing the file would give up SQLite's locks.
struct DatabaseHeader {
    /// SQLite takes a file of fewer bytes for an empty one, in which it may begin anew.
    static let length: Int64 = 100

    /// How large the file is, as its own header has it; nil for an older library's, which doesn't keep it.
    let bytes: Int64?
    /// SQLite's application id: 0 where the program has set none.
    let owner: Int64
    /// Whether it is kept with a write-ahead log. What a backup wrote is not: a log beside it is another database's.
    let hasLog: Bool

    var isStewards: Bool { owner == Int64(ExecutionSchema.applicationID) }

    /// Nil for what is no database, or can't be read.
    init?(path: String) {
        guard let header = Self.read(path), header.count == Self.length, Self.isDatabases(header) else { return nil }
        owner = Self.number(header, at: 68)
        hasLog = header[18] == 2 || header[19] == 2
        let pageSize = Int64(header[16]) << 8 | Int64(header[17])
        let pages = Self.number(header, at: 28)
        // Only when both agree was the page count written by the last to change the file.
        let isKept = pages > 0 && Self.number(header, at: 24) == Self.number(header, at: 92)
        bytes = isKept ? pages * (pageSize == 1 ? 65536 : pageSize) : nil
    }

    /// Whether the file begins as SQLite's do; nil when it can't be read, and then `errno` says why.
    static func isDatabase(_ path: String) -> Bool? { read(path).map(isDatabases) }

    private static func isDatabases(_ header: [UInt8]) -> Bool { header.starts(with: Array("SQLite format 3\0".utf8)) }

    private static func read(_ path: String) -> [UInt8]? {
        // What is no file, such as a pipe, would make others wait.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var header = [UInt8](repeating: 0, count: Int(length))
        let count = pread(descriptor, &header, header.count, 0)
        return count >= 0 ? Array(header.prefix(count)) : nil
    }

    private static func number(_ header: [UInt8], at place: Int) -> Int64 {
        header[place..<place + 4].reduce(0) { $0 << 8 | Int64($1) }
    }
}
