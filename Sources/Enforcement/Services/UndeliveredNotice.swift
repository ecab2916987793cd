package import Engine
import JSONModel
package import WallTime

/// What becomes of a notice that a channel will not take.
package enum UndeliveredNotice {
    /// Gives an item up: it is not tried again by itself, and a dead letter waits for a person.
    package static func abandon<Transaction: ExecutionTransaction & Outbox>(
        _ item: OutboxItem, error: String, at now: Instant, _ transaction: Transaction
    ) throws {
        try transaction.abandon(item.id, at: now, error: error)
        let payload: JSONValue = [
            "outboxItem": .int(item.id.rawValue), "kind": .string(item.notice.kind.rawValue), "data": item.notice.data,
        ]
        _ = try transaction.insertDeadLetter(
            NewDeadLetter(
                kind: .notification, subject: item.notice.id, source: item.channel, error: "Steward.NotDelivered",
                cause: error, payload: payload.jsonBytes, at: now))
    }

    /// Puts the item of a dead letter back into the outbox; the engine's redriver for notifications.
    /// - Throws: `UnknownOutboxItem` when the letter names none; `MutedNotice` where it would only be kept back: a letter
    ///   does not end in silence.
    package static func redrive<Transaction: ExecutionTransaction & Outbox>(
        _ letter: DeadLetter, at now: Instant, _ transaction: Transaction
    ) throws {
        guard let number = try JSONValue(parsing: letter.letter.payload)["outboxItem"]?.intValue,
            let item = try transaction.outboxItem(OutboxItemID(rawValue: number))
        else { throw UnknownOutboxItem(deadLetter: letter.id) }
        if let mute = try MuteCommands.mute(of: item.notice.kind, through: item.channel, at: now, in: transaction) {
            throw MutedNotice(deadLetter: letter.id, mute: mute)
        }
        guard try transaction.revive(item.id, at: now) else { throw UnknownOutboxItem(deadLetter: letter.id) }
    }
}

/// A dead letter whose message is no longer in the outbox.
package struct UnknownOutboxItem: Error, Equatable, CustomStringConvertible {
    package let deadLetter: DeadLetterID

    package var description: String {
        "dead letter \(deadLetter.rawValue) names a message that is no longer in the outbox; discard it"
    }
}

/// A dead letter whose message would not be sent now.
package struct MutedNotice: Error, Equatable, CustomStringConvertible {
    package let deadLetter: DeadLetterID
    package let mute: NoticeMute

    package var description: String {
        "dead letter \(deadLetter.rawValue) would not be sent: \(mute). Unmute it first, or wait until then"
    }
}
