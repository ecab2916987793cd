import AWSClient
import Budgets
import Engine
import Enforcement
import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Ingestion

@Suite struct QueueSourceTests {
    /// An SQS that has these messages, whatever was deleted.
    private static func queue(_ bodies: [String], receives: Int = 1) -> @Sendable (Bench.Call) throws -> HTTPResponse {
        { call in
            guard call.action == "ReceiveMessage" else { return .json(["Successful": []]) }
            let messages = bodies.enumerated().map { index, body -> JSONValue in
                [
                    "MessageId": .string("m\(index)"), "ReceiptHandle": .string("r\(index)"), "Body": .string(body),
                    "Attributes": ["ApproximateReceiveCount": .string("\(receives)")],
                ]
            }
            return .json(["Messages": .array(messages)])
        }
    }

    private static func deleted(_ bench: Bench) -> [String] {
        bench.requests("DeleteMessageBatch").flatMap { $0.body["Entries"]?.arrayValue ?? [] }
            .compactMap { $0["ReceiptHandle"]?.stringValue }.sorted()
    }

    @Test func messagesAreDeletedAfterTheyAreDurable() async throws {
        let bench = Bench(Self.queue([logRecord("a"), logRecord("b") + logRecord("c"), "nonsense"]))

        try await bench.queue().poll()
        #expect(try await bench.charged == 3)
        #expect(Self.deleted(bench) == ["r0", "r1", "r2"])
        #expect(try await bench.deadLetters.map(\.payload) == [Array("nonsense".utf8)])

        // They come again: nothing is charged twice, and nothing kept twice.
        try await bench.queue().poll()
        #expect(try await bench.charged == 3)
        #expect(try await bench.deadLetters.count == 1)
    }

    @Test func whatTheStoreRefusesStaysInTheQueue() async throws {
        let bench = Bench(Self.queue([logRecord("a")]))
        bench.refuse(true)

        await #expect(throws: (any Error).self) { try await bench.queue().poll() }
        #expect(Self.deleted(bench) == [])

        bench.refuse(false)
        try await bench.queue().poll()
        #expect(Self.deleted(bench) == ["r0"])
        #expect(try await bench.charged == 1)
    }

    private static let notification =
        #"{"Records":[{"eventName":"ObjectCreated:Put","awsRegion":"us-east-1","#
        + #""s3":{"bucket":{"name":"logs"},"object":{"key":"a+b%3D1.gz"}}}]}"#

    @Test(arguments: [(1, 0), (4, 0), (5, 1), (9, 1)])
    func aMessageThatCannotBeHandledEndsAsADeadLetter(_ receives: Int, _ letters: Int) async throws {
        let queue = Self.queue([Self.notification, logRecord("a")], receives: receives)
        let bench = Bench { call in
            call.action.hasPrefix("/logs") ? .s3Error("NoSuchKey", status: 404) : try queue(call)
        }

        try await bench.queue().poll()

        #expect(try await bench.deadLetters.count == letters)
        #expect(Self.deleted(bench) == (letters == 1 ? ["r0", "r1"] : ["r1"]))
        #expect(try await bench.charged == 1)
        let source = try await bench.engine.read { try $0.ingestSource("q") }
        #expect(source?.lastError?.contains("NoSuchKey") == true)
    }

