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
    /// The same for those of the items that are still due, in the order given.
    func claimOutbox(_ ids: [OutboxItemID], at now: Instant, leaseUntil: Instant) throws -> [OutboxItem]
    /// Where items that are due stand, the last due first, from behind `place` on; nil begins with the last one.
    func dueOutbox(at now: Instant, behind place: OutboxPlace?, limit: Int) throws -> [OutboxPlace]
    /// What a former process had claimed is due now: it can no longer say what became of it.
    func releaseOutboxClaims(at now: Instant) throws
    /// What waits to be sent, the longest due first.
    func pendingOutboxItems(limit: Int) throws -> [OutboxItem]
    func outboxItem(_ id: OutboxItemID) throws -> OutboxItem?
    func markSent(_ id: OutboxItemID, at: Instant) throws
    /// To be tried again at `nextTry`, after so many tries: claims that came meanwhile, because the lease ended while
    /// the item waited for its turn, were none.
    func postpone(_ id: OutboxItemID, attempts: Int, until nextTry: Instant, error: String) throws
    /// Not to be tried again.
    func abandon(_ id: OutboxItemID, at: Instant, error: String) throws
    /// Kept and not sent: it is muted, as `why` says.
    func mute(_ id: OutboxItemID, at: Instant, why: String) throws
    /// An abandoned item is due again, with its attempts counted anew. False when there is none of that id.
    func revive(_ id: OutboxItemID, at: Instant) throws -> Bool
    /// When the next item is due; nil when none waits.
    func earliestOutbox() throws -> Instant?
    /// Newest first.
    func notices(limit: Int) throws -> [Notice]
    /// How each channel stands that has anything in the outbox, in the order of their names.
    func outboxStandings() throws -> [OutboxStanding]
    /// Newest first.
    func outboxItems(_ query: OutboxQuery) throws -> [OutboxItem]
}

/// Where an item that waits stands among those that do: small, however large its notice is.
package struct OutboxPlace: Sendable, Equatable {
    package var nextTry: Instant
    package var id: OutboxItemID
    package var channel: String

    package init(nextTry: Instant, id: OutboxItemID, channel: String) {
        self.nextTry = nextTry
        self.id = id
        self.channel = channel
    }
}

/// What one channel has in the outbox.
package struct OutboxStanding: Sendable, Equatable {
    package var channel: String
    package var waiting: Int
    /// When the oldest notice that waits was written.
    package var oldest: Instant?
    package var muted: Int
    /// Of the newest message that was refused and waits, or was given up and followed by none that was sent.
    package var lastError: String?

    package init(
        channel: String, waiting: Int = 0, oldest: Instant? = nil, muted: Int = 0, lastError: String? = nil
    ) {
        self.channel = channel
        self.waiting = waiting
        self.oldest = oldest
        self.muted = muted
        self.lastError = lastError
    }
}

/// Which items of the outbox are asked for; nil is any.
package struct OutboxQuery: Sendable, Equatable {
    package var channel: String?
    package var status: OutboxItem.Status?
    package var limit: Int

    package init(channel: String? = nil, status: OutboxItem.Status? = nil, limit: Int = 100) {
        self.channel = channel
        self.status = status
        self.limit = limit
    }
}
