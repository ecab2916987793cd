import StatesLanguage
package import WallTime

/// A step whose failure was caught, and led to the state that ended the execution.
package struct FailedStep: Sendable, Equatable {
    package var state: String
    /// Nil for a state that is no task.
    package var resource: String?
    package var failure: TaskFailure
    package var at: Instant
    /// How often it was tried.
    package var tries: Int
    /// Of a distributed Map.
    package var iterations: FailedIterations?
}

/// The iterations of a distributed Map that have failed, whether that was tolerated or not. The Map's own failure names
/// none of their errors.
package struct FailedIterations: Sendable, Equatable {
    package var count: Int
    /// The first one: its item, the state that it was in, and why it failed.
    package var item: Int
    package var state: String
    package var failure: TaskFailure
    package var at: Instant
    /// Whether each of them ended in a state that a redrive would only end in again.
    package var areFinal: Bool
}

extension FailedStep {
    /// The last step whose failure was caught; nil when none was.
    package static func lastCaught(in history: [HistoryEvent]) -> FailedStep? { FailureTrail(history).caught }
}
