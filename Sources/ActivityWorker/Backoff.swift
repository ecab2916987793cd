/// How long to wait after failures in a row: half a second, doubling up to half a minute, and of that a random part, at
/// least half.
struct Backoff {
    private(set) var failures = 0

    mutating func succeeded() { failures = 0 }

    /// - Parameter fraction: from 0 up to but not including 1.
    mutating func next(fraction: Double) -> Duration {
        let whole = min(30_000, 500 << min(failures, 6))
        failures += 1
        return .milliseconds(whole / 2 + Int(Double(whole / 2) * fraction))
    }
}
