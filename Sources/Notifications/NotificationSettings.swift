/// Which channels there are. Every notice goes to every channel whose `kinds` name it.
package struct NotificationSettings: Sendable, Equatable {
    package var channels: [ChannelSettings]
    /// Tries of one delivery before it becomes a dead letter.
    package var attempts: Int

    package init(channels: [ChannelSettings] = [ChannelSettings(name: "log", kind: .log)], attempts: Int = 8) {
        self.channels = channels
        self.attempts = attempts
    }
}

/// One channel.
package struct ChannelSettings: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case log
        case smtp(server: SMTPServer, from: String, to: [String], replyTo: String?)
        case sns(topicARN: String)
    }

    package var name: String
    package var kind: Kind
    /// Kinds of notices that it takes; nil takes all.
    package var kinds: Set<String>?

    package init(name: String, kind: Kind, kinds: Set<String>? = nil) {
        self.name = name
        self.kind = kind
        self.kinds = kinds
    }
}
