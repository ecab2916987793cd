import Foundation

/// Counts what is under way, and refuses what would be too much.
final class Admission: @unchecked Sendable {
    // Sendable because `counts` and `bodyBytes` are touched only while `lock` is held.
    enum Kind: Hashable { case request, longPoll, ingestion }

    private let lock = NSLock()
    private var counts: [Kind: Int] = [:]
    private var bodyBytes = 0
    private let limits: ListenerLimits
    private let queuedWrites: @Sendable () -> Int

    init(limits: ListenerLimits, queuedWrites: @escaping @Sendable () -> Int) {
        self.limits = limits
        self.queuedWrites = queuedWrites
    }

    /// Takes one place; false when there is none. Give it back with `leave`.
    func enter(_ kind: Kind) -> Bool {
        guard queuedWrites() < limits.queuedWrites else { return false }
        let most =
            switch kind {
            case .request: limits.requests
            case .longPoll: limits.longPolls
            case .ingestion: limits.ingestions
            }
        return lock.withLock {
            guard counts[kind, default: 0] < most else { return false }
            counts[kind, default: 0] += 1
            return true
        }
    }

    func leave(_ kind: Kind) { lock.withLock { counts[kind, default: 0] -= 1 } }

    /// Takes room for a body; false when there is too little. Give it back with `release`.
    func reserve(_ bytes: Int) -> Bool {
        lock.withLock {
            guard bodyBytes + bytes <= limits.bodyBytes else { return false }
            bodyBytes += bytes
            return true
        }
    }

    func release(_ bytes: Int) { lock.withLock { bodyBytes -= bytes } }
}
