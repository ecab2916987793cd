import Foundation
import TestKit

/// Holds a store's thread inside a transaction until the test opens it.
final class Gate: @unchecked Sendable {
    // Read and changed only while `condition` is held.
    private let condition = NSCondition()
    private var isOpen = false
    private var hasArrived = false

    /// Called inside a transaction: waits until the gate is open, at most half a minute.
    func wait() {
        condition.lock()
        defer { condition.unlock() }
        hasArrived = true
        let deadline = Date(timeIntervalSinceNow: 30)
        while !isOpen, condition.wait(until: deadline) {}
    }

    func open() {
        condition.lock()
        isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    /// Returns when a transaction waits at the gate.
    func untilReached() async throws {
        try await eventually("the gate is reached") { self.condition.withLock { self.hasArrived } }
    }
}
