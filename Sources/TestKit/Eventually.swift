/// A condition that did not come true in time.
package struct ConditionNeverHeld: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Waits, in real time, until the condition holds. For tests that run real tasks under a virtual clock.
/// - Throws: `ConditionNeverHeld` after `deadline`.
package func eventually(
    _ what: String = "condition", deadline: Duration = .seconds(120),
    _ condition: @Sendable () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while try await !condition() {
        guard clock.now < end else {
            throw ConditionNeverHeld(description: "\(what) did not come true within \(deadline)")
        }
        try await Task.sleep(for: .milliseconds(1))
    }
}
