import Engine
import Enforcement
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Notifications

@Suite struct OutboxDeliveryTests {
    private let clock = VirtualClock(at: now)
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A channel that keeps what it got, and fails as it is told.
    private final class Postbox: Sendable {
        let name: String
        private let state = Guarded((ids: [String](), failure: DeliveryError?.none, hold: false))

        init(_ name: String, failing failure: DeliveryError? = nil) {
            self.name = name
            state.withLock { $0.failure = failure }
        }

        var ids: [String] { state.withLock(\.ids) }
        func fail(_ failure: DeliveryError?) { state.withLock { $0.failure = failure } }
        func hold(_ hold: Bool) { state.withLock { $0.hold = hold } }

        var channel: Channel {
            Channel(name: name) { delivery in
                self.state.withLock { $0.ids.append(delivery.id) }
                // Whoever is cancelled here shows it by giving up.
                while self.state.withLock(\.hold) {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                if let failure = self.state.withLock(\.failure) { throw failure }
            }
        }
    }

    private static let busy = DeliveryError(code: "SMTP.451", message: "later", isPermanent: false)
    private static let down = DeliveryError(
        code: "SMTP.Unreachable", message: "no route", isPermanent: false, isOutage: true)
    private static let gone = DeliveryError(code: "SMTP.550", message: "no such user", isPermanent: true)

    private func delivery(_ store: MemoryStore, _ boxes: [Postbox], attempts: Int = 8) -> OutboxDelivery<MemoryStore> {
        OutboxDelivery(
            store: store, channels: boxes.map(\.channel), attempts: attempts, clock: clock.wallClock, logger: quiet)
    }

    private func enqueue(_ ids: String..., on channels: [String], in store: MemoryStore) async throws {
        let notices = try ids.map { try makeNotice(.suspended, id: $0) }
        let at = clock.now
        try await store.write { transaction in
            for var notice in notices {
                notice.at = at
                _ = try transaction.enqueue(notice, channels: channels)
            }
        }
    }

    private func items(_ store: MemoryStore) async throws -> [OutboxItem] {
        try await store.read { transaction in
            var items: [OutboxItem] = []
            while let item = try transaction.outboxItem(OutboxItemID(rawValue: Int64(items.count + 1))) {
                items.append(item)
            }
            return items
        }
    }

    private func deadLetters(_ store: MemoryStore) async throws -> [DeadLetter] {
        try await store.read { try $0.deadLetters(DeadLetterQuery(limit: 100)) }
    }

    @Test func noticeGoesThroughEachOfItsChannelsOnce() async throws {
        let store = MemoryStore()
        let (mail, alerts) = (Postbox("mail"), Postbox("alerts"))
        let delivery = delivery(store, [mail, alerts])
        try await enqueue("a", "b", on: ["mail", "alerts"], in: store)
        try await enqueue("c", on: ["alerts"], in: store)

        #expect(try await delivery.tick(at: clock.now))
        #expect(try await !delivery.tick(at: clock.now))

        #expect(mail.ids == ["a", "b"])
        #expect(alerts.ids == ["a", "b", "c"])
        #expect(try await items(store).allSatisfy { $0.status == .sent && $0.attempts == 1 })
    }

    @Test func idleOutboxCommitsNothing() async throws {
        let store = MemoryStore()

        #expect(try await !delivery(store, []).tick(at: clock.now))

        #expect(store.commits == 0)
    }

    @Test func channelThatIsDownHoldsUpNoOther() async throws {
        let store = MemoryStore()
        let (mail, alerts) = (Postbox("mail"), Postbox("alerts"))
        mail.hold(true)
        let delivery = delivery(store, [mail, alerts])
        try await enqueue("a", "b", on: ["mail", "alerts"], in: store)
        let running = Task { await delivery.run() }
        try await eventually { alerts.ids == ["a", "b"] }

        // While the mail server keeps the first one waiting, what comes later gets through, too.
        try await enqueue("c", on: ["mail", "alerts"], in: store)
        delivery.wake()

        try await eventually { alerts.ids == ["a", "b", "c"] }
        #expect(mail.ids == ["a"])
        mail.hold(false)
        try await eventually { mail.ids == ["a", "b", "c"] }
        running.cancel()
        await running.value
    }

