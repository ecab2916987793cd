import CCrypto
import Foundation

/// A thread that does one thing, and whose end can be awaited. Blocking calls belong on one: on Swift's few
/// cooperative threads they would hold up everything else.
final class StoreThread: @unchecked Sendable {
    // `hasEnded` and `awaiting` are read and changed only while `guardian` is held.
    private let guardian = NSLock()
    private var hasEnded = false
    private var awaiting: [CheckedContinuation<Void, Never>] = []

    /// As much as a main thread has: what runs inside a transaction may recurse through deep documents.
    private static let stackBytes = 8 << 20

    init(name: String, _ main: @escaping @Sendable () -> Void) {
        let thread = Thread {
            // Foundation drops a name that is set before `start` has returned. The system keeps 15 characters of it.
            self.guardian.withLock { Thread.current.name = name }
            main()
            // What libcrypto keeps for a thread (the audit chain's hashes) it frees when the thread is gone, which may be
            // while the process exits and libcrypto ends: that crashed one exit in hundreds.
            OPENSSL_thread_stop()
            self.end()
        }
        thread.stackSize = Self.stackBytes
        guardian.withLock { thread.start() }
    }

    /// Runs `work` on a thread of its own, for what takes long and happens rarely.
    static func run<Result: Sendable>(
        name: String, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { caller in
            _ = StoreThread(name: name) {
                do {
                    let result = try work()
                    caller.resume(returning: result)
                } catch {
                    caller.resume(throwing: error)
                }
            }
        }
    }

    /// Returns when the thread has done its work.
    func waitForEnd() async {
        await withCheckedContinuation { caller in
            guardian.lock()
            let ended = hasEnded
            if !ended { awaiting.append(caller) }
            guardian.unlock()
            if ended { caller.resume() }
        }
    }

    private func end() {
        guardian.lock()
        hasEnded = true
        let callers = awaiting
        awaiting.removeAll()
        guardian.unlock()
        for caller in callers { caller.resume() }
    }
}
