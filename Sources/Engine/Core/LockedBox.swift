import Foundation

/// A value behind a lock.
final class LockedBox<Value>: @unchecked Sendable {
    // Sendable because `value` is touched only while `lock` is held. What a body returns was either made Sendable by
    // its caller's own rules or is a copy of a value type.
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
