package import Engine
package import Enforcement
package import Logging
package import WallTime

/// Delivers what waits in the outbox: each notice through each of its channels, each channel on its own, so that one
/// that is down holds up no other.
///
/// A message is sent at least once: after a crash between sending and marking it is sent again, with the same id. Only
/// one delivery may work on a store at a time.
package struct OutboxDelivery<Store: ExecutionStore>: Sendable where Store.Transaction: Outbox {
    /// Items taken at a time.
    private static var batch: Int { 50 }
    /// Items that a channel has in memory before it gets no more: one that is down or slow may have a million waiting.
    private static var room: Int { 200 }
    /// After a crash, what had been claimed is tried again that much later.
    private static var lease: Duration { .seconds(300) }
    /// How long a notice may lie that came without a wake-up: those of workflows.
    private static var longestPause: Duration { .seconds(1) }
    /// The newest notices, of which a channel hears when the daemon starts. Bounds how long that takes; older ends than
    /// these may let a page through that is still tried.
    private static var recalled: Int { 5000 }

    private let store: Store
    private let channels: [String: Channel]
    private let attempts: Int
    private let clock: WallClock
    private let logger: Logger
    private let alarm = Alarm()
    private let trouble = LogLimiter()

    /// - Parameter attempts: tries of one delivery before it becomes a dead letter.
    package init(store: Store, channels: [Channel], attempts: Int, clock: WallClock, logger: Logger) {
        self.store = store
        self.channels = Dictionary(channels.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.attempts = attempts
        self.clock = clock
        self.logger = logger
    }

    /// Says that something may have been put into the outbox.
    package func wake() { alarm.ring() }

    /// Delivers until the task is cancelled; then what is being sent is brought to its end and marked, and the rest is
    /// left for the next process. A store that refuses for a while is asked again.
    /// - Parameter drain: how long what is being sent may take after the cancellation. A mail can't be broken off: it
    ///   may take as long as its server's timeout.
    package func run(drain: Duration = .seconds(10)) async {
        let lanes = DeliveryLanes(room: Self.room) { [alarm] in alarm.ring() }
        var pass = OutboxPass()
        var hasReleased = false
        while !Task.isCancelled {
            do {
                if !hasReleased {
                    try await releaseClaims()
                    try await recall()
                }
                hasReleased = true
                let full = await lanes.full
                let items = try await claim(at: clock.now(), past: full, &pass)
                await lanes.add(items, work: work)
                guard items.isEmpty else { continue }
                var due = Instant.distantFuture
                // What a channel without room has waiting stays due: it is no reason to look again at once.
                if full.isEmpty { due = try await store.read { try $0.earliestOutbox() } ?? .distantFuture }
                await alarm.sleep(until: min(due, clock.now() + Self.longestPause), clock: clock)
            } catch {
                if trouble.admit(at: clock.now()) != nil {
                    logger.error("the outbox could not be read; trying again", metadata: ["error": "\(error)"])
                }
                await alarm.sleep(until: clock.now() + Self.longestPause, clock: clock)
            }
        }
        await lanes.close(within: drain, clock: clock)
    }

    /// Delivers what is due at `now`, and returns once all of it has been tried.
    /// - Returns: whether there was anything.
    package func tick(at now: Instant) async throws -> Bool {
        let items = try await claim(at: now)
        let lanes = DeliveryLanes()
        await lanes.add(items, work: work)
        await lanes.finish()
        return !items.isEmpty
    }

    /// One process has the store at a time, so whatever is claimed when it starts was claimed by one that died.
    private func releaseClaims() async throws {
        let now = clock.now()
        try await store.write { try $0.releaseOutboxClaims(at: now) }
    }

    /// Tells channels what was told before the daemon started.
    func recall() async throws {
        let listening = channels.values.compactMap(\.recall)
        guard !listening.isEmpty else { return }
        for notice in try await store.read({ try $0.notices(limit: Self.recalled) }) {
            for recall in listening { await recall(notice) }
        }
    }

    private func claim(at now: Instant) async throws -> [OutboxItem] {
        // An idle outbox costs a read, not a commit.
        guard let due = try await store.read({ try $0.earliestOutbox() }), due <= now else { return [] }
        let (limit, leaseUntil) = (Self.batch, now + Self.lease)
        return try await store.write { try $0.claimOutbox(at: now, limit: limit, leaseUntil: leaseUntil) }
    }

    /// Claims what is due for channels that have room.
    private func claim(
        at now: Instant, past full: Set<String>, _ pass: inout OutboxPass
    ) async throws -> [OutboxItem] {
        guard !full.isEmpty else {
            pass.begin()
            return try await claim(at: now)
        }
        let position = pass.position
        let (newest, older) = try await store.read { transaction in
            (
                try transaction.dueOutbox(at: now, behind: nil, limit: OutboxPass.newest),
                try transaction.dueOutbox(at: now, behind: position, limit: OutboxPass.stretch)
            )
        }
        let chosen = pass.choose(newest: newest, older: older, past: full, limit: Self.batch)
        guard !chosen.isEmpty else { return [] }
        let leaseUntil = now + Self.lease
        return try await store.write { try $0.claimOutbox(chosen, at: now, leaseUntil: leaseUntil) }
    }

    /// Does one item and returns the outage, if any, that keeps the others of its channel from being tried now.
    private func work(_ item: OutboxItem, _ outlook: DeliveryLanes.Outlook) async -> DeliveryError? {
        do {
            switch outlook {
            case .clear: return try await deliver(item)
            case .outage(let error):
                try await record(error, of: item)
                return error
            case .closing:
                let now = clock.now()
                try await store.write {
                    try $0.postpone(
                        item.id, attempts: item.attempts - 1, until: now,
                        error: item.lastError ?? "the daemon was stopping")
                }
                return nil
            }
        } catch {
            // Its lease ends, and then it is tried again: if it has been sent, with the same id.
            logger.error(
                "what became of a notice could not be recorded; it is tried again",
                metadata: ["notice": "\(item.notice.id)", "channel": "\(item.channel)", "error": "\(error)"])
            return nil
        }
    }

    /// - Throws: what the store throws.
    private func deliver(_ item: OutboxItem) async throws -> DeliveryError? {
        let failure: DeliveryError
        do {
            guard let channel = channels[item.channel] else {
                throw DeliveryError(
                    code: "Steward.NoChannel", message: "no channel is named \(item.channel) any more",
                    isPermanent: true)
            }
            let delivery = Delivery(item.notice, style: channel.style)
            if let mute = try await mute(of: item) {
                try await channel.settle?(delivery)
                try await keepBack(item, mute)
                return nil
            }
            try await channel.deliver(delivery)
            let now = clock.now()
            try await store.write { try $0.markSent(item.id, at: now) }
            return nil
        } catch let error as DeliveryError {
            failure = error
        } catch let error as StoreError {
            throw error
        } catch {
            failure = DeliveryError(code: "Steward.NotDelivered", message: "\(error)", isPermanent: false)
        }
        try await record(failure, of: item)
        return failure.isOutage ? failure : nil
    }

    /// Asked when its turn comes, so that a mute counts from the moment it was told, and one that is over does not.
    private func mute(of item: OutboxItem) async throws -> NoticeMute? {
        let now = clock.now()
        return try await store.read {
            try MuteCommands.mute(of: item.notice.kind, through: item.channel, at: now, in: $0)
        }
    }

    private func keepBack(_ item: OutboxItem, _ mute: NoticeMute) async throws {
        logger.notice(
            "a notice is kept and not sent",
            metadata: ["notice": "\(item.notice.id)", "channel": "\(item.channel)", "why": "\(mute)"])
        let now = clock.now()
        try await store.write { try $0.mute(item.id, at: now, why: mute.description) }
    }

    private func record(_ failure: DeliveryError, of item: OutboxItem) async throws {
        let now = clock.now()
        let givesUp = failure.isPermanent || item.attempts >= attempts
        logger.warning(
            givesUp
                ? "a notice could not be delivered; a dead letter waits" : "a notice was not delivered; trying again",
            metadata: [
                "notice": "\(item.notice.id)", "channel": "\(item.channel)", "attempt": "\(item.attempts)",
                "error": "\(failure)",
            ])
        let next = now + Self.delay(afterAttempt: item.attempts, of: item.id, asked: failure.retryAfter)
        try await store.write { transaction in
            if givesUp {
                try UndeliveredNotice.abandon(item, error: failure.description, at: now, transaction)
            } else {
                try transaction.postpone(
                    item.id, attempts: item.attempts, until: next, error: failure.description)
            }
        }
    }

    /// Doubles from 30 seconds to 50 minutes, and up to a fifth more: by the item, so that many that failed together do
    /// not come back together, and never more than an hour.
    ///
    /// - Parameter asked: what the other side asks for. The first two times it is taken at its word, be it short or long;
    ///   from then on a short one does not use up the tries that are left.
    static func delay(afterAttempt attempt: Int, of id: OutboxItemID, asked: Duration? = nil) -> Duration {
        let seconds = min(30 << min(max(attempt - 1, 0), 7), 3000)
        let hash = UInt64(bitPattern: id.rawValue) &* 0x9E37_79B9_7F4A_7C15
        let spread = Int(hash >> 33) % 1000
        let own = Duration.milliseconds(seconds * (1000 + spread / 5))
        guard let asked else { return own }
        let bounded = min(max(asked, .seconds(1)), .seconds(86_400))
        return attempt <= 2 ? bounded : max(bounded, own)
    }
}
