import AWSClient
import Enforcement
import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Notifications

@Suite struct SESChannelTests {
    private static let heads = MailHeads(
        from: "Steward <steward@example.com>", to: ["Ana <ana@example.com>", "ops@example.com"],
        replyTo: "help@example.com")

    private func channel(
        _ web: FakeWeb, _ settings: SESSettings = SESSettings(), _ heads: MailHeads = Self.heads
    ) throws -> Channel {
        let clock = WallClock(now: { now }, monotonicNanoseconds: { 0 }, sleepUntil: { _ in })
        let aws = AWSClient(
            configuration: try AWSConfiguration(region: "eu-west-1"),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
            transport: web.transport, clock: clock, randomFraction: { 0 })
        return .ses("mail", settings, heads, aws: aws)
    }

    @Test func theMailIsHandedInWhole() async throws {
        let web = FakeWeb(FakeWeb.answer(200, "{\"MessageId\": \"m-1\"}"))
        let delivery = Delivery(try makeNotice(.suspended, id: "suspended/x/1"), style: NoticeStyle(language: .spanish))
        try await channel(web, SESSettings(configurationSet: "alerts")).deliver(delivery)

        let request = try #require(web.requests.first)
        #expect(request.method == "POST")
        #expect(request.url == "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails")
        let authorization = request.headers.first { $0.name.lowercased() == "authorization" }?.value
        #expect(authorization?.contains("/eu-west-1/ses/aws4_request") == true)
        let body = try #require(try web.bodies().first)
        #expect(body["FromEmailAddress"] == "steward@example.com")
        #expect(body["Destination"]?["ToAddresses"] == ["ana@example.com", "ops@example.com"])
        #expect(body["ConfigurationSetName"] == "alerts")
        #expect(body["EmailTags"] == [["Name": "steward-notice", "Value": "suspended"]])
        let raw = try #require(body["Content"]?["Raw"]?["Data"]?.stringValue.flatMap { Data(base64Encoded: $0) })
        #expect(Array(raw) == (try MailMessage(delivery, Self.heads).bytes))
        let mail = String(decoding: raw, as: UTF8.self)
        #expect(mail.contains("X-Steward-Notice: <suspended/x/1@example.com>\r\n"))
        #expect(mail.contains("Subject: Acceso a Bedrock suspendido: ana\r\n"))
    }

    /// Whoever may tag a principal must not send mail anywhere, nor keep others from getting it.
    @Test(arguments: [
        ("eve@Example.com", true), ("eve@example.com.evil.net", false), ("eve", false), ("ops@example.com", false),
        ("eve@example.com,x@evil.net", false),
    ])
    func theOwnerOfAPrincipalIsToldWithinTheDomains(_ email: String, isTold: Bool) async throws {
        let web = FakeWeb(FakeWeb.answer(200, "{\"MessageId\": \"m-1\"}"))
        var heads = Self.heads
        heads.ownerDomains = ["example.com"]
        let notice = try makeNotice(.graceStarted, adding: ["owner": ["person": "Eve", "email": .string(email)]])
        let delivery = Delivery(notice)

        try await channel(web, SESSettings(), heads).deliver(delivery)
        try await channel(web).deliver(delivery)

        let destinations = try web.bodies().map { $0["Destination"] }
        #expect(destinations.allSatisfy { $0?["ToAddresses"] == ["ana@example.com", "ops@example.com"] })
        let copies = destinations.map { $0?["CcAddresses"]?[0]?.stringValue }
        #expect(copies == [isTold ? email : nil, nil])
        #expect(delivery.text.facts.contains { $0.label == "Person" && $0.value == "Eve" })
    }

    /// It may be its own doing, and whoever has changed the tag would be told of that.
    @Test(arguments: [Notice.Kind.tagTampering, .rogueKey, .accessDrift, .enforcementLeak, .unenforceable])
    func theOwnerIsNotToldOfSuspicions(_ kind: Notice.Kind) async throws {
        let web = FakeWeb(FakeWeb.answer(200, "{\"MessageId\": \"m-1\"}"))
        var heads = Self.heads
        heads.ownerDomains = ["example.com"]
        let notice = try makeNotice(kind, adding: ["owner": ["email": "eve@example.com"]])

        try await channel(web, SESSettings(), heads).deliver(Delivery(notice))

        #expect(try web.bodies().first?["Destination"] == ["ToAddresses": ["ana@example.com", "ops@example.com"]])
    }

    /// Its sandbox refuses a mail as a whole for one address, as it does for one that is too long: whoever may tag must not
    /// keep the others from being told.
    @Test func theOthersAreToldWhereTheOwnersAddressIsRefused() async throws {
        let web = FakeWeb(
            FakeWeb.answer(400, "{}", headers: [("x-amzn-ErrorType", "MessageRejected")]),
            FakeWeb.answer(200, "{\"MessageId\": \"m-1\"}"))
        var heads = Self.heads
        heads.ownerDomains = ["example.com"]
        let notice = try makeNotice(.suspended, adding: ["owner": ["email": "eve@example.com"]])

        try await channel(web, SESSettings(), heads).deliver(Delivery(notice))

        let asked = try web.bodies().map { $0["Destination"]?["CcAddresses"]?[0]?.stringValue }
        #expect(asked == ["eve@example.com", nil])
    }

    @Test(arguments: [
        (400, "MessageRejected", true, false), (400, "BadRequestException", true, false),
        (404, "NotFoundException", true, false), (400, "MailFromDomainNotVerifiedException", false, true),
        (400, "SendingPausedException", false, true), (429, "TooManyRequestsException", false, true),
        (403, "AccessDeniedException", false, true), (500, "InternalFailure", false, false),
    ])
    func refusalIsPermanentOnlyWhenTryingAgainCannotHelp(
        _ status: Int, _ code: String, _ isPermanent: Bool, _ isOutage: Bool
    ) async throws {
        let web = FakeWeb(FakeWeb.answer(status, "{\"message\": \"no\"}", headers: [("x-amzn-ErrorType", code)]))
        let error = await #expect(throws: DeliveryError.self) {
            try await channel(web).deliver(Delivery(try makeNotice(.suspended)))
        }

        #expect(error?.code == "SES.\(code)")
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.isOutage == isOutage)
    }
}
