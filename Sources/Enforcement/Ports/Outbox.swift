package import WallTime

/// The messages that wait to be sent, in the same transaction as what they tell of. Whoever delivers claims what is
/// due, sends it, and says what became of it.
package protocol Outbox: AnyObject, SendableMetatype {
    /// Keeps a notice and one item for each channel. False when a notice of that id is there already, and then nothing
    /// is changed.
    func enqueue(_ notice: Notice, channels: [String]) throws -> Bool
    /// Items that are due, the longest due first; each is put off until `leaseUntil`, so that nobody else takes it, and
    /// its attempt is counted.
    func claimOutbox(at now: Instant, limit: Int, leaseUntil: Instant) throws -> [OutboxItem]
    /// What a former process had claimed is due now: it can no longer say what became of it.
    func releaseOutboxClaims(at now: Instant) throws
    /// What waits to be sent, the longest due first.
    func pendingOutboxItems(limit: Int) throws -> [OutboxItem]
    func outboxItem(_ id: OutboxItemID) throws -> OutboxItem?
    func markSent(_ id: OutboxItemID, at: Instant) throws
    /// To be tried again at `nextTry`.
    func postpone(_ id: OutboxItemID, until nextTry: Instant, error: String) throws
    /// Not to be tried again.
    func abandon(_ id: OutboxItemID, at: Instant, error: String) throws
    /// An abandoned item is due again, with its attempts counted anew. False when there is none of that id.
    func revive(_ id: OutboxItemID, at: Instant) throws -> Bool
    /// When the next item is due; nil when none waits.
    func earliestOutbox() throws -> Instant?
    /// Newest first.
    func notices(limit: Int) throws -> [Notice]
}
