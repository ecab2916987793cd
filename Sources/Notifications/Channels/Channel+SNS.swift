import AWSClient
import Enforcement
import Foundation
import JSONModel

extension Channel {
    /// A topic of SNS. Whoever subscribes can filter by the attributes `kind` and `severity`, and tell a message that
    /// came twice by `noticeId`.
    static func sns(_ name: String, topicARN: String, aws: AWSClient) -> Channel {
        Channel(name: name) { delivery in
            do throws(AWSError) {
                _ = try await aws.call("sns", "Publish", snsParameters(delivery, topicARN: topicARN))
            } catch {
                throw DeliveryError(
                    code: "SNS.\(error.code)", message: "\(topicARN) did not take the message: \(error.message)",
                    isPermanent: permanentCodes.contains(error.code),
                    isOutage: error.status == nil || error.isThrottling || error.status == 403)
            }
        }
    }

    /// Everything else may pass, or be mended by a person: missing permissions, a wrong key, a disabled endpoint.
    private static let permanentCodes: Set<String> = [
        "Client.InvalidRequest", "InvalidParameter", "InvalidParameterValue", "NotFound", "ValidationError",
    ]

    private static func snsParameters(_ delivery: Delivery, topicARN: String) -> JSONObject {
        func attribute(_ value: String) -> JSONValue { ["DataType": "String", "StringValue": .string(value)] }
        return [
            "TopicArn": .string(topicARN), "Subject": .string(snsSubject(delivery.text.subject)),
            "Message": .string(delivery.text.plain),
            "MessageAttributes": [
                "kind": attribute(delivery.notice.kind.rawValue),
                "severity": attribute(delivery.notice.severity.rawValue), "noticeId": attribute(delivery.id),
            ],
        ]
    }

    /// SNS takes a subject of at most 100 ASCII characters without control characters: accents are left out.
    static func snsSubject(_ subject: String) -> String {
        let folded = subject.folding(options: .diacriticInsensitive, locale: nil)
        let plain = folded.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "\u{A0}": " "
            case "–", "—": "-"
            default: (0x20..<0x7F).contains(scalar.value) ? Character(scalar) : "?"
            }
        }
        return plain.count <= 100 ? String(plain) : String(plain.prefix(97)) + "..."
    }
}
