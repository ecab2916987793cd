import Engine
import Foundation

// SQLite writes to the log's index through memory, where a lack of space is a signal that ends the process. So it makes
// room first, with one byte in each 4 KiB: enough where the file system's blocks have that size, and a hole beside each
// byte where they are smaller.

extension DataDirectory {
    /// What the index takes of the log's first 128 MiB. It grows further only behind a reader that holds the log back.
    private static let indexBytes: Int64 = 256 << 10

    private var hasSmallBlocks: Bool {
        var status = statvfs()
        // One without any blocks says nothing of itself.
        return statvfs(path, &status) == 0 && status.f_blocks > 0 && status.f_bsize < 4096
    }

    /// Refuses a start that would end with a signal. Where blocks are large SQLite says by itself that there is no room.
    func requireRoomForIndex() throws(StoreError) {
        var status = statvfs()
        guard hasSmallBlocks, statvfs(path, &status) == 0,
            Int64(status.f_bavail) * Int64(status.f_frsize) < 2 * Self.indexBytes
        else { return }
        throw indexIsFull
    }

    /// Has the file system give the index all its blocks, where it wouldn't by itself. Call it when the database is open.
    /// - Returns: the index's descriptor, to be closed after the last connection; nil where there is none.
    func fillIndex() throws(StoreError) -> CInt? {
        let descriptor = open(databasePath + "-shm", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard hasSmallBlocks else { return descriptor }
        // Nobody writes to the index yet: where a file system can't, glibc writes a byte to each block.
        guard posix_fallocate(descriptor, 0, off_t(Self.indexBytes)) == ENOSPC else { return descriptor }
        // Nothing rests on SQLite's locks any more.
        _ = close(descriptor)
        throw indexIsFull
    }

    private var indexIsFull: StoreError {
        .full("no space is left for \(databasePath)-shm: free some on that file system, then try again")
    }
}

/// Descriptors of SQLite's files that are none of SQLite's, open as long as any of its connections.
struct OpenFiles {
    let database: CInt
    let index: CInt

    /// Nil where they can't be opened. Call it when the database is open.
    init?(_ data: DataDirectory, keeping lock: DirectoryLock) throws(StoreError) {
        guard let index = try data.fillIndex() else { return nil }
        lock.keep(index)
        let database = open(data.databasePath, O_RDONLY | O_CLOEXEC)
        guard database >= 0 else { return nil }
        lock.keep(database)
        (self.database, self.index) = (database, index)
    }
}
