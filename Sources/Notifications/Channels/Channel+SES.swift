import AWSClient
import Enforcement
import Foundation
import JSONModel

extension Channel {
    /// Mail through Amazon SES (API v2), handed in as a whole so that it is the same mail that goes over SMTP. SES puts
    /// an id of its own in place of `Message-ID`; `X-Steward-Notice` stays.
    static func ses(_ name: String, _ settings: SESSettings, _ heads: MailHeads, aws: AWSClient) -> Channel {
        Channel(name: name) { delivery in
            let mail = try MailMessage(delivery, heads)
            do throws(DeliveryError) {
                try await send(mail, delivery, settings, aws)
            } catch {
                // For one address that SES refuses, as its sandbox does all that are not verified, nobody gets the mail.
                guard error.isPermanent, !mail.cc.isEmpty else { throw error }
                var rest = mail
                rest.cc = []
                try await send(rest, delivery, settings, aws)
            }
        }
    }

    private static func send(
        _ mail: MailMessage, _ delivery: Delivery, _ settings: SESSettings, _ aws: AWSClient
    ) async throws(DeliveryError) {
        do throws(AWSError) {
            _ = try await aws.send(
                "email", "SendEmail", method: "POST", path: "/v2/email/outbound-emails",
                headers: [("Content-Type", "application/json")],
                body: JSONValue.object(sesParameters(mail, delivery, settings)).jsonBytes)
        } catch {
            throw DeliveryError(
                code: "SES.\(error.code)", message: "SES did not take the mail: \(error.message)",
                isPermanent: sesPermanentCodes.contains(error.code),
                isOutage: error.status == nil || error.isThrottling || sesOutageCodes.contains(error.code)
                    || error.status == 403)
        }
    }

    /// Everything else may pass, or be mended by a person: missing permissions, a domain that is not verified yet.
    private static let sesPermanentCodes: Set<String> = [
        "BadRequestException", "Client.InvalidRequest", "MessageRejected", "NotFoundException",
    ]

    /// It is not about this mail: nothing goes out from this account or domain.
    private static let sesOutageCodes: Set<String> = [
        "AccountSuspendedException", "MailFromDomainNotVerifiedException", "SendingPausedException",
    ]

    private static func sesParameters(
        _ mail: MailMessage, _ delivery: Delivery, _ settings: SESSettings
    ) -> JSONObject {
        var destination: JSONObject = ["ToAddresses": .array(mail.to.map { .string($0.address) })]
        if !mail.cc.isEmpty { destination["CcAddresses"] = .array(mail.cc.map { .string($0.address) }) }
        var parameters: JSONObject = [
            "FromEmailAddress": .string(mail.from.address), "Destination": .object(destination),
            "Content": ["Raw": ["Data": .string(Data(mail.bytes).base64EncodedString())]],
            "EmailTags": [["Name": "steward-notice", "Value": .string(delivery.notice.kind.rawValue)]],
        ]
        if let set = settings.configurationSet { parameters["ConfigurationSetName"] = .string(set) }
        return parameters
    }
}