    @Test func aChannelWithMuchWaitingHasLittleInMemoryAndHoldsUpNoOther() async throws {
        let store = MemoryStore()
        let (mail, alerts) = (Postbox("mail"), Postbox("alerts"))
        mail.hold(true)
        let notice = try makeNotice(.suspended, id: "")
        let at = clock.now
        try await store.write { transaction in
            for number in 0..<400 {
                var notice = notice
                notice.id = "\(number)"
                notice.at = at
                // One of the others stands in the middle of what waits for the mail.
                _ = try transaction.enqueue(notice, channels: [number == 300 ? "alerts" : "mail"])
            }
        }
        let delivery = delivery(store, [mail, alerts])
        let running = Task { await delivery.run() }
        try await eventually("what stands behind it gets through") { alerts.ids == ["300"] }
        try await enqueue("new", on: ["alerts"], in: store)
        delivery.wake()
        try await eventually("what is new gets through") { alerts.ids == ["300", "new"] }
        #expect(mail.ids == ["0"])
        let claimed = try await items(store).count { $0.channel == "mail" && $0.isClaimed }
        #expect((200..<260).contains(claimed))

        mail.hold(false)
        try await eventually("all of it is sent") {
            if let next = clock.nextWake { clock.advance(to: next) }
            return mail.ids.count == 399
        }
        #expect(mail.ids == (0..<400).filter { $0 != 300 }.map { "\($0)" })
        running.cancel()
        await running.value
    }

    @Test func aPassGoesOnWhereItWas() {
        let places = (1...6).map { number in
            OutboxPlace(
                nextTry: now + .seconds(number), id: OutboxItemID(rawValue: Int64(number)),
                channel: number.isMultiple(of: 2) ? "mail" : "alerts")
        }
        let lastFirst = Array(places.reversed())
        var pass = OutboxPass()
        func choose(_ older: ArraySlice<OutboxPlace>, limit: Int) -> [Int64] {
            pass.choose(newest: [], older: Array(older), stretch: 3, past: ["mail"], limit: limit).map(\.rawValue)
        }
        let first = choose(lastFirst[0..<3], limit: 9)
        #expect(first == [5])
        #expect(pass.position == places[3])
        // What there was no room for is looked at again.
        let second = choose(lastFirst[3..<6], limit: 1)
        #expect(second == [3])
        #expect(pass.position == places[2])
        let third = choose(lastFirst[4..<6], limit: 9)
        #expect(third == [1])
        #expect(pass.position == nil)
        // What is found twice is chosen once, the longest due first.
        let chosen = pass.choose(newest: lastFirst, older: lastFirst, stretch: 9, past: ["mail"], limit: 9)
        #expect(chosen.map(\.rawValue) == [1, 3, 5])
        // Of more than there is room for those that came first.
        let early = pass.choose(newest: lastFirst, older: [], stretch: 9, past: ["mail"], limit: 2)
        #expect(early.map(\.rawValue) == [1, 3])
    }

    @Test func waitingForASlowChannelUsesUpNoTries() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        mail.hold(true)
        let delivery = delivery(store, [mail])
        try await enqueue("a", "b", on: ["mail"], in: store)
        let running = Task { await delivery.run() }
        try await eventually { mail.ids == ["a"] }
        // Their leases end before the second one's turn has come.
        try await eventually {
            clock.advance(by: .seconds(301))
            return try await items(store).allSatisfy { $0.attempts > 3 }
        }
        try await eventually { clock.nextWake != nil }

        mail.fail(Self.busy)
        mail.hold(false)
        try await eventually { try await items(store).allSatisfy { $0.lastError != nil } }

        #expect(mail.ids == ["a", "b"])
        #expect(try await items(store).map(\.attempts) == [1, 1])
        running.cancel()
        await running.value
    }

    @Test func outageIsMetOnceForAllThatWait() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail", failing: Self.down)
        try await enqueue("a", "b", "c", on: ["mail"], in: store)

        _ = try await delivery(store, [mail]).tick(at: clock.now)

