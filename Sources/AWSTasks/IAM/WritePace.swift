import AWSClient
import Engine
package import WallTime

/// Keeps IAM's writes apart: the whole account shares a rate that AWS does not publish, and people's own work comes first.
///
/// A lock and not an actor: an actor's jobs leave the one thread of the simulation, whose seeds then no longer replay.
package final class WritePace: Sendable {
    private let clock: WallClock
    private let interval: UInt64
    /// When the next write may go, on the monotonic clock.
    private let next = LockedBox<UInt64>(0)

    /// - Parameter perSecond: how many writes may go out in a second, one after another.
    package init(clock: WallClock, perSecond: UInt64 = 5) {
        self.clock = clock
        interval = 1_000_000_000 / max(1, perSecond)
    }

    /// Waits for this write's turn.
    /// - Throws: `AWSError` `Transport.Cancelled` when the task is cancelled meanwhile: nothing was sent.
    func turn(_ action: String) async throws(AWSError) {
        let now = clock.monotonicNanoseconds()
        let mine = next.withLock { next in
            let mine = max(now, next)
            next = mine + interval
            return mine
        }
        guard mine > now else { return }
        do {
            try await clock.sleepUntil(clock.now() + .nanoseconds(Int64(mine - now)))
        } catch {
            throw AWSError(
                code: "Transport.Cancelled", message: "The call was cancelled before it was sent.", status: nil,
                service: "iam", action: action)
        }
    }
}
