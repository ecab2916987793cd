/// A point in time: UTC milliseconds since 1970-01-01T00:00:00Z. The only way time is stored or compared.
package struct Instant: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// Milliseconds are the resolution; what is finer is rounded up, so that nothing falls due early. The sum stops at
    /// the ends of time: `distantFuture` and a timeout make `distantFuture`.
    package static func + (left: Instant, right: Duration) -> Instant {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.wholeMilliseconds)
        return Instant(milliseconds: overflow ? (left.milliseconds < 0 ? .min : .max) : sum)
    }

    /// Stops at the ends of time, as `+` does.
    package static func - (left: Instant, right: Duration) -> Instant {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.wholeMilliseconds)
        return Instant(milliseconds: overflow ? (left.milliseconds < 0 ? .min : .max) : difference)
    }

    /// The time from `right` to `left`, negative when `left` is earlier.
    package static func - (left: Instant, right: Instant) -> Duration {
        .milliseconds(left.milliseconds) - .milliseconds(right.milliseconds)
    }

    package static let distantFuture = Instant(milliseconds: Int64.max)
}

extension Duration {
    /// The duration in milliseconds, rounded up; the largest or smallest `Int64` when it is longer than that holds.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let fraction = attoseconds / perMillisecond + (attoseconds % perMillisecond > 0 ? 1 : 0)
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, carried) = whole.addingReportingOverflow(fraction)
        return overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }
}
