import Engine
import Foundation
import WallTime

/// Holds a data directory for one process. The kernel lets go of it when the process ends, however it ends, so a file
/// that is left behind is no obstacle.
final class DirectoryLock: @unchecked Sendable {
    // `descriptor` is read and changed only while `guardian` is held.
    private let guardian = NSLock()
    private var descriptor: Int32

    static let fileName = "steward.lock"

    /// - Throws: `StoreError.locked` with what the holder wrote about itself; `.unavailable` when the file can't be used.
    init(directory: String, program: String, now: Instant) throws(StoreError) {
        let path = directory + "/" + Self.fileName
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.unavailable(
                "\(path) can't be opened (\(String(cString: strerror(errno)))): give this user write permission for the"
                    + " directory, or name another data directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = Self.holder(descriptor)
            _ = close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw StoreError.unavailable(
                    "\(path) can't be locked (\(String(cString: strerror(reason)))): a data directory has to be on a"
                        + " local file system")
            }
            throw StoreError.locked(by: holder)
        }
        try write("\(program) (pid \(getpid()), since \(now.iso8601))", path)
    }

    deinit { release() }

    /// Lets go of the directory. Releasing twice is harmless.
    func release() {
        guardian.lock()
        defer { guardian.unlock() }
        guard descriptor >= 0 else { return }
        _ = close(descriptor)
        descriptor = -1
    }

    private func write(_ holder: String, _ path: String) throws(StoreError) {
        let bytes = Array(holder.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            let reason = errno
            release()
            guard reason != ENOSPC else {
                throw StoreError.full("no space is left for \(path): free some on that file system, then start again")
            }
            throw StoreError.unavailable("\(path) can't be written (\(String(cString: strerror(reason))))")
        }
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // The holder may be about to write.
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : "another process"
    }
}
