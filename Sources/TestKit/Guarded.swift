import Foundation

/// A value behind a lock.
package final class Guarded<Value>: @unchecked Sendable {
    // Sendable because `value` is touched only while `lock` is held, and what leaves `withLock` must be Sendable or
    // never have been part of it.
    private var value: Value
    private let lock = NSLock()

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
