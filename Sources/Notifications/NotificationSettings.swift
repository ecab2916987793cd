package import AWSClient
package import Enforcement

/// Which channels there are. Every notice goes to every channel that takes its kind.
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
        case smtp(server: SMTPServer, MailHeads)
        case ses(SESSettings, MailHeads)
        case sns(topicARN: String)
        /// - Parameter url: of an incoming webhook, which is a secret as a whole.
        case slack(url: Secret, timeout: Duration)
        case pagerDuty(routingKey: Secret, url: String, timeout: Duration)
        case webhook(WebhookSettings)

        /// As `type` names it in the settings.
        package var typeName: String {
            switch self {
            case .log: "log"
            case .smtp: "smtp"
            case .ses: "ses"
            case .sns: "sns"
            case .slack: "slack"
            case .pagerDuty: "pagerduty"
            case .webhook: "webhook"
            }
        }
    }

    package var name: String
    package var kind: Kind
    package var style: NoticeStyle
    /// Kinds of notices that it takes, besides those of `topics`; nil and no topics: all that suits it.
    package var kinds: Set<Notice.Kind>?
    package var topics: Set<NoticeTopic>?

    package init(
        name: String, kind: Kind, style: NoticeStyle = .standard, kinds: Set<Notice.Kind>? = nil,
        topics: Set<NoticeTopic>? = nil
    ) {
        self.name = name
        self.kind = kind
        self.style = style
        self.kinds = kinds
        self.topics = topics
    }

    /// What it takes, in the words of the settings: topics, then kinds; `everything` where they name neither.
    package var takenNames: [String] {
        if kinds == nil, topics == nil {
            guard case .pagerDuty = kind else { return ["everything"] }
            return [NoticeTopic.high.rawValue]
        }
        return (topics ?? []).map(\.rawValue).sorted() + (kinds ?? []).map(\.rawValue).sorted()
    }

    /// Whether notices of that kind go to it.
    package func takes(_ kind: Notice.Kind) -> Bool {
        guard case .pagerDuty = self.kind else { return names(kind) }
        // Whoever was paged is told as well when it is over.
        return pages(kind)
            || kind.settles.contains { settled in
                Notice.Kind.allCases.contains { pages($0) && $0.trouble == settled }
            }
    }

    /// Whether the settings name that kind; a pager that names none takes what is urgent, everything else takes all.
    private func names(_ kind: Notice.Kind) -> Bool {
        if kinds == nil, topics == nil {
            guard case .pagerDuty = self.kind else { return true }
            return kind.topic == .high
        }
        return kinds?.contains(kind) ?? false || topics?.contains(kind.topic) ?? false
    }

    /// Whether a notice of that kind opens an incident.
    func pages(_ kind: Notice.Kind) -> Bool { kind.trouble != nil && names(kind) }
}

/// Who writes mails to whom; checked when a mail is made.
package struct MailHeads: Sendable, Equatable {
    package var from: String
    package var to: [String]
    package var replyTo: String?
    /// The owner of a principal, as its tags name them, gets its notices, too, when their address is of one of these
    /// domains.
    package var ownerDomains: [String]

    package init(from: String, to: [String], replyTo: String? = nil, ownerDomains: [String] = []) {
        self.from = from
        self.to = to
        self.replyTo = replyTo
        self.ownerDomains = ownerDomains
    }
}

package struct SESSettings: Sendable, Equatable {
    /// Nil for the daemon's own.
    package var region: String?
    package var configurationSet: String?

    package init(region: String? = nil, configurationSet: String? = nil) {
        self.region = region
        self.configurationSet = configurationSet
    }
}

/// A receiver of signed JSON.
package struct WebhookSettings: Sendable, Equatable {
    package var url: Secret
    /// What requests are signed with.
    package var signingSecret: Secret
    /// Sent as `Authorization: Bearer`.
    package var token: Secret?
    package var timeout: Duration

    package init(url: Secret, signingSecret: Secret, token: Secret? = nil, timeout: Duration = .seconds(10)) {
        self.url = url
        self.signingSecret = signingSecret
        self.token = token
        self.timeout = timeout
    }
}
