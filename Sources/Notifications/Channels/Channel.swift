package import AWSClient
package import Enforcement
package import JSONModel
package import Logging
package import WallTime

/// A notice as a channel delivers it.
package struct Delivery: Sendable, Equatable {
    /// Stable over all tries.
    package var id: String
    package var kind: Notice.Kind
    package var at: Instant
    package var text: NoticeText
    package var data: JSONValue

    package init(id: String, kind: Notice.Kind, at: Instant, data: JSONValue) {
        self.id = id
        self.kind = kind
        self.at = at
        self.data = data
        text = NoticeText(kind: kind, data: data)
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
                settings.name, sender: SMTPSender(server: server), from: from, to: to,
                replyTo: replyTo)
        case .sns(let topicARN): self = .sns(settings.name, topicARN: topicARN, aws: aws)
        }
    }

    static func log(_ name: String, logger: Logger) -> Channel {
        Channel(name: name) { delivery in
            logger.notice(
                "notice",
                metadata: [
                    "kind": "\(delivery.kind.rawValue)", "subject": "\(delivery.text.subject)", "id": "\(delivery.id)",
                    "principal": "\(delivery.data["principalId"]?.stringValue ?? "")",
                ])
        }
    }

    static func smtp(
        _ name: String, sender: SMTPSender, from: String, to: [String], replyTo: String?
    ) -> Channel {
        let domain = from.split(separator: "@").last.map { $0.filter { $0 != ">" } } ?? "steward"
        return Channel(name: name) { delivery in
            try await sender.send(
                MailMessage(
                    from: from, to: to, replyTo: replyTo, subject: delivery.text.subject, text: delivery.text.plain,
                    html: delivery.text.html, messageID: "\(delivery.id)@\(domain)", date: delivery.at))
        }
    }

    static func sns(_ name: String, topicARN: String, aws: AWSClient) -> Channel {
        Channel(name: name) { delivery in
            do throws(AWSError) {
                _ = try await aws.call("sns", "Publish", snsParameters(delivery, topicARN: topicARN))
            } catch {
                let permanent = ["NotFound", "InvalidParameter", "AuthorizationError"].contains(error.code)
                throw DeliveryError(code: "SNS.\(error.code)", message: error.message, isPermanent: permanent)
            }
        }
    }

    /// SNS takes a subject of at most 100 ASCII characters without line breaks.
    private static func snsParameters(_ delivery: Delivery, topicARN: String) -> JSONObject {
        let subject = delivery.text.subject.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 ? Character($0) : "?" }
        func attribute(_ value: String) -> JSONValue { ["DataType": "String", "StringValue": .string(value)] }
        return [
            "TopicArn": .string(topicARN), "Subject": .string(String(subject.prefix(100))),
            "Message": .string(delivery.text.plain),
            "MessageAttributes": [
                "kind": attribute(delivery.kind.rawValue), "severity": attribute(delivery.text.tone.rawValue),
                "noticeId": attribute(delivery.id),
            ],
        ]
    }
}
