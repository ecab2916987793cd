import Foundation

/// How many tasks may be under way at a time, and a wait for all to end.
final class Slots: @unchecked Sendable {
    // Sendable because `free`, `isClosed` and the continuations are touched only while `lock` is held.
    private let lock = NSLock()
    private let count: Int
    private var free: Int
    private var isClosed = false
    private var waiting: CheckedContinuation<Bool, Never>?
    private var resting: CheckedContinuation<Void, Never>?

    init(_ count: Int) {
        self.count = count
        free = count
    }

    var taken: Int { lock.withLock { count - free } }

    /// Waits for a free slot and takes it; false when the task is cancelled. One task may wait at a time.
    func take() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = lock.withLock {
                    if Task.isCancelled { return false }
                    guard free > 0 else {
                        waiting = continuation
                        return nil
                    }
                    free -= 1
                    return true
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            lock.withLock { takeWaiting() }?.resume(returning: false)
        }
    }

    func giveBack() {
        let (next, rested) = lock.withLock {
            () -> (CheckedContinuation<Bool, Never>?, CheckedContinuation<Void, Never>?) in
            if let next = takeWaiting() { return (next, nil) }
            free += 1
            return (nil, free == count ? takeResting() : nil)
        }
        next?.resume(returning: true)
        rested?.resume()
    }

    /// Returns when no slot is taken, or after `close`.
    func waitUntilAllAreBack() async {
        await withCheckedContinuation { continuation in
            let isDone = lock.withLock {
                if free == count || isClosed { return true }
                resting = continuation
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    /// Whoever waits for all to be back waits no longer.
    func close() {
        let rested = lock.withLock {
            isClosed = true
            return takeResting()
        }
        rested?.resume()
    }

    private func takeWaiting() -> CheckedContinuation<Bool, Never>? {
        defer { waiting = nil }
        return waiting
    }

    private func takeResting() -> CheckedContinuation<Void, Never>? {
        defer { resting = nil }
        return resting
    }
}
