/// How long to wait after failures in a row: a second at first, twice as long each time, a minute at most, with full
/// jitter so that sources which failed together do not come back together.
struct Backoff {
    private var failures = 0

    static let base: Duration = .seconds(1)
    static let longest: Duration = .seconds(60)

    /// - Parameter fraction: from 0 up to but not including 1.
    mutating func next(_ fraction: Double) -> Duration {
        let ceiling = min(Self.base * (1 << min(failures, 10)), Self.longest)
        failures += 1
        return max(ceiling * fraction, .milliseconds(100))
    }

    mutating func reset() { failures = 0 }
}
