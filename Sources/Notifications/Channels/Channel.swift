package import AWSClient
import Budgets
package import Enforcement
import JSONModel
package import Logging
package import WallTime

/// A notice as a channel delivers it.
package struct Delivery: Sendable, Equatable {
    package let notice: Notice
    package let text: NoticeText

    /// Stable over all tries.
    package var id: String { notice.id }

    package init(_ notice: Notice, style: NoticeStyle = .standard) {
        self.notice = notice
        text = NoticeText(notice, style: style)
    }
}

/// Where notices go.
package struct Channel: Sendable {
    package let name: String
    /// How its readers want them.
    package private(set) var style = NoticeStyle.standard
    /// Throws `DeliveryError`.
    package let deliver: @Sendable (Delivery) async throws -> Void
    /// What is sent of a notice that is muted, which nobody may hear: the end of what was paged before. Nil where that is
    /// nothing. Throws `DeliveryError`.
    let settle: (@Sendable (Delivery) async throws -> Void)?
    /// Hears of a notice from before the daemon started; nothing is sent. Nil where that makes no difference.
    let recall: (@Sendable (Notice) async -> Void)?

    package init(
        name: String, settle: (@Sendable (Delivery) async throws -> Void)? = nil,
        recall: (@Sendable (Notice) async -> Void)? = nil,
        deliver: @escaping @Sendable (Delivery) async throws -> Void
    ) {
        self.name = name
        self.settle = settle
        self.recall = recall
        self.deliver = deliver
    }

    /// Makes the channel that the settings describe.
    /// - Throws: `AWSConfigurationError` for a region that is none.
    package init(
        _ settings: ChannelSettings, aws: AWSClient, transport: HTTPTransport, clock: WallClock, logger: Logger
    ) throws(AWSConfigurationError) {
        let name = settings.name
        func post(_ service: String, _ timeout: Duration) -> WebPost {
            WebPost(service: service, transport: transport, clock: clock, timeout: timeout)
        }
        switch settings.kind {
        case .log: self = .log(name, logger: logger)
        case .smtp(let server, let heads): self = .smtp(name, sender: SMTPSender(server: server), heads)
        case .ses(let ses, let heads):
            let client = if let region = ses.region { try aws.inRegion(region) } else { aws }
            self = .ses(name, ses, heads, aws: client)
        case .sns(let topicARN): self = .sns(name, topicARN: topicARN, aws: aws)
        case .slack(let url, let timeout): self = .slack(name, url: url, post: post("Slack", timeout))
        case .pagerDuty(let key, let url, let timeout):
            self = .pagerDuty(
                name, routingKey: key, url: url, pages: settings.pages, post: post("PagerDuty", timeout))
        case .webhook(let webhook): self = .webhook(name, webhook, post: post("Webhook", webhook.timeout))
        }
        style = settings.style
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

    static func smtp(_ name: String, sender: SMTPSender, _ heads: MailHeads) -> Channel {
        Channel(name: name) { try await sender.send(MailMessage($0, heads)) }
    }
}

extension MailMessage {
    /// The mail that a channel's notice is.
    init(_ delivery: Delivery, _ heads: MailHeads) throws(DeliveryError) {
        var to: [MailAddress] = []
        for text in heads.to { to.append(try MailAddress(text)) }
        let owner = heads.owner(delivery.notice).map { [$0] } ?? []
        let cc = owner.filter { one in !to.contains { $0.address == one.address } }
        let replyTo: MailAddress? = if let text = heads.replyTo { try MailAddress(text) } else { nil }
        self.init(
            from: try MailAddress(heads.from), to: to, cc: cc, replyTo: replyTo, subject: delivery.text.subject,
            text: delivery.text.plain, html: delivery.text.html, id: delivery.id, date: delivery.notice.at)
    }
}

extension MailHeads {
    /// What somebody may have done behind Steward's back is no mail to whom a tag names, which may be that one.
    private static let suspicions: Set<Notice.Kind> = [
        .rogueKey, .tagTampering, .bypass, .accessDrift, .enforcementLeak, .unenforceable,
    ]

    /// The owner of the principal that a notice is about. Whoever may tag a principal says who that is: mail goes to the
    /// channel's domains only, and a tag that is no address keeps nobody else from being told.
    fileprivate func owner(_ notice: Notice) -> MailAddress? {
        guard !ownerDomains.isEmpty, !Self.suspicions.contains(notice.kind),
            let text = notice.data["owner"]?["email"]?.stringValue
        else { return nil }
        do throws(DeliveryError) {
            let address = try MailAddress(text)
            let domain = address.domain.lowercased()
            return ownerDomains.contains { $0.lowercased() == domain } ? address : nil
        } catch {
            // Anybody may have written the tag: what is no address is nobody to tell, and keeps no mail from the others.
            return nil
        }
    }
}
