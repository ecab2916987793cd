package import Engine
import JSONModel
package import WallTime

/// Mutes of channels and topics.
///
/// What is muted is what people last said of it in the audit log: the entry that tells who did it is the mute itself, so
/// it survives a restart and a restore, and there is nothing beside it that could say otherwise.
package enum MuteCommands {
    /// Nobody should be able to forget a mute.
    package static var longest: Duration { .seconds(7 * 86_400) }

    private static let muted = "notifications.muted"
    private static let unmuted = "notifications.unmuted"
    /// Mutes are people's: a workflow that writes an entry about the same subject changes nothing.
    private static let person = "operator:"
    /// How many entries about one subject are looked through for a person's.
    private static let looked = 20

    /// Mutes `target`, or changes how long it is muted.
    /// - Parameter actor: begins with `operator:`.
    /// - Throws: `MuteError`.
    package static func mute(
        _ target: MuteTarget, until: Instant, reason: String, by actor: String, at now: Instant,
        in transaction: some ExecutionTransaction
    ) throws -> NoticeMute {
        guard until > now else { throw MuteError.endInThePast }
        guard until <= now + longest else { throw MuteError.tooLong }
        guard !reason.isEmpty else { throw MuteError.noReason }
        try transaction.appendAudit(
            AuditEntry(
                at: now, actor: actor, action: muted, subject: target.subject,
                detail: ["until": .string(until.iso8601), "reason": .string(reason)]))
        return NoticeMute(target: target, until: until, reason: reason, by: actor, since: now)
    }

    /// Ends a mute before its time.
    /// - Returns: the mute that was.
    /// - Throws: `MuteError.notMuted`.
    package static func unmute(
        _ target: MuteTarget, by actor: String, at now: Instant, in transaction: some ExecutionTransaction
    ) throws -> NoticeMute {
        guard let mute = try mute(of: target, at: now, in: transaction) else { throw MuteError.notMuted(target) }
        try transaction.appendAudit(
            AuditEntry(at: now, actor: actor, action: unmuted, subject: target.subject, detail: mute.json))
        return mute
    }

    /// The mute of a channel or a topic that is in force; nil when there is none.
    package static func mute(
        of target: MuteTarget, at now: Instant, in transaction: some ExecutionTransaction
    ) throws -> NoticeMute? {
        let said = try transaction.auditEntries(subject: target.subject, limit: looked)
        let last = said.first { $0.actor.hasPrefix(person) && [muted, unmuted].contains($0.action) }
        guard let last, last.action == muted,
            let until = last.detail["until"]?.stringValue.flatMap(Instant.init(iso8601:)), until > now
        else { return nil }
        return NoticeMute(
            target: target, until: until, reason: last.detail["reason"]?.stringValue ?? "", by: last.actor,
            since: last.at)
    }

    /// The mute that keeps notices of a kind back from a channel; nil when they are sent.
    package static func mute(
        of kind: Notice.Kind, through channel: String, at now: Instant, in transaction: some ExecutionTransaction
    ) throws -> NoticeMute? {
        if let mute = try mute(of: .channel(channel), at: now, in: transaction) { return mute }
        return kind.passesTopicMutes ? nil : try mute(of: .topic(kind.topic), at: now, in: transaction)
    }
}

/// Why nothing was muted or unmuted.
package enum MuteError: Error, Equatable, Sendable, CustomStringConvertible {
    case endInThePast
    case tooLong
    case noReason
    case notMuted(MuteTarget)

    package var description: String {
        switch self {
        case .endInThePast: "the end of the mute lies in the past; give one that is still to come"
        case .tooLong:
            "a mute lasts seven days at most; what a channel should never get is left out of its topics in the settings"
        case .noReason: "a reason is missing; whoever wonders about the silence needs it"
        case .notMuted(let target): "\(target) is not muted"
        }
    }
}
