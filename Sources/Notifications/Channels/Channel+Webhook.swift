import AWSClient
import Budgets
import Enforcement
import Foundation
import JSONModel
import WallTime

extension Channel {
    /// A receiver of one's own: signed as Standard Webhooks specifies (https://www.standardwebhooks.com), for which many
    /// languages have libraries.
    static func webhook(_ name: String, _ settings: WebhookSettings, post: WebPost) -> Channel {
        Channel(name: name) { delivery in
            let secret = try post.read(settings.signingSecret)
            let call = WebhookCall(delivery, channel: name, at: post.clock.now())
            guard let signature = call.signature(secret: secret) else {
                throw DeliveryError(
                    code: "Webhook.BadSecret", message: "the signing secret \(WebhookCall.secretRule)",
                    isPermanent: false, isOutage: true)
            }
            var headers = call.headers + [("webhook-signature", signature)]
            var secrets = [secret]
            if let token = settings.token {
                let token = try post.read(token)
                headers.append(("Authorization", "Bearer \(token)"))
                secrets.append(token)
            }
            try await post.send(call.body, to: try post.read(settings.url), headers: headers, secrets: secrets)
        }
    }
}

/// One try of delivering a notice to a webhook.
package struct WebhookCall {
    package static let secretRule = "must have at least 24 characters, or be whsec_ and base64"
    private static let prefix = "whsec_"
    private static let shortestSecret = 24

    let body: [UInt8]
    /// The same for every try, by which a receiver knows what it has had already.
    let id: String
    /// When this try was made, in seconds: a receiver refuses what is old.
    let timestamp: Int64

    init(_ delivery: Delivery, channel: String, at now: Instant) {
        body = Self.json(delivery, channel: channel).jsonBytes
        id = Self.headerText(delivery.id)
        timestamp = now.milliseconds / 1000
    }

    var headers: [(name: String, value: String)] {
        [("webhook-id", id), ("webhook-timestamp", "\(timestamp)"), ("X-Source", "steward")]
    }

    /// `v1,` and the base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`. Nil when the secret is none.
    func signature(secret: String) -> String? {
        guard let key = Self.key(secret) else { return nil }
        let code = hmacSHA256(key: key, Array("\(id).\(timestamp).".utf8) + body)
        return "v1,\(Data(code).base64EncodedString())"
    }

    /// The key that a secret stands for: base64 after `whsec_`, as the libraries have it, or the text itself.
    package static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix(prefix) else { return secret.utf8.count >= shortestSecret ? Array(secret.utf8) : nil }
        guard let data = Data(base64Encoded: String(secret.dropFirst(prefix.count))), data.count >= 16 else {
            return nil
        }
        return Array(data)
    }

    private static func json(_ delivery: Delivery, channel: String) -> JSONValue {
        let (notice, text) = (delivery.notice, delivery.text)
        var object: JSONObject = [
            "id": .string(notice.id), "type": .string("steward.notice.\(notice.kind.rawValue)"),
            "kind": .string(notice.kind.rawValue), "topic": .string(notice.kind.topic.rawValue),
            "severity": .string(notice.severity.rawValue), "timestamp": .string(notice.at.iso8601),
            "channel": .string(channel), "principalId": notice.principal.map { .string($0.description) } ?? .null,
            "language": .string(text.style.language.rawValue), "subject": .string(text.subject),
            "text": .string(text.plain),
        ]
        if let usage = text.usage { object["percent"] = .int(Int64(clamping: usage.percent)) }
        object["data"] = notice.data
        return .object(object)
    }

    /// Headers hold visible ASCII; a name in an id may hold anything. `%` too is encoded, so that two ids stay two.
    private static func headerText(_ text: String) -> String {
        text.utf8.map { byte in
            (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%")
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
