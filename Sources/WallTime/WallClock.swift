import Dispatch

/// Tells the time, as a dependency: programs use `system`, tests and the simulator a virtual one.
///
/// Due times are compared with `now`. Intervals (timeouts of a call, latencies) are measured with `monotonic`, which
/// never jumps.
package struct WallClock: Sendable {
    package let now: @Sendable () -> Instant
    /// Nanoseconds since an arbitrary start; only differences mean something.
    package let monotonicNanoseconds: @Sendable () -> UInt64
    /// Returns at the instant or soon after it, or throws `CancellationError` when the task is cancelled. May also
    /// return early, and does so when the clock jumps: the caller compares with `now` again. To wait for a time span,
    /// use `pause(for:)`.
    package let sleepUntil: @Sendable (Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Instant,
        monotonicNanoseconds: @escaping @Sendable () -> UInt64,
        sleepUntil: @escaping @Sendable (Instant) async throws -> Void
    ) {
        self.now = now
        self.monotonicNanoseconds = monotonicNanoseconds
        self.sleepUntil = sleepUntil
    }

    /// The machine's clock. Sleeps at most a minute at a time, so that a jump of the wall clock is noticed.
    package static let system = WallClock(
        now: { systemNow() },
        monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds },
        sleepUntil: { due in
            let remaining = due - systemNow()
            guard remaining > .zero else { return }
            try await Task.sleep(for: min(remaining, .seconds(60)))
        })
}

extension WallClock {
    /// Waits for the whole of a time span, by whichever clock it ends sooner: a wall clock that is set forward ends it,
    /// and one that is set back does not make it longer.
    /// - Throws: `CancellationError` when the task is cancelled.
    package func pause(for span: Duration) async throws {
        let (due, begun) = (now() + span, monotonicNanoseconds())
        while now() < due {
            let left = span - .nanoseconds(Int64(clamping: monotonicNanoseconds() - begun))
            guard left > .zero else { return }
            try await sleepUntil(min(due, now() + left))
        }
    }
}
