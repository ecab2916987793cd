package import AWSClient
import Budgets
package import Enforcement
package import Logging

/// A notice as a channel delivers it.
package struct Delivery: Sendable, Equatable {
    package let notice: Notice
    package let text: NoticeText

    /// Stable over all tries.
    package var id: String { notice.id }

    package init(_ notice: Notice) {
        self.notice = notice
        text = NoticeText(notice)
    }
}

/// Where notices go.
package struct Channel: Sendable {
    package let name: String
    /// Throws `DeliveryError`.
    package let deliver: @Sendable (Delivery) async throws -> Void

    package init(name: String, deliver: @escaping @Sendable (Delivery) async throws -> Void) {
        self.name = name
        self.deliver = deliver
    }

    /// Makes the channel that the settings describe.
    package init(_ settings: ChannelSettings, aws: AWSClient, logger: Logger) {
        switch settings.kind {
        case .log: self = .log(settings.name, logger: logger)
        case .smtp(let server, let from, let to, let replyTo):
            self = .smtp(
                settings.name, sender: SMTPSender(server: server), from: from, to: to, replyTo: replyTo)
        case .sns(let topicARN): self = .sns(settings.name, topicARN: topicARN, aws: aws)
        }
    }

    static func log(_ name: String, logger: Logger) -> Channel {
        Channel(name: name) { delivery in
            logger.notice(
                "notice",
                metadata: [
                    "kind": "\(delivery.notice.kind.rawValue)", "severity": "\(delivery.notice.severity.rawValue)",
                    "subject": "\(delivery.text.subject)", "id": "\(delivery.id)",
                    "principal": "\(delivery.notice.principal?.description ?? "")",
                ])
        }
    }

    static func smtp(_ name: String, sender: SMTPSender, from: String, to: [String], replyTo: String?) -> Channel {
        Channel(name: name) { delivery in
            try await sender.send(
                MailMessage(
                    from: MailAddress(from), to: to.map { try MailAddress($0) },
                    replyTo: replyTo.map { try MailAddress($0) }, subject: delivery.text.subject,
                    text: delivery.text.plain, html: delivery.text.html, id: delivery.id, date: delivery.notice.at))
        }
    }
}
