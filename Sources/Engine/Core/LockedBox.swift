import Glibc

/// A value behind a lock.
///
/// The lock is POSIX's own and not `Synchronization.Mutex`, whose locking the thread sanitizer cannot see on Linux: it would
/// call every use of the value a race. Nor Foundation's, which is an object more for each box, of which every step makes
/// some. It spins for a moment before it sleeps: what is done under it takes less than falling asleep.
package final class LockedBox<Value>: @unchecked Sendable {
    // Sendable because `value` is touched only while `lock` is held. What a body returns was either made Sendable by
    // its caller's own rules or is a copy of a value type.
    private var value: Value
    private let lock: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ value: Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
        let code = pthread_mutex_init(lock, &attributes)
        precondition(code == 0, "a lock of the process itself needs nothing that can be missing")
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
