import Foundation
import WallTime

/// A clock that stands still, but for sleeping: a sleep is over at once, and it is later then.
///
/// `@unchecked Sendable`: what changes is touched under `lock` only.
final class VirtualTime: @unchecked Sendable {
    private let lock = NSLock()
    private var current: Instant
    private var slept: [Duration] = []

    init(_ start: String = "2026-11-23T09:12:21Z") {
        current = Instant(iso8601: start) ?? Instant(milliseconds: 0)
    }

    var now: Instant {
        get { lock.withLock { current } }
        set { lock.withLock { current = newValue } }
    }

    /// How long each sleep was, in order.
    var sleeps: [Duration] { lock.withLock { slept } }

    func advance(by duration: Duration) { lock.withLock { current = current + duration } }

    var clock: WallClock {
        WallClock(
            now: { self.now },
            monotonicNanoseconds: { UInt64(self.now.milliseconds) * 1_000_000 },
            sleepUntil: { due in
                try Task.checkCancellation()
                self.lock.withLock {
                    guard due > self.current else { return }
                    self.slept.append(due - self.current)
                    self.current = due
                }
            })
    }
}
