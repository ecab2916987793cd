import Engine
import Foundation
import GRDB

/// Copies a database that is in use, as it was at one moment.
struct DatabaseCopy {
    let connection: DatabaseQueue
    /// Called with the pages still to be copied.
    let progress: (Int) throws -> Void
    /// Looks at the whole copy, and may add to it, before it gets its name, so that one which is damaged never does.
    var verify: (String) throws -> Void = { _ in }

    /// Pages between two calls of `progress`: 4 MiB.
    private static let pagesPerStep: CInt = 1024
    private static let partialSuffix = ".partial"

    /// Writes the copy beside `destination` first and renames it when it is whole and on the disk, so that a file of
    /// that name is always a complete copy.
    /// - Throws: `StoreError.unavailable` when something has that name and isn't to be replaced, or has a name by which
    ///   SQLite would take it for a part of the copy.
    func write(to destination: String, replacing: Bool) throws {
        try requireFree(destination, replacing)
        let partial = destination + Self.partialSuffix
        let claim = try claim(partial)
        // Last of all: closing any descriptor of a file gives up the locks that SQLite holds on it.
        defer { _ = close(claim) }
        do {
            try copy(to: partial)
            try verify(partial)
            try synchronize(partial)
            // Copying takes long.
            try requireFree(destination, replacing)
            guard rename(partial, destination) == 0 else { throw failure("rename", partial) }
            try synchronize((destination as NSString).deletingLastPathComponent)
        } catch {
            // What can't be removed is in nobody's way: the next copy begins with removing it. The reason is `error`.
            _ = unlink(partial)
            Self.removeCompanions(of: partial)
            throw error
        }
    }

    /// A log that is left beside the name, of a killed daemon or an older copy, would be read as the new file's: what
    /// SQLite found in it would come and go as it fits. Whose it is can't be known, so it isn't removed.
    private func requireFree(_ destination: String, _ replacing: Bool) throws {
        if !replacing, DataDirectory.isTaken(destination) {
            throw StoreError.unavailable("\(destination) exists already: name another file, or move it away")
        }
        if let companion = DataDirectory.companions(of: destination).first {
            throw StoreError.unavailable(
                "\(companion) stands beside it, and SQLite would read that as a part of the copy: name another file; or end"
                    + " what uses that database and move \(companion) away")
        }
    }

    /// Those of a copy without a name: nobody else opens it.
    private static func removeCompanions(of partial: String) {
        for suffix in DataDirectory.companionSuffixes { _ = unlink(partial + suffix) }
    }

    /// Removes what a copy to `destination` that was killed has left. Not while one may be under way.
    static func removeRemains(of destination: String) {
        _ = unlink(destination + partialSuffix)
        removeCompanions(of: destination + partialSuffix)
    }

    /// An empty file for the copy, from its first byte on for nobody but this user, and for one copy at a time: two that
    /// are begun together, as a timer may, would write into each other's. What one that was killed left is emptied.
    /// - Returns: the descriptor that holds the file as long as it is open.
    private func claim(_ path: String) throws -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", path) }
        do {
            // Some file systems know no such locks; there it is as if nobody else were there.
            let isFree = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
            // Who had it may have given it its name since it was opened.
            guard isFree, isNamed(descriptor, path) else {
                throw StoreError.unavailable(
                    "another copy is being written to \(path): wait until it has ended, or name another file")
            }
            guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else { throw failure("empty", path) }
            Self.removeCompanions(of: path)
            return descriptor
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    private func isNamed(_ descriptor: CInt, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
    }

    private func copy(to path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        // Last of all: closing any descriptor of a file gives up the locks that SQLite holds on it.
        defer { _ = close(descriptor) }
        let target = try DatabaseQueue(path: path)
        // The kernel tells a failed write to the disk once: the sync at the end would not hear of it again.
        var isSynchronized = true
        try connection.read { source in
            // From here on this transaction holds the moment; without it every commit would start the copy again.
            try source.execute(sql: "SELECT 1 FROM sqlite_schema LIMIT 1")
            try target.inDatabase { destination in
                do {
                    try source.backup(to: destination, pagesPerStep: Self.pagesPerStep) {
                        // Bit by bit, so that the writer's own waits for the disk don't queue up behind the whole copy.
                        if fdatasync(descriptor) != 0 { isSynchronized = false }
                        try progress($0.remainingPageCount)
                    }
                    // One file, complete without a log beside it. A store that opens it sets its log up again.
                    try destination.execute(sql: "PRAGMA journal_mode = DELETE")
                } catch let error as DatabaseError where error.isOfWriting {
                    throw failure(error, path)
                }
            }
        }
        try target.close()
        guard isSynchronized else {
            throw StoreError.unavailable(
                "\(path) could not be written to the disk: check it and its file system, or name another file")
        }
    }

    /// The source is only read, so what speaks of writing is the copy's.
    private func failure(_ error: DatabaseError, _ path: String) -> StoreError {
        guard !error.meansNoSpace else { return Self.full(path) }
        return .unavailable(
            "\(path) can't be written (\(error.reason)): check that disk and its file system, or name another file")
    }

    private static func full(_ path: String) -> StoreError {
        .full("no space is left for \(path): free some on that file system, then try again")
    }

    private func synchronize(_ path: String) throws {
        let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    private func failure(_ operation: String, _ path: String) -> StoreError {
        let reason = errno
        guard reason != ENOSPC else { return Self.full(path) }
        return .unavailable("\(path): \(operation) failed (\(String(cString: strerror(reason))))")
    }
}

extension DatabaseError {
    /// Whether a file could not be written, whatever the reason.
    fileprivate var isOfWriting: Bool {
        switch resultCode {
        case .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: true
        case .SQLITE_IOERR: !(FileReading.codes + [522]).contains(Int(extendedResultCode.rawValue))
        default: false
        }
    }
}
