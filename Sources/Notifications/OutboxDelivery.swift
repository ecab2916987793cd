package import Engine
package import Enforcement
package import Logging
package import WallTime

/// Delivers what waits in the outbox: each notice through each of its channels, each channel on its own, so that one
/// that is down holds up no other.
///
/// A message is sent at least once: after a crash between sending and marking it is sent again, with the same id.
package struct OutboxDelivery<Store: ExecutionStore>: Sendable where Store.Transaction: Outbox {
    /// Items taken at a time.
    private static var batch: Int { 50 }
    /// For how long a claimed item is nobody else's; longer than any try takes.
    private static var lease: Duration { .seconds(300) }
    /// How long a notice may lie that came without a wake-up: those of workflows.
    private static var longestPause: Duration { .seconds(1) }

    private let store: Store
    private let channels: [String: Channel]
    private let attempts: Int
    private let clock: WallClock
    private let logger: Logger
    private let alarm = Alarm()

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

    /// Delivers until the task is cancelled. A store that refuses for a while is asked again.
    package func run() async throws {
        while !Task.isCancelled {
            do {
                if try await tick() { continue }
                try await pause()
            } catch is CancellationError {
                return
            } catch {
                logger.error("the outbox could not be worked on; trying again", metadata: ["error": "\(error)"])
                try await clock.sleepUntil(clock.now() + .seconds(1))
            }
        }
    }

    /// Delivers what is due now.
    /// - Returns: whether there was anything.
    package func tick() async throws -> Bool {
        let now = clock.now()
        let items =
            try await store.read { try $0.earliestOutbox() }.map { $0 <= now } == true
            ? try await store.write { try $0.claimOutbox(at: now, limit: Self.batch, leaseUntil: now + Self.lease) }
            : []
        try await withThrowingTaskGroup(of: Void.self) { group in
            for items in Dictionary(grouping: items, by: \.channel).values {
                group.addTask { for item in items { try await deliver(item) } }
            }
            try await group.waitForAll()
        }
        return !items.isEmpty
    }

    private func pause() async throws {
        let now = clock.now()
        let due = try await store.read { try $0.earliestOutbox() } ?? .distantFuture
        await alarm.sleep(until: min(due, now + Self.longestPause), clock: clock)
    }

    private func deliver(_ item: OutboxItem) async throws {
        let failure: DeliveryError
        do {
            guard let channel = channels[item.channel] else {
                throw DeliveryError(
                    code: "Steward.NoChannel", message: "no channel is named \(item.channel) any more",
                    isPermanent: true)
            }
            try await channel.deliver(Delivery(item.notice))
            return try await store.write { [clock] in try $0.markSent(item.id, at: clock.now()) }
        } catch let error as DeliveryError {
            failure = error
        } catch let error as StoreError {
            throw error
        } catch {
            failure = DeliveryError(code: "Steward.NotDelivered", message: "\(error)", isPermanent: false)
        }
        try await record(failure, of: item)
    }

    private func record(_ failure: DeliveryError, of item: OutboxItem) async throws {
        logger.warning(
            "a notice was not delivered",
            metadata: [
                "notice": "\(item.notice.id)", "channel": "\(item.channel)", "attempt": "\(item.attempts)",
                "error": "\(failure)",
            ])
        let now = clock.now()
        let givesUp = failure.isPermanent || item.attempts >= attempts
        let next = now + Self.delay(before: item.attempts + 1, of: item)
        try await store.write { transaction in
            if givesUp {
                try UndeliveredNotice.abandon(item, error: failure.description, at: now, transaction)
            } else {
                try transaction.postpone(item.id, until: next, error: failure.description)
            }
        }
    }

    /// Doubles from 30 seconds to an hour, spread by up to a fifth: by the item, so that many that failed together do
    /// not come back together.
    static func delay(before attempt: Int, of item: OutboxItem) -> Duration {
        let seconds = min(30 << min(max(attempt - 2, 0), 7), 3600)
        let spread = Int(item.id.rawValue &* 2_654_435_761 % 1000 + 1000) % 1000
        return .milliseconds(seconds * (1000 + spread / 5))
    }
}
