import AWSClient
import Enforcement
import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Notifications

@Suite struct SNSChannelTests {
    private static let topic = "arn:aws:sns:eu-west-1:111122223333:budget-alerts"

    /// What a request said, field by field.
    private static func fields(_ request: HTTPRequest) -> [String: String] {
        let pairs = String(decoding: request.body, as: UTF8.self).split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private static func answer(_ status: Int, error: String? = nil) -> HTTPResponse {
        let body =
            error.map {
                "<ErrorResponse><Error><Type>Sender</Type><Code>\($0)</Code><Message>no</Message></Error></ErrorResponse>"
            }
            ?? "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>"
        return HTTPResponse(status: status, headers: [("Content-Type", "text/xml")], body: Array(body.utf8))
    }

    private func channel(_ transport: HTTPTransport) throws -> Channel {
        let clock = WallClock(now: { now }, monotonicNanoseconds: { 0 }, sleepUntil: { _ in })
        let aws = AWSClient(
            configuration: try AWSConfiguration(region: "eu-west-1"),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")), transport: transport,
            clock: clock, randomFraction: { 0 })
        return Channel.sns("alerts", topicARN: Self.topic, aws: aws)
    }

    private func published(_ notice: Notice) async throws -> [String: String] {
        let requests = Guarded<[HTTPRequest]>([])
        let transport = HTTPTransport { request in
            requests.withLock { $0.append(request) }
            return Self.answer(200)
        }
        try await channel(transport).deliver(Delivery(notice))
        #expect(requests.withLock(\.count) == 1)
        return Self.fields(try #require(requests.withLock { $0.first }))
    }

    @Test func noticeIsPublishedWithWhatSubscribersFilterBy() async throws {
        let notice = try makeNotice(.budgetCritical, id: "budget-critical/b/1", severity: .warning)

        let fields = try await published(notice)

        #expect(fields["Action"] == "Publish")
        #expect(fields["TopicArn"] == Self.topic)
        #expect(fields["Subject"] == "Bedrock budget critical: ana")
        #expect(fields["Message"] == NoticeText(notice).plain)
        let attributes = (1...3).map { number in
            let prefix = "MessageAttributes.entry.\(number)."
            return [
                fields[prefix + "Name"], fields[prefix + "Value.DataType"], fields[prefix + "Value.StringValue"],
            ]
        }
        #expect(
            attributes == [
                ["kind", "String", "budget-critical"], ["severity", "String", "warning"],
                ["noticeId", "String", "budget-critical/b/1"],
            ])
    }

    @Test(arguments: [
        ("Bedrock budget: ana", "Bedrock budget: ana"), ("Año\r\nx\u{7F}", "Ano??x?"),
        ("12,35\u{A0}US$ – 预", "12,35 US$ - ?"),
        (String(repeating: "a", count: 100), String(repeating: "a", count: 100)),
        (String(repeating: "a", count: 101), String(repeating: "a", count: 97) + "..."),
    ])
    func subjectIsWhatTheTopicTakes(_ subject: String, _ expected: String) {
        #expect(Channel.snsSubject(subject) == expected)
    }

    @Test(arguments: [
        (404, "NotFound", true, false), (400, "InvalidParameter", true, false),
        (403, "AuthorizationError", false, true), (400, "Throttling", false, true),
        (500, "InternalError", false, false),
    ])
    func refusalIsPermanentOnlyWhenTryingAgainCannotHelp(
        _ status: Int, _ code: String, _ isPermanent: Bool, _ isOutage: Bool
    ) async throws {
        let channel = try channel(HTTPTransport { _ in Self.answer(status, error: code) })

        let error = await #expect(throws: DeliveryError.self) {
            try await channel.deliver(Delivery(try makeNotice(.suspended)))
        }

        #expect(error?.code == "SNS.\(code)")
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.isOutage == isOutage)
        #expect(error?.message.contains(Self.topic) == true)
    }

    @Test func topicThatCannotBeReachedIsAnOutage() async throws {
        let channel = try channel(HTTPTransport { _ in throw HTTPTransportError.couldNotConnect("no route") })

        let error = await #expect(throws: DeliveryError.self) {
            try await channel.deliver(Delivery(try makeNotice(.suspended)))
        }

        #expect(error?.code == "SNS.Transport.CouldNotConnect")
        #expect(error?.isPermanent == false)
        #expect(error?.isOutage == true)
    }
}

/// The topic's way to a subscriber, against moto.
@Suite(
    .enabled(
        if: Python.canImport("moto.server"), "moto can't be imported; run scripts/bootstrap, or set STEWARD_PYTHON"))
struct SNSChannelMotoTests {
    private static let script = """
        import os, sys
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(server.get_host_and_port()[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """

    @Test func subscriberGetsTheNotice() async throws {
        let moto = Script(try #require(Python.executable), ["-c", Self.script])
        try moto.run()
        defer { moto.stop() }
        let aws = AWSClient(
            configuration: try AWSConfiguration(
                region: "eu-west-1", endpointURL: "http://127.0.0.1:\(try moto.port())"),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")), transport: .curl(),
            clock: .system, randomFraction: { 0.5 })
        let queue = try #require(try await aws.call("sqs", "CreateQueue", ["QueueName": "q"])["QueueUrl"])
        let attributes = try await aws.call(
            "sqs", "GetQueueAttributes", ["QueueUrl": queue, "AttributeNames": ["QueueArn"]])
        let topic = try #require(try await aws.call("sns", "CreateTopic", ["Name": "alerts"])["TopicArn"])
        _ = try await aws.call(
            "sns", "Subscribe",
            ["TopicArn": topic, "Protocol": "sqs", "Endpoint": try #require(attributes["Attributes"]?["QueueArn"])])
        let notice = try makeNotice(.suspended, name: "añá")

        try await Channel.sns("alerts", topicARN: topic.stringValue ?? "", aws: aws).deliver(Delivery(notice))
        let missing = await #expect(throws: DeliveryError.self) {
            try await Channel.sns("x", topicARN: "arn:aws:sns:eu-west-1:123456789012:none", aws: aws)
                .deliver(Delivery(notice))
        }

        let received = try await aws.call("sqs", "ReceiveMessage", ["QueueUrl": queue, "WaitTimeSeconds": 1])
        let body = try JSONValue(parsing: try #require(received["Messages"]?[0]?["Body"]?.stringValue))
        #expect(body["Subject"] == "Bedrock access suspended: ana")
        #expect(body["Message"]?.stringValue == NoticeText(notice).plain)
        #expect(body["MessageAttributes"]?["severity"]?["Value"] == "critical")
        #expect(missing?.isPermanent == true)
    }
}
