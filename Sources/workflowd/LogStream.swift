import Foundation
import Glibc
import WallTime

/// Standard error, as the stream of a log that nobody has to read.
///
/// Entries are written at once while whoever reads keeps up, so that a crash loses none but those that are larger than a pipe
/// takes in one piece. When a pipe is full, because what collects the log hangs, they wait in memory for a thread that writes
/// them: the daemon's few threads must not sleep in a write, or the budget monitor would stop with the log. Past `mostWaiting`
/// bytes entries are left out, and the log says how many when it is read again.
final class LogStream: TextOutputStream, @unchecked Sendable {
    // Sendable because `waiting`, `leftOut` and `isBehind` are touched only while `lock` is held.

    static let standardError = LogStream(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    private let isFile: Bool
    private let mostWaiting: Int
    private let lock = NSLock()
    private var waiting: [UInt8] = []
    private var leftOut = 0
    /// Whether the thread is at work.
    private var isBehind = false

    init(descriptor: Int32, mostWaiting: Int = 1 << 20) {
        self.descriptor = descriptor
        var status = stat()
        isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        self.mostWaiting = mostWaiting
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        lock.lock()
        defer { lock.unlock() }
        if !isBehind, takesAtOnce(bytes.count) { return put(bytes) }
        guard waiting.count + bytes.count <= mostWaiting else {
            leftOut += 1
            return
        }
        waiting += bytes
        if !isBehind {
            isBehind = true
            Thread { self.catchUp() }.start()
        }
    }

    /// Returns when all is written, when the caller is cancelled, and after a second at the latest: nobody may ever read it.
    func finish(clock: WallClock) async {
        for _ in 0..<100 where lock.withLock({ isBehind }) {
            do { try await clock.pause(for: .milliseconds(10)) } catch { return }
        }
    }

    /// Writes what waits, on a thread of its own, until nothing does.
    private func catchUp() {
        while let bytes = takeWaiting() { put(bytes) }
    }

    private func takeWaiting() -> [UInt8]? {
        lock.lock()
        defer { lock.unlock() }
        if waiting.isEmpty, leftOut == 0 {
            isBehind = false
            return nil
        }
        var bytes = waiting
        if leftOut > 0 { bytes += "workflowd: \(leftOut) log entries are missing here: nobody read this log.\n".utf8 }
        waiting = []
        leftOut = 0
        return bytes
    }

    /// Whether so many bytes can be written without waiting. A file takes all, and of a pipe what polls as writable takes
    /// `PIPE_BUF`.
    private func takesAtOnce(_ count: Int) -> Bool {
        if isFile { return true }
        guard count <= Int(PIPE_BUF) else { return false }
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) == 1
    }

    /// Writes all of it, however long that takes. What can't be written has no place where it could be said.
    private func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if written > 0 {
                    done += written
                } else if errno == EAGAIN {
                    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&state, 1, -1)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
