import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct MuteCommandTests {
    private let store = MemoryStore()
    private let start = Instant(milliseconds: 1_795_168_800_000)
    private let mail = MuteTarget.channel("mail")

    @discardableResult
    private func mute(
        _ target: MuteTarget, for span: Duration, by actor: String = "operator:ana", reason: String = "planned work"
    ) async throws -> NoticeMute {
        let start = start
        return try await store.write {
            try MuteCommands.mute(target, until: start + span, reason: reason, by: actor, at: start, in: $0)
        }
    }

    private func found(_ target: MuteTarget, after span: Duration = .zero) async throws -> NoticeMute? {
        let at = start + span
        return try await store.read { try MuteCommands.mute(of: target, at: at, in: $0) }
    }

    @Test func aMuteIsFoundUntilItsEndToTheMillisecond() async throws {
        let mute = try await mute(mail, for: .seconds(7200))

        #expect(
            mute
                == NoticeMute(
                    target: mail, until: start + .seconds(7200), reason: "planned work", by: "operator:ana",
                    since: start))
        #expect(try await found(mail) == mute)
        #expect(try await found(mail, after: .milliseconds(7_199_999)) == mute)
        #expect(try await found(mail, after: .seconds(7200)) == nil)
        #expect(try await found(.channel("chat")) == nil)
        #expect(try await found(.topic(.budget)) == nil)
    }

    @Test func theLastWordCounts() async throws {
        try await mute(mail, for: .seconds(60))
        try await mute(mail, for: .seconds(7200), by: "operator:zoe")
        #expect(try await found(mail, after: .seconds(100))?.by == "operator:zoe")
        try await mute(mail, for: .seconds(30))
        #expect(try await found(mail, after: .seconds(100)) == nil)
    }

    @Test func whatIsUnmutedIsNotMutedAnyMore() async throws {
        let start = start
        try await mute(mail, for: .seconds(7200))

        let ended = try await store.write {
            try MuteCommands.unmute(.channel("mail"), by: "operator:zoe", at: start, in: $0)
        }

        #expect(ended.by == "operator:ana")
        #expect(try await found(mail) == nil)
        await #expect(throws: MuteError.notMuted(mail)) {
            try await store.write {
                try MuteCommands.unmute(.channel("mail"), by: "operator:zoe", at: start, in: $0)
            }
        }
        let entries = try await store.read { try $0.auditEntries(subject: "notifications/channel/mail", limit: 9) }
        #expect(
            entries.map { "\($0.actor) \($0.action)" } == [
                "operator:zoe notifications.unmuted", "operator:ana notifications.muted",
            ])
        #expect(entries.last?.detail["reason"] == "planned work")
    }

    @Test(arguments: [
        (Duration.zero, "why", MuteError.endInThePast), (.seconds(-1), "why", .endInThePast),
        (.seconds(7 * 86_400 + 1), "why", .tooLong), (.seconds(60), "", .noReason),
    ])
    func whatCanNotBeIsRefused(_ span: Duration, _ reason: String, _ error: MuteError) async throws {
        await #expect(throws: error) { try await mute(mail, for: span, reason: reason) }
        #expect(try await found(mail) == nil)
    }

    /// The `audit` step lets a workflow write what it likes under any subject.
    @Test func aWorkflowNeitherMutesNorUnmutes() async throws {
        let (start, workflow) = (start, "workflow:silence/1")
        let later = JSONValue.string((start + .seconds(600)).iso8601)
        func write(_ action: String) async throws {
            try await store.write {
                try $0.appendAudit(
                    AuditEntry(
                        at: start, actor: workflow, action: action, subject: "notifications/channel/mail",
                        detail: ["until": later, "reason": "hush"]))
            }
        }

        try await write("notifications.muted")
        #expect(try await found(mail) == nil)
        try await mute(mail, for: .seconds(60))
        try await write("notifications.unmuted")
        #expect(try await found(mail)?.by == "operator:ana")
    }

    @Test func aChannelIsMutedWholeAndATopicInPart() async throws {
        let start = start
        func isMuted(_ kind: Notice.Kind, _ channel: String) async throws -> Bool {
            try await store.read { try MuteCommands.mute(of: kind, through: channel, at: start, in: $0) } != nil
        }
        try await mute(mail, for: .seconds(60))
        try await mute(.topic(.high), for: .seconds(60))

        #expect(try await isMuted(.enforcementLeak, "mail"))
        #expect(try await isMuted(.budgetWarning, "mail"))
        #expect(try await !isMuted(.enforcementLeak, "chat"))
        #expect(try await isMuted(.suspended, "chat"))
        #expect(try await !isMuted(.budgetWarning, "chat"))
    }
}
