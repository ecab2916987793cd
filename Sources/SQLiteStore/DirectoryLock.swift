import Engine
import Foundation
import WallTime

/// Holds a data directory for one process, for as long as any of its connections is open. The kernel lets go of it when
/// the process ends, however it ends, so a file that is left behind is no obstacle.
final class DirectoryLock: @unchecked Sendable {
    // `holders` and `kept` are read and changed only while `guardian` is held. `descriptor` never changes, and is closed
    // once: by whoever takes `holders` to 0.
    private let guardian = NSLock()
    private let descriptor: Int32
    private var holders = 1
    private var kept: [Int32] = []

    static let fileName = "steward.lock"

    /// Takes the directory. Its maker is its first holder.
    /// - Throws: `StoreError.locked` with what the holder wrote about itself; `.unavailable` when the file can't be used.
    init(directory: String, program: String, now: Instant) throws(StoreError) {
        let path = directory + "/" + Self.fileName
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw StoreError.unavailable(
                "\(path) can't be opened (\(String(cString: strerror(errno)))): give this user write permission for the"
                    + " directory, or name another data directory")
        }
        do throws(StoreError) {
            try Self.take(opened, path)
            try Self.write("\(program) (pid \(getpid()), since \(now.iso8601))", to: opened, path)
        } catch {
            _ = close(opened)
            throw error
        }
        descriptor = opened
    }

    /// Whoever opens a connection holds the directory until it is closed. False when it was let go of already.
    func hold() -> Bool {
        guardian.withLock {
            guard holders > 0 else { return false }
            holders += 1
            return true
        }
    }

    /// Closes a descriptor of one of SQLite's files with the last connection: closing any, sooner, would give up the locks
    /// that SQLite holds on that file.
    func keep(_ descriptor: Int32) { guardian.withLock { kept.append(descriptor) } }

    /// Ends what `hold`, or making the lock, began. The last one lets go of the directory.
    func release() {
        let isLast = guardian.withLock {
            holders -= 1
            return holders == 0
        }
        guard isLast else { return }
        for descriptor in guardian.withLock({ kept }) { _ = close(descriptor) }
        _ = close(descriptor)
    }

    private static func take(_ descriptor: Int32, _ path: String) throws(StoreError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let reason = errno
        guard reason == EWOULDBLOCK else {
            throw StoreError.unavailable(
                "\(path) can't be locked (\(String(cString: strerror(reason)))): a data directory has to be on a local"
                    + " file system")
        }
        throw StoreError.locked(by: holder(descriptor))
    }

    private static func write(_ holder: String, to descriptor: Int32, _ path: String) throws(StoreError) {
        let bytes = Array(holder.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            let reason = errno
            guard reason != ENOSPC else {
                throw StoreError.full("no space is left for \(path): free some on that file system, then start again")
            }
            throw StoreError.unavailable("\(path) can't be written (\(String(cString: strerror(reason))))")
        }
    }

    static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // The holder may be about to write.
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : "another process"
    }
}
