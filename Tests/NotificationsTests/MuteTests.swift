import Engine
import Enforcement
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Notifications

/// What becomes of notices while their channel or their topic is muted.
@Suite struct MuteTests {
    private let clock = VirtualClock(at: now)
    private let store = MemoryStore()
    private let sent = Guarded([String]())
    private let settled = Guarded([String]())

    private func delivery(failing failure: DeliveryError? = nil) -> OutboxDelivery<MemoryStore> {
        let (sent, settled) = (sent, settled)
        let mail = Channel(name: "mail") { delivery in
            if let failure { throw failure }
            sent.withLock { $0.append("mail \(delivery.id)") }
        }
        let pager = Channel(name: "pager", settle: { delivery in settled.withLock { $0.append(delivery.id) } }) {
            delivery in sent.withLock { $0.append("pager \(delivery.id)") }
        }
        return OutboxDelivery(
            store: store, channels: [mail, pager], attempts: 8, clock: clock.wallClock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func mute(_ target: MuteTarget, for span: Duration = .seconds(7200)) async throws {
        let at = clock.now
        _ = try await store.write {
            try MuteCommands.mute(target, until: at + span, reason: "test", by: "operator:ana", at: at, in: $0)
        }
    }

    private func deliver(_ kinds: [Notice.Kind], on channels: [String] = ["mail", "pager"]) async throws {
        let notices = try kinds.map { try makeNotice($0, id: "\($0.rawValue)/\(clock.now.milliseconds)") }
        let at = clock.now
        try await store.write { transaction in
            for var notice in notices {
                notice.at = at
                _ = try transaction.enqueue(notice, channels: channels)
            }
        }
        _ = try await delivery().tick(at: clock.now)
    }

    private func statuses() async throws -> [String] {
        try await store.read { try $0.outboxItems(OutboxQuery()) }.reversed().map {
            "\($0.channel) \($0.notice.kind.rawValue) \($0.status)"
        }
    }

    @Test func aMutedChannelKeepsEverythingBackAndOthersDoNot() async throws {
        try await mute(.channel("mail"))
        try await deliver([.budgetWarning, .enforcementLeak])

        #expect(
            try await statuses() == [
                "mail budget-warning muted", "pager budget-warning sent", "mail enforcement-leak muted",
                "pager enforcement-leak sent",
            ])
        #expect(sent.withLock { $0.allSatisfy { $0.hasPrefix("pager") } })
        let why = try await store.read { try $0.outboxItems(OutboxQuery(status: .muted)).first?.lastError }
        #expect(why == "channel/mail is muted until 2026-11-20T12:00:00.000Z by operator:ana: test")
        #expect(try await store.read { try $0.deadLetters(DeadLetterQuery(limit: 9)) }.isEmpty)
    }

    /// What says that enforcement fails is never silenced with its topic: those are the incidents `steward/enforcement`.
    @Test(arguments: Notice.Kind.allCases)
    func aMutedTopicLetsTroubleOfEnforcementThrough(_ kind: Notice.Kind) async throws {
        #expect(kind.passesTopicMutes == (kind.trouble == .enforcement))
        try await mute(.topic(kind.topic))

        try await deliver([kind], on: ["mail"])

        #expect(try await statuses() == ["mail \(kind.rawValue) \(kind.passesTopicMutes ? "sent" : "muted")"])
    }

    @Test func aTopicThatIsNotMutedIsSent() async throws {
        try await mute(.topic(.budget))
        try await deliver([.suspended], on: ["mail"])

        #expect(try await statuses() == ["mail suspended sent"])
    }

    @Test func aMuteEndsByItselfAndWhatItKeptIsNotSentLater() async throws {
        try await mute(.channel("mail"))
        try await deliver([.suspended], on: ["mail"])
        clock.advance(by: .milliseconds(7_199_999))
        try await deliver([.restored], on: ["mail"])
        clock.advance(by: .milliseconds(1))
        try await deliver([.spared], on: ["mail"])

        #expect(try await statuses() == ["mail suspended muted", "mail restored muted", "mail spared sent"])
        #expect(sent.withLock(\.count) == 1)
    }

    @Test func aMutedChannelThatIsDownFillsNoDeadLetters() async throws {
        try await mute(.channel("mail"))
        let at = clock.now
        let notice = try makeNotice(.suspended)
        _ = try await store.write { try $0.enqueue(notice, channels: ["mail"]) }

        _ = try await delivery(failing: DeliveryError(code: "X", message: "no", isPermanent: true)).tick(at: at)

        #expect(try await statuses() == ["mail suspended muted"])
        #expect(try await store.read { try $0.deadLetters(DeadLetterQuery(limit: 9)) }.isEmpty)
    }

    @Test func whatEndsAPageIsSentWhileItsChannelIsMuted() async throws {
        try await mute(.channel("pager"))
        try await deliver([.restored], on: ["mail", "pager"])

        #expect(sent.withLock(\.count) == 1)
        #expect(settled.withLock(\.count) == 1)
        #expect(try await statuses() == ["mail restored sent", "pager restored muted"])
    }

    /// A dead letter that is redriven into a mute would end without anybody having read it.
    @Test func aDeadLetterIsNotRedrivenIntoAMute() async throws {
        let notice = try makeNotice(.suspended)
        _ = try await store.write { try $0.enqueue(notice, channels: ["mail"]) }
        _ = try await delivery(failing: DeliveryError(code: "X", message: "no", isPermanent: true)).tick(at: clock.now)
        let letter = try #require(try await store.read { try $0.deadLetters(DeadLetterQuery(limit: 9)) }.first)
        try await mute(.topic(.high))
        let at = clock.now

        await #expect(throws: MutedNotice.self) {
            try await store.write { try UndeliveredNotice.redrive(letter, at: at, $0) }
        }

        #expect(try await statuses() == ["mail suspended abandoned"])
        let later = at + .seconds(7200)
        try await store.write { try UndeliveredNotice.redrive(letter, at: later, $0) }
        clock.advance(to: later)
        _ = try await delivery().tick(at: later)
        #expect(try await statuses() == ["mail suspended sent"])
    }
}
