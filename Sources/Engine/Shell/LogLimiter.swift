package import WallTime

/// Keeps a fault that repeats from filling the log, which may lie on the very disk that is full: one line in each
/// interval, which says how many were left out.
package final class LogLimiter: Sendable {
    private struct State {
        /// When the next line may be written; nil for at once.
        var next: Instant?
        var leftOut = 0
    }

    private let interval: Duration
    private let state = LockedBox(State())

    package init(interval: Duration = .seconds(10)) { self.interval = interval }

    /// Asks to write a line at `now`.
    /// - Returns: how many were left out since the last one; nil when this one is left out, too.
    package func admit(at now: Instant) -> Int? {
        state.withLock { state in
            // A clock that was set back must not silence the log until it has caught up.
            if let next = state.next, now < next, next <= now + interval {
                state.leftOut += 1
                return nil
            }
            defer { state = State(next: now + interval) }
            return state.leftOut
        }
    }
}
