import Budgets
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct FirehoseTests {
    private static func body(_ records: [[UInt8]], id: String = "r-1") -> JSONValue {
        let data = records.map { bytes -> JSONValue in ["data": .string(Data(bytes).base64EncodedString())] }
        return ["requestId": .string(id), "timestamp": 1_795_169_742_000, "records": .array(data)]
    }

    private static func subscription(_ messages: [String], type: String = "DATA_MESSAGE") -> [UInt8] {
        let events = messages.map { message -> JSONValue in ["id": "1", "timestamp": 1, "message": .string(message)] }
        return JSONValue.object(["messageType": .string(type), "logEvents": .array(events)]).jsonBytes
    }

    private static func record(_ id: String) -> [UInt8] { APIHarness.record(id, inputTokens: 1000) }

    private static func text(_ id: String) -> String { String(decoding: record(id), as: UTF8.self) }

    /// How many uses a delivery of one record holds, and how many things that can't be read.
    @Test(
        arguments: [
            ("plain", record("a"), 1, 0), ("several", record("a") + record("b"), 2, 0),
            ("gzip", gzip(record("a") + record("b")), 2, 0),
            ("members", gzip(record("a")) + gzip(record("b")), 2, 0),
            ("a subscription", gzip(subscription([text("a"), text("b")])), 2, 0),
            ("subscriptions one after the other", subscription([text("a")]) + subscription([text("b")]), 2, 0),
            ("a probe", gzip(subscription([], type: "CONTROL_MESSAGE")), 0, 0),
            ("cut off", Array(gzip(record("a")).dropLast(9)), 1, 1), ("nonsense", Array("nonsense".utf8), 0, 1),
            ("nothing", [], 0, 0),
        ] as [(String, [UInt8], Int, Int)])
    func aRecordMayHoldAnyForm(_ form: String, _ data: [UInt8], _ uses: Int, _ unreadable: Int) throws {
        let delivery = try FirehoseDelivery(
            body: Self.body([data]).jsonBytes, isCompressed: false, headerID: "r-1")

        let records = delivery.usage(source: "s")

        #expect(records.filter { if case .usage = $0 { true } else { false } }.count == uses)
        let kept = records.compactMap { if case .unreadable(let record) = $0 { record } else { nil } }
        #expect(kept.count == unreadable)
        #expect(kept.allSatisfy { !$0.bytes.isEmpty })
    }

    @Test func oneBadRecordSpoilsNoOther() throws {
        let json: JSONValue = [
            "requestId": "r-1",
            "records": [
                ["data": "***"], ["nodata": 1], ["data": .string(Data(Self.record("a")).base64EncodedString())],
            ],
        ]
        let delivery = try FirehoseDelivery(body: json.jsonBytes, isCompressed: false, headerID: nil)
        let records = delivery.usage(source: "s")
        #expect(records.count == 3)
        #expect(records.filter { if case .usage = $0 { true } else { false } }.count == 1)
    }

    @Test func theBodyMayBeCompressed() throws {
        let body = gzip(Self.body([Self.record("a")]).jsonBytes)
        #expect(try FirehoseDelivery(body: body, isCompressed: true, headerID: "r-1").requestID == "r-1")
        #expect(throws: FirehoseFault.self) {
            try FirehoseDelivery(body: Array(body.dropLast(4)), isCompressed: true, headerID: "r-1")
        }
    }

    @Test func aBombIsStopped() throws {
        // A hundred mebibytes of nothing in a hundred kibibytes.
        let bomb = gzip([UInt8](repeating: 0x20, count: 100 << 20))
        #expect(throws: FirehoseFault.self) { try FirehoseDelivery(body: bomb, isCompressed: true, headerID: nil) }
    }

    @Test(arguments: ["", "{", "[]", #"{"records":[]}"#, #"{"requestId":"","records":[]}"#, #"{"requestId":"r-1"}"#])
    func whatFirehoseDoesNotSendIsAFault(_ body: String) {
        #expect(throws: FirehoseFault.self) {
            try FirehoseDelivery(body: Array(body.utf8), isCompressed: false, headerID: nil)
        }
    }

    @Test func theTwoRequestIDsAgree() {
        #expect(throws: FirehoseFault.self) {
            try FirehoseDelivery(body: Self.body([]).jsonBytes, isCompressed: false, headerID: "other")
        }
    }

    @Test func aDeliveryIsChargedOnceAndAnsweredInFirehosesShape() async throws {
        let api = try await APIHarness()
        let body = Self.body([Self.record("a"), gzip(Self.subscription([Self.text("b")]))])

        for _ in 0..<2 {
            let answer = try await api.call(.post, "/ingest/firehose/logs", body)
            #expect(answer.status == 200)
            #expect(answer.json["requestId"] == "r-1")
            #expect(answer.json["timestamp"] == .int(api.clock.now.milliseconds))
            #expect(answer.json["errorMessage"] == nil)
        }

        #expect(try await api.call(.get, "/api/v1/budgets/BedrockAPIKey-ab12").json["requests"] == 2)
        let source = try await api.call(.get, "/api/v1/ingest/sources").json["sources"]?[0]
        #expect(source?["name"] == "logs")
        #expect(source?["kind"] == "firehose")
        #expect(source?["records"] == 4)
        #expect(source?["charged"] == 2)
        #expect(source?["duplicates"] == 2)
    }

    @Test func aFaultIsSaidInFirehosesShape() async throws {
        let answer = try await APIHarness().call(.post, "/ingest/firehose", bytes: Array("{".utf8))
        #expect(answer.status == 400)
        #expect(answer.json["requestId"]?.stringValue != nil)
        #expect(answer.json["errorMessage"]?.stringValue?.isEmpty == false)
    }

    @Test func anEventIsTaken() async throws {
        let api = try await APIHarness()
        let detail: JSONValue = [
            "eventSource": "bedrock.amazonaws.com", "eventName": "Converse", "eventID": "e1",
            "eventTime": "2026-11-20T09:00:00Z", "awsRegion": "us-east-1",
            "userIdentity": ["arn": .string(APIHarness.arn)],
        ]
        let event: JSONValue = ["detail-type": "AWS API Call via CloudTrail", "detail": detail]
        let answer = try await api.call(.post, "/ingest/eventbridge", event)
        #expect(answer.status == 200)
        #expect(answer.json["principalEvents"] == 1)
        #expect(try await api.call(.get, "/api/v1/budgets/BedrockAPIKey-ab12").status == 200)
        #expect(try await api.call(.get, "/api/v1/ingest/sources").json["sources"]?[0]?["kind"] == "eventbridge")
    }
}