    @Test func aNotificationThatNamesNoObjectIsKeptForAPerson() async throws {
        let bad = #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"a%FFb.gz"}}}"#
        let good = #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"c.gz"}}}"#
        let queue = Self.queue([#"{"Records":[\#(bad),\#(good)]}"#])
        let bench = Bench { call in
            call.action.hasPrefix("/logs") ? .object(Array(logRecord("c").utf8), call.range) : try queue(call)
        }

        try await bench.queue().poll()
        try await bench.queue().poll()

        #expect(try await bench.charged == 1)
        #expect(Self.deleted(bench) == ["r0", "r0"])
        let letters = try await bench.deadLetters
        #expect(letters.map(\.kind) == [.usage])
        #expect(letters.map(\.payload) == [Array(bad.utf8)])
    }

    @Test func anObjectThatIsGoneHoldsUpNoOtherOfItsMessage() async throws {
        let records = ["gone.gz", "c.gz"].map {
            #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{"key":"\#($0)"}}}"#
        }
        let queue = Self.queue([#"{"Records":[\#(records.joined(separator: ","))]}"#])
        let bench = Bench { call in
            if call.action == "/logs/gone.gz" { return .s3Error("NoSuchKey", status: 404) }
            return call.action.hasPrefix("/logs")
                ? .object(Array(logRecord("c").utf8), call.range) : try queue(call)
        }

        try await bench.queue().poll()

        #expect(try await bench.charged == 1)
        #expect(Self.deleted(bench) == [])
    }

    @Test func aRegionThatIsNoneEndsAsADeadLetterToo() async throws {
        let elsewhere = Self.notification.replacing("us-east-1", with: "no region")
        let queue = Self.queue([elsewhere], receives: 5)
        let bench = Bench { try queue($0) }

        try await bench.queue().poll()

        #expect(try await bench.deadLetters.map(\.cause).contains { $0.contains("no AWS region") })
        #expect(Self.deleted(bench) == ["r0"])
    }

    @Test(arguments: [nil, HTTPTransportError.tls("broken off")])
    func anAWSThatIsAwayCostsNoMessage(_ broken: HTTPTransportError?) async throws {
        let queue = Self.queue([Self.notification], receives: 99)
        let bench = Bench { call in
            guard call.action.hasPrefix("/logs") else { return try queue(call) }
            if let broken { throw broken }
            return .s3Error("SlowDown", status: 503)
        }
        // The client itself waits between its tries.
        let clock = bench.clock
        let ticking = Task { while !Task.isCancelled { clock.advance(by: .seconds(1)); await Task.yield() } }
        defer { ticking.cancel() }

        await #expect(throws: AWSError.self) { try await bench.queue { $0.visibilitySeconds = 43_200 }.poll() }

        #expect(Self.deleted(bench) == [])
        #expect(try await bench.deadLetters.isEmpty)
    }

    @Test func aMessageThatCannotBeKeptHiddenIsWorkedOnAllTheSame() async throws {
        let queue = Self.queue([Self.notification], receives: 99)
        let bench = Bench()
        bench.answer { call in
            if call.action == "ChangeMessageVisibility" {
                return .json(["__type": "com.amazonaws.sqs#MessageNotInflight", "message": "gone"], status: 400)
            }
            guard call.action.hasPrefix("/logs") else { return try queue(call) }
            // The object is slow: it comes after somebody has tried to keep the message.
            try await eventually {
                bench.clock.advance(by: .seconds(60))
                return !bench.requests("ChangeMessageVisibility").isEmpty
            }
            return .object(Array(logRecord("a").utf8), call.range)
        }

        try await bench.queue().poll()

        #expect(try await bench.charged == 1)
        #expect(try await bench.deadLetters.isEmpty)
        #expect(Self.deleted(bench) == ["r0"])
    }

    @Test func howFarAnObjectWasReadIsForgottenInTheEnd() async throws {
        let queue = Self.queue([Self.notification])
        let bench = Bench { call in
            call.action.hasPrefix("/logs") ? .object(Array(logRecord("a").utf8), call.range) : try queue(call)
        }
        try await bench.queue().poll()
        let known = try await bench.engine.read { try $0.ingestCursor("q", item: "logs/a b=1.gz") }
        #expect(known?.isDone == true)

        bench.answer(Self.queue([logRecord("b")]))
        bench.clock.advance(by: .seconds(31 * 86_400))
        try await bench.queue().poll()
        let forgotten = try await bench.engine.read { try $0.ingestCursor("q", item: "logs/a b=1.gz") }
        #expect(forgotten == nil)
    }

    @Test func aNotificationBringsTheObjectOnce() async throws {
        let object = gzip(logRecord("a") + "\n" + logRecord("b"))
        let queue = Self.queue([Self.notification])
        let bench = Bench { call in
            call.action.hasPrefix("/logs") ? .object(object, call.range) : try queue(call)
        }

        try await bench.queue().poll()
        try await bench.queue().poll()

        #expect(bench.requests("/logs/a%20b%3D1.gz").count == 2)
        #expect(try await bench.charged == 2)
        #expect(try await bench.engine.read { try $0.ingestSource("q") }?.counts.records == 2)
    }

    @Test func requestsSayHowLongToWaitAndHide() async throws {
        let bench = Bench { _ in .json([:]) }
        try await bench.queue {
            $0.visibilitySeconds = 77
            $0.waitSeconds = 3
        }.poll()
        let body = try #require(bench.requests("ReceiveMessage").first?.body)
        #expect(body["VisibilityTimeout"] == 77)
        #expect(body["WaitTimeSeconds"] == 3)
        #expect(body["MaxNumberOfMessages"] == 10)
        #expect(body["QueueUrl"] == "http://127.0.0.1:1/q")
    }
}

@Suite struct QueueMessageTests {
    private static let object = ObjectIngest.Name(bucket: "logs", key: "x y/ü.gz", region: "eu-west-1")
    private static let notification =
        #"{"Records":[{"eventName":"ObjectCreated:Put","awsRegion":"eu-west-1","s3":{"bucket":{"name":"logs"},"#
        + #""object":{"key":"x+y/%C3%BC.gz"}}},{"eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"logs"},"#
        + #""object":{"key":"gone"}}}]}"#
    private static let event =
        #"{"detail-type":"Object Created","source":"aws.s3","region":"eu-west-1","#
        + #""detail":{"bucket":{"name":"logs"},"object":{"key":"x y/ü.gz"}}}"#

    private static func wrapped(_ text: String) -> String {
        JSONValue.object(["Type": "Notification", "TopicArn": "arn", "Message": .string(text)]).jsonString
    }

    @Test(arguments: [notification, event, wrapped(notification), wrapped(event)])
    func objectsAreNamed(_ body: String) {
        #expect(QueueMessage(body, source: "q") == .objects([Self.object]))
    }

    /// "Configuring Amazon SNS notifications for CloudTrail".
    @Test func filesOfCloudTrailAreNamed() {
        let body = #"{"s3Bucket":"trail","s3ObjectKey":["AWSLogs/1/a+b.json.gz","AWSLogs/1/c.json.gz"]}"#
        let names = ["AWSLogs/1/a+b.json.gz", "AWSLogs/1/c.json.gz"].map {
            ObjectIngest.Name(bucket: "trail", key: $0)
        }
        #expect(QueueMessage(body, source: "q") == .objects(names))
        #expect(QueueMessage(Self.wrapped(body), source: "q") == .objects(names))
        #expect(
            QueueMessage(Self.wrapped("CloudTrail validation message."), source: "q")
                == .records([.ignored(reason: "the test that CloudTrail sends to a new topic")]))
    }

    private static func made(_ s3: String) -> String {
        #"{"Records":[{"eventName":"ObjectCreated:Put","eventSource":"aws:s3"\#(s3)}]}"#
    }

    @Test(arguments: [
        made(#","s3":{"bucket":{"name":"logs"},"object":{"key":"a%FFb.gz"}}"#),
        made(#","s3":{"bucket":{"name":"logs"},"object":{"key":"a%zz"}}"#),
        made(#","s3":{"bucket":{"name":"logs"},"object":{"key":""}}"#), made(#","s3":{"object":{"key":"a"}}"#),
        made(#","s3":null"#), made(""), wrapped(made("")),
        #"{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"logs"}}}"#,
        #"{"detail-type":"Object Created","source":"aws.s3"}"#,
    ])
    func anObjectThatIsNotNamedIsUnreadable(_ body: String) {
        guard case .objects(let names, let unreadable) = QueueMessage(body, source: "q") else {
            Issue.record("no notification")
            return
        }
        #expect(names.isEmpty)
        #expect(unreadable.count == 1)
    }

    @Test(arguments: [
        #"{"Records":[{"eventName":"ObjectRemoved:Delete","eventSource":"aws:s3"}]}"#,
        #"{"detail-type":"Object Deleted","source":"aws.s3","detail":{}}"#,
    ])
    func whatTellsOfNoNewObjectIsNothing(_ body: String) {
        #expect(QueueMessage(body, source: "q") == .objects([]))
    }

    @Test(arguments: [logRecord("a"), wrapped(logRecord("a")), #"{"Records":[\#(logRecord("a"))]}"#])
    func recordsAreRead(_ body: String) {
        guard case .records(let records) = QueueMessage(body, source: "q") else {
            Issue.record("no records")
            return
        }
        #expect(records.count == 1)
        #expect(records.allSatisfy { if case .usage = $0 { true } else { false } })
    }

    @Test func theTestOfANewDestinationIsNothing() {
        let body = #"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#
        #expect(
            QueueMessage(body, source: "q")
                == .records([.ignored(reason: "the test that S3 sends to a new destination")]))
    }

    @Test func nonsenseIsKept() {
        guard case .records(let records) = QueueMessage("not json", source: "q"), records.count == 1,
            case .unreadable(let record)? = records.first
        else {
            Issue.record("not kept")
            return
        }
        #expect(record.bytes == Array("not json".utf8))
    }
}
