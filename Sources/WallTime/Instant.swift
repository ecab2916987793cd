/// A point in time: UTC milliseconds since 1970-01-01T00:00:00Z. The only way time is stored or compared.
package struct Instant: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// Milliseconds are the resolution; what is finer is rounded up, so that nothing falls due early.
    package static func + (left: Instant, right: Duration) -> Instant {
        Instant(milliseconds: left.milliseconds + right.wholeMilliseconds)
    }

    package static func - (left: Instant, right: Duration) -> Instant {
        Instant(milliseconds: left.milliseconds - right.wholeMilliseconds)
    }

    /// The time from `right` to `left`, negative when `left` is earlier.
    package static func - (left: Instant, right: Instant) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }

    package static let distantFuture = Instant(milliseconds: Int64.max)
}

extension Duration {
    /// The duration in milliseconds, rounded up.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let fraction = attoseconds / perMillisecond + (attoseconds % perMillisecond > 0 ? 1 : 0)
        return seconds * 1000 + fraction
    }
}
