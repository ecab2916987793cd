import AWSClient
import Enforcement
import Foundation
import JSONModel
import Testing
import WallTime

@testable import Notifications

@Suite struct WebhookChannelTests {
    private static let secret = "0123456789abcdef01234567"

    private func sent(
        _ notice: Notice, secret: Secret = .plain(secret), token: Secret? = nil, style: NoticeStyle = .standard
    ) async throws -> HTTPRequest {
        let web = FakeWeb(FakeWeb.answer(204))
        let settings = WebhookSettings(
            url: .plain("https://example.com/hook"), signingSecret: secret, token: token)
        try await Channel.webhook("hook", settings, post: web.post("Webhook")).deliver(Delivery(notice, style: style))
        return try #require(web.requests.first)
    }

    private func header(_ name: String, _ request: HTTPRequest) -> String? {
        request.headers.first { $0.name == name }?.value
    }

    @Test func aReceiverCanCheckWhoSentIt() async throws {
        let request = try await sent(try makeNotice(.suspended, id: "suspended/ana.b/1"))
        let id = try #require(header("webhook-id", request))
        let timestamp = try #require(header("webhook-timestamp", request))

        #expect(id == "suspended/ana.b/1")
        #expect(timestamp == "\(now.milliseconds / 1000)")
        let signed = Array("\(id).\(timestamp).".utf8) + request.body
        let expected = Data(hmacSHA256(key: Self.secret.utf8, signed)).base64EncodedString()
        #expect(header("webhook-signature", request) == "v1,\(expected)")
        #expect(header("X-Source", request) == "steward")
        #expect(header("Authorization", request) == nil)
    }

    /// The example of the specification of Standard Webhooks.
    @Test func signaturesAreThoseOfTheSpecification() {
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"
        let key = WebhookCall.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? []
        #expect(
            Data(hmacSHA256(key: key, signed.utf8)).base64EncodedString()
                == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func theBodyHoldsTheNoticeWhole() async throws {
        let notice = try makeNotice(.suspended, id: "suspended/x", spent: "1.04")
        let body = try JSONValue(parsing: try await sent(notice, style: NoticeStyle(language: .spanish)).body)

        #expect(body["id"] == "suspended/x" && body["kind"] == "suspended" && body["topic"] == "high")
        #expect(body["type"] == "steward.notice.suspended" && body["severity"] == "critical")
        #expect(body["timestamp"] == .string(now.iso8601) && body["channel"] == "hook")
        #expect(body["principalId"] == "111122223333/user/ana" && body["percent"] == 104)
        #expect(body["language"] == "es" && body["subject"] == "Acceso a Bedrock suspendido: ana")
        #expect(body["data"] == notice.data)
    }

    @Test func aTokenIsSentWhenThereIsOne() async throws {
        let request = try await sent(try makeNotice(.suspended), token: .plain("t0ken"))
        #expect(header("Authorization", request) == "Bearer t0ken")
    }

    @Test(arguments: [
        ("plain", "plain"), ("añá b", "a%C3%B1%C3%A1%20b"), ("100%", "100%25"), ("a\r\nX: y", "a%0D%0AX:%20y"),
    ])
    func idsFitIntoAHeader(_ id: String, _ expected: String) async throws {
        #expect(header("webhook-id", try await sent(try makeNotice(.suspended, id: id))) == expected)
    }

    @Test(arguments: [
        ("short", false), ("0123456789abcdef0123456", false), ("0123456789abcdef01234567", true),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true), ("whsec_!!", false), ("whsec_QUJD", false),
    ])
    func aSecretHasToBeOne(_ secret: String, _ isOne: Bool) { #expect((WebhookCall.key(secret) != nil) == isOne) }

    @Test func aSecretThatBecameUselessKeepsTheNotice() async throws {
        let error = await #expect(throws: DeliveryError.self) {
            _ = try await sent(try makeNotice(.suspended), secret: .plain("short"))
        }
        #expect(error?.code == "Webhook.BadSecret" && error?.isPermanent == false && error?.isOutage == true)
        #expect(error?.description.contains("short") == false)
    }
}