        #expect(mail.ids == ["a"])
        let items = try await items(store)
        #expect(items.allSatisfy { $0.status == .waiting && $0.lastError == Self.down.description })
        #expect(items.allSatisfy { $0.nextTry.map { $0 >= now + .seconds(30) } ?? false })
    }

    @Test func failureOfOneMessageIsNoReasonToHoldBackTheNext() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail", failing: Self.busy)
        try await enqueue("a", "b", on: ["mail"], in: store)

        _ = try await delivery(store, [mail]).tick(at: clock.now)

        #expect(mail.ids == ["a", "b"])
    }

    @Test func failureIsTriedAgainWithGrowingDelayUntilItIsGivenUp() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail", failing: Self.busy)
        let delivery = delivery(store, [mail], attempts: 4)
        try await enqueue("a", on: ["mail"], in: store)

        var pauses: [Duration] = []
        while let due = try await store.read({ try $0.earliestOutbox() }) {
            pauses.append(due - clock.now)
            clock.advance(to: due)
            #expect(try await delivery.tick(at: clock.now))
        }

        #expect(mail.ids == ["a", "a", "a", "a"])
        #expect(pauses.count == 4)
        for (pause, seconds) in zip(pauses, [0, 30, 60, 120]) {
            #expect(pause >= .seconds(seconds) && pause <= .milliseconds(seconds * 1200))
        }
        let item = try #require(try await items(store).first)
        #expect(item.status == .abandoned)
        #expect(item.lastError == Self.busy.description)
        #expect(try await deadLetters(store).map(\.letter.kind) == [.notification])
    }

    @Test func delayStaysBetweenHalfAMinuteAndAnHour() {
        for attempt in [0, 1, 2, 7, 8, 9, 63, 100, .max] {
            for id in [0, 1, 2, 3, 1000, Int64.max, Int64.min, -1] {
                let delay = OutboxDelivery<MemoryStore>.delay(afterAttempt: attempt, of: OutboxItemID(rawValue: id))
                #expect(delay >= .seconds(30) && delay <= .seconds(3600))
            }
        }
        let spread = (1...100).map {
            OutboxDelivery<MemoryStore>.delay(afterAttempt: 1, of: OutboxItemID(rawValue: $0))
        }
        #expect(Set(spread).count > 50)
    }

    /// The other side is taken at its word twice; then a short one must not use up the tries in no time.
    @Test(
        arguments: [
            (1, Duration.seconds(1), 1.0...1.0), (2, .seconds(5), 5...5), (1, .zero, 1...1),
            (3, .seconds(1), 120...144),
            (3, .seconds(7200), 7200...7200), (1, .seconds(1_000_000), 86_400...86_400),
        ] as [(Int, Duration, ClosedRange<Double>)])
    func whatTheOtherSideAsksForIsHeeded(_ attempt: Int, _ asked: Duration, _ range: ClosedRange<Double>) {
        let delay = OutboxDelivery<MemoryStore>.delay(
            afterAttempt: attempt, of: OutboxItemID(rawValue: 7), asked: asked)
        #expect(range.contains(delay / .seconds(1)))
    }

    @Test func aRefusalWithATimeIsTriedThen() async throws {
        let store = MemoryStore()
        let busy = DeliveryError(code: "Slack.429", message: "slow", isPermanent: false, retryAfter: .seconds(3))
        let chat = Postbox("chat", failing: busy)
        try await enqueue("a", on: ["chat"], in: store)

        _ = try await delivery(store, [chat]).tick(at: clock.now)

        #expect(try await items(store).map(\.nextTry) == [clock.now + .seconds(3)])
    }

    @Test func permanentFailureIsADeadLetterAtOnceAndCanBeRedriven() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail", failing: Self.gone)
        let delivery = delivery(store, [mail])
        try await enqueue("a", on: ["mail"], in: store)

        _ = try await delivery.tick(at: clock.now)

        let letter = try #require(try await deadLetters(store).first)
        #expect(letter.letter.subject == "a")
        #expect(letter.letter.source == "mail")
        #expect(letter.letter.cause == Self.gone.description)
        #expect(try await items(store).map(\.status) == [.abandoned])

        mail.fail(nil)
        let at = clock.now
        try await store.write { try UndeliveredNotice.redrive(letter, at: at, $0) }
        _ = try await delivery.tick(at: clock.now)

        #expect(mail.ids == ["a", "a"])
        #expect(try await items(store).map(\.status) == [.sent])
    }

    @Test func giveUpAndDeadLetterAreOneCommit() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail", failing: Self.gone)
        let delivery = delivery(store, [mail])
        try await enqueue("a", on: ["mail"], in: store)
        store.fail(commit: 3)

        _ = try await delivery.tick(at: clock.now)

        #expect(try await deadLetters(store).isEmpty)
        #expect(try await items(store).map(\.status) == [.waiting])
    }

    @Test func channelThatWasTakenOutOfTheConfigurationLeavesADeadLetter() async throws {
        let store = MemoryStore()
        try await enqueue("a", on: ["old"], in: store)

        _ = try await delivery(store, [Postbox("mail")]).tick(at: clock.now)

        #expect(
            try await deadLetters(store).map(\.letter.cause) == ["Steward.NoChannel: no channel is named old any more"])
    }

    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit], [1, 2, 3])
    func crashAtAnyCommitLosesNothing(_ crash: MemoryStore.Crash, _ commit: Int) async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        store.crash(commit: commit, crash)
        let isEnqueued: Bool
        do {
            try await enqueue("a", on: ["mail"], in: store)
            isEnqueued = true
        } catch {
            isEnqueued = crash == .afterCommit
        }
        do {
            _ = try await delivery(store, [mail]).tick(at: clock.now)
        } catch {
            #expect(store.isDown)
        }

        let next = store.reopened()
        clock.advance(by: .seconds(300))
        _ = try await delivery(next, [mail]).tick(at: clock.now)

        #expect(try await items(next).map(\.status) == (isEnqueued ? [.sent] : []))
        // Sent but not marked: sent again, under the same id. In every other case once.
        #expect(mail.ids == (commit == 3 && crash == .beforeCommit ? ["a", "a"] : isEnqueued ? ["a"] : []))
    }

    @Test func wakingSendsWithoutDelay() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        let delivery = delivery(store, [mail])
        let running = Task { await delivery.run() }
        try await eventually { clock.nextWake != nil }

        try await enqueue("a", on: ["mail"], in: store)
        delivery.wake()

        try await eventually { mail.ids == ["a"] }
        #expect(clock.now == now)
        running.cancel()
        await running.value
    }

    @Test func whatNobodyAnnouncedIsSentWithinASecond() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        let delivery = delivery(store, [mail])
        let running = Task { await delivery.run() }
        try await eventually { clock.nextWake != nil }
        try await enqueue("a", on: ["mail"], in: store)

        clock.advance(by: .seconds(1))

        try await eventually { mail.ids == ["a"] }
        running.cancel()
        await running.value
    }

    @Test func cancellationEndsWhatHasBegunAndPutsBackTheRest() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        mail.hold(true)
        let delivery = delivery(store, [mail])
        try await enqueue("a", "b", on: ["mail"], in: store)
        let running = Task { await delivery.run() }
        try await eventually { mail.ids == ["a"] }

        running.cancel()
        mail.hold(false)
        await running.value

        let items = try await items(store)
        #expect(mail.ids.first == "a")
        #expect(items.first?.status == .sent)
        // The second had either begun before the cancellation was seen, or it is due at once for the next process.
        let second = try #require(items.last)
        #expect(mail.ids.count == 2 ? second.status == .sent : second.nextTry == now)
    }

    @Test func channelThatNeverAnswersCannotKeepTheDaemonFromStopping() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        mail.hold(true)
        let delivery = delivery(store, [mail])
        try await enqueue("a", on: ["mail"], in: store)
        let running = Task { await delivery.run(drain: .seconds(5)) }
        try await eventually { mail.ids == ["a"] }
        try await enqueue("b", on: ["mail"], in: store)
        delivery.wake()
        try await eventually { try await items(store).map(\.attempts) == [1, 1] }

        running.cancel()
        try await eventually {
            clock.advance(by: .seconds(5))
            return try await items(store).allSatisfy { $0.lastError != nil }
        }
        await running.value

        #expect(mail.ids == ["a"])
        #expect(try await items(store).map(\.status) == [.waiting, .waiting])
    }

    @Test func storeThatRefusesForAWhileIsAskedAgain() async throws {
        let store = MemoryStore()
        let mail = Postbox("mail")
        let delivery = delivery(store, [mail])
        try await enqueue("a", on: ["mail"], in: store)
        store.fail(commit: 2)
        let running = Task { await delivery.run() }
        try await eventually { clock.nextWake != nil }
        #expect(mail.ids.isEmpty)

        clock.advance(by: .seconds(1))

        try await eventually { mail.ids == ["a"] }
        running.cancel()
        await running.value
    }
}
