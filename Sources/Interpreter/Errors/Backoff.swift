import StatesLanguage

extension Retrier {
    /// The longest delay: what AWS allows `MaxDelaySeconds` to be.
    static let longestDelayMilliseconds = 31_622_400_000.0

    /// How long to wait before the next try, in milliseconds, after so many retries of this retrier: the interval times
    /// the rate to that power, no more than the maximum; full jitter takes a random part of it.
    func delayMilliseconds(afterRetries retries: Int, random: inout SplitMix64) -> Int64 {
        var delay = Double(intervalSeconds) * 1000
        for _ in 0..<min(retries, 10_000) where delay < Self.longestDelayMilliseconds && backoffRate > 1 {
            delay *= backoffRate
        }
        let longest = maxDelaySeconds.map { Double($0) * 1000 } ?? Self.longestDelayMilliseconds
        let capped = Int64(min(delay, longest, Self.longestDelayMilliseconds).rounded(.up))
        switch jitter {
        case .none: return capped
        case .full: return Int64.random(in: 0...max(0, capped), using: &random)
        }
    }
}
