import WallTime

/// Counts failures of a caller, by key id and by address; says when there are too many. Bounded: what has not failed for
/// a while is forgotten first.
struct FailureLimiter {
    /// Failures at once; after them one for each interval.
    static let burst = 10
    static let interval: Duration = .seconds(6)

    private let limit: Int
    /// When all failures of a subject are forgiven.
    private var debts: [String: Instant] = [:]

    var count: Int { debts.count }

    init(limit: Int = 16_384) { self.limit = limit }

    /// Notes a failure of each subject.
    /// - Returns: seconds to wait when one of them fails too often; nil when the refusal may be told.
    mutating func fails(_ subjects: [String], at now: Instant) -> Int? {
        var wait: Int64 = 0
        for subject in subjects {
            let from = max(debts[subject] ?? now, now)
            let most = now + Self.interval * Self.burst
            let next = from + Self.interval
            if next > most {
                wait = max(wait, (next.milliseconds - most.milliseconds + 999) / 1000)
            } else {
                make(room: subject, now)
                debts[subject] = next
            }
        }
        return wait > 0 ? Int(wait) : nil
    }

    private mutating func make(room subject: String, _ now: Instant) {
        guard debts.count >= limit, debts[subject] == nil else { return }
        debts = debts.filter { $0.value > now }
        // All of them fail just now: the oldest half goes.
        guard debts.count >= limit else { return }
        let kept = debts.sorted { $0.value > $1.value }.prefix(limit / 2)
        debts = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
