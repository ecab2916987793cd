package import Engine
import Foundation
import GRDB
package import Logging
import WallTime

extension SQLiteStore {
    /// Writes the database anew without its free pages, and so that it can give pages back from then on. Offline: holds
    /// the directory. Needs as much free space as the database has bytes, twice for a moment. Blocks.
    /// - Returns: its size in bytes before and afterwards.
    /// - Throws: `StoreError`.
    package static func compact(
        directory: String, options: SQLiteStoreOptions = SQLiteStoreOptions(),
        logger: Logger = Logger(label: "steward.store")
    ) throws(StoreError) -> (before: Int64, after: Int64) {
        let path = DataDirectory(path: directory).databasePath
        guard FileManager.default.fileExists(atPath: path) else {
            throw .unavailable("there is no database \(path): name the data directory of a daemon")
        }
        let lock = try DirectoryLock(directory: directory, program: options.program, now: options.clock.now())
        defer { lock.release() }
        let data = DataDirectory(path: directory)
        try data.requireWritableFiles()
        try data.requireWholeDatabase()
        try data.requireRoomForIndex()
        do {
            let connections = StoreConnections(path: path, options: options)
            let connection = try connections.writer()
            try SchemaUpgrade(migrations: .all, path: path, logger: logger).run(on: connection)
            try connections.prepareForWriting(connection)
            try connections.settleLog(connection)
            let before = bytes(of: path)
            // The copy is made on the same file system: memory may be too small for it.
            setenv("SQLITE_TMPDIR", directory, 1)
            try connection.inDatabase { database in
                try database.execute(sql: "PRAGMA temp_store = FILE; PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
            }
            try connections.settleLog(connection)
            try connection.close()
            return (before, bytes(of: path))
        } catch {
            throw StoreError.ending(with: error, at: path)
        }
    }

    private static func bytes(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
