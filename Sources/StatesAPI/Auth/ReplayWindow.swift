import WallTime

/// Remembers signatures, so that a recorded request can't be sent again later (`docs/decisions/0008-replays.md`).
///
/// Bounded: two generations, of which the older is dropped when the younger is full or old enough.
struct ReplayWindow {
    /// Clients send the same signature again within a second (the same call twice, a connection that broke), and the
    /// network takes its time.
    static let tolerance: Duration = .seconds(10)
    /// A signature is refused for its date after this: 5 minutes either way.
    private static let memory: Duration = .seconds(600)

    private let limit: Int
    private var current: [String: Instant] = [:]
    private var previous: [String: Instant] = [:]
    private var began: Instant?

    /// - Parameter limit: Signatures in each of the generations.
    init(limit: Int = 131_072) { self.limit = limit }

    /// Whether the signature may be accepted: it is new, or was first seen a moment ago.
    mutating func admits(_ signature: String, at now: Instant) -> Bool {
        if let first = current[signature] ?? previous[signature] { return now - first <= Self.tolerance }
        if current.count >= limit || now - (began ?? now) >= Self.memory {
            (previous, current, began) = (current, [:], now)
        }
        if began == nil { began = now }
        current[signature] = now
        return true
    }
}
