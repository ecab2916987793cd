import Glibc

/// A lock and a condition to wait for under it, as `NSCondition` is, but with limits of a wait on the monotonic clock.
/// Foundation's are instants of the wall clock: where that is set back, a wait of a millisecond lasts so much longer.
///
/// `@unchecked Sendable`: both are made once, and POSIX has any thread use them.
final class MonotonicCondition: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let codes = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, &attributes))
        precondition(codes == (0, 0), "a lock of the process itself needs nothing that can be missing")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func signal() { pthread_cond_signal(condition) }
    func broadcast() { pthread_cond_broadcast(condition) }

    /// Under the lock, which it gives up meanwhile. May end without a signal.
    func wait() { pthread_cond_wait(condition, mutex) }

    /// Waits until so many nanoseconds of `WallClock.monotonicNanoseconds` at the latest.
    /// - Returns: false when that instant has come.
    func wait(until nanoseconds: UInt64) -> Bool {
        var limit = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &limit) != ETIMEDOUT
    }
}