@Suite struct PushKeysTests {
    private static func request(_ headers: [String: String]) throws -> Request {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return Request(
            head: HTTPRequest(
                method: .post, scheme: "http", authority: "h", path: "/ingest/firehose", headerFields: fields),
            body: RequestBody(buffer: .init()))
    }

    private static let keys = PushKeys(
        firehose: { ["old", "new", ""] },
        eventBridge: .apiKey(header: "X-Key", { ["secret"] }))

    @Test(
        arguments: [
            (["X-Amz-Firehose-Access-Key": "old"], true), (["X-Amz-Firehose-Access-Key": "new"], true),
            (["X-Amz-Firehose-Access-Key": "ol"], false), (["X-Amz-Firehose-Access-Key": "olds"], false),
            (["X-Amz-Firehose-Access-Key": ""], false), ([:], false), (["Authorization": "Bearer old"], false),
            (["X-Amz-Firehose-Access-Key": String(repeating: "x", count: 5000)], false),
        ] as [([String: String], Bool)])
    func onlyAWholeKeyIsLetIn(_ headers: [String: String], _ isAdmitted: Bool) throws {
        #expect(try Self.keys.admits(Self.request(headers), at: .firehose) == isAdmitted)
    }

    @Test func eventBridgeShowsItsHeader() throws {
        #expect(try Self.keys.admits(Self.request(["X-Key": "secret"]), at: .eventBridge))
        #expect(try !Self.keys.admits(Self.request(["X-Key": "Secret"]), at: .eventBridge))
    }

    @Test(arguments: [("events:pass", true), ("events:pas", false), ("event:pass", false), ("", false)])
    func eventBridgeMayUseBasicAuthentication(_ credentials: String, _ isAdmitted: Bool) throws {
        let keys = PushKeys(eventBridge: .basic(userName: "events", { ["pass"] }))
        let header = "Basic " + Data(credentials.utf8).base64EncodedString()
        #expect(try keys.admits(Self.request(["Authorization": header]), at: .eventBridge) == isAdmitted)
    }

    @Test func whatIsNotConfiguredIsClosed() throws {
        let refusal = #expect(throws: Refusal.self) {
            _ = try PushKeys().admits(Self.request(["X-Amz-Firehose-Access-Key": ""]), at: .firehose)
        }
        #expect(refusal?.status == 404)
    }

    @Test func aKeyThatCantBeReadIsTroubleThatPasses() throws {
        struct Missing: Error {}
        let refusal = #expect(throws: Refusal.self) {
            _ = try PushKeys(firehose: { throw Missing() }).admits(Self.request([:]), at: .firehose)
        }
        #expect(refusal?.status == 503)
    }

    @Test(arguments: [
        ("/ingest/firehose", true), ("/ingest/firehose/x", true), ("/ingest/eventbridge", true),
        ("/ingest/bedrock-invocation-logs", false), ("/ingest", false), ("/api/v1/firehose", false),
        ("/ingest/firehose/x/y", false),
    ])
    func onlyPushEndpointsHaveKeysOfTheirOwn(_ path: String, _ isOne: Bool) {
        #expect((PushEndpoint(path: path) != nil) == isOne)
    }
}
