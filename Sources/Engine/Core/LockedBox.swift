import Foundation

/// A value behind a lock. It is Foundation's lock and not `Synchronization.Mutex`, whose locking the thread sanitizer
/// cannot see on Linux: it would call every use of the value a race.
package final class LockedBox<Value>: @unchecked Sendable {
    // Sendable because `value` is touched only while `lock` is held. What a body returns was either made Sendable by
    // its caller's own rules or is a copy of a value type.
    private var value: Value
    private let lock = NSLock()

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
