import Budgets
import Engine
import Enforcement
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Ingestion

@Suite struct SourceHealthTests {
    private static func origin(_ name: String, _ kind: IngestKind = .sqs) -> IngestOrigin {
        IngestOrigin(name: name, kind: kind)
    }

    private static func silences(_ bench: Bench) async throws -> Int {
        try await bench.engine.read { try $0.notices(limit: 100) }.filter { $0.kind == .ingestSilent }.count
    }

    @Test func aSilenceIsToldOnceAndTheNextOneAgain() async throws {
        let bench = Bench()
        try await bench.service.expect([Self.origin("a"), Self.origin("b")])
        _ = try await bench.service.meter([.ignored(reason: "x")], from: Self.origin("a"))
        for _ in 0..<4 {
            bench.clock.advance(by: .seconds(700))
            _ = try await bench.service.meter([.ignored(reason: "x")], from: Self.origin("b"))
            try await bench.service.checkIngest()
        }
        #expect(try await Self.silences(bench) == 1)
        #expect(try await bench.service.ingestOverview().silent.map(\.source.origin.name) == ["a"])

        _ = try await bench.service.meter([.ignored(reason: "x")], from: Self.origin("a"))
        #expect(try await bench.service.ingestOverview().silent.isEmpty)
        bench.clock.advance(by: .seconds(2000))
        _ = try await bench.service.meter([.ignored(reason: "x")], from: Self.origin("b"))
        try await bench.service.checkIngest()
        #expect(try await Self.silences(bench) == 2)
    }

    /// The book in force is made anew now and then; what is charged goes by the rows of the commit.
    @Test func aModelThatWasJustNamedIsChargedAsThat() async throws {
        let bench = Bench()
        let profile = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"
        _ = try await bench.service.transact { desk in
            try desk.nameModel(profile, as: ModelID("anthropic.claude-3-haiku-20240307-v1:0"), by: "operator:ana")
        }
        let ana = PrincipalID(account: "111122223333", kind: .user, name: "ana")
        let use = UsageEvent(
            key: UsageKey(account: "111122223333", region: "us-east-1", requestID: "r1"), at: bench.clock.now,
            principal: Principal(id: ana), model: ModelID(profile), operation: "Converse",
            tokens: TokenCounts(input: 1_000_000), source: "a")

        _ = try await bench.service.meter([.usage(use)], from: Self.origin("a"))

        let account = try await bench.engine.read { try $0.account(BudgetScope.principal(ana).budgetID) }
        #expect(account?.standing.spending == Spending(total: NanoDollars(rawValue: 250_000_000), requests: 1))
    }

    @Test func aSourceThatNeverBroughtAnythingIsMissed() async throws {
        let bench = Bench()
        try await bench.service.expect([Self.origin("never")])
        bench.clock.advance(by: .seconds(1801))
        _ = try await bench.service.meter([.ignored(reason: "x")], from: Self.origin("api", .api))
        #expect(try await bench.service.checkIngest().map(\.source.origin.name) == ["never"])
    }

    @Test func whatASourceBringsIsCounted() async throws {
        let bench = Bench()
        let bytes = Array((logRecord("a") + logRecord("a") + "nonsense").utf8)
        try await bench.desk.meter(
            QueueMessage(String(decoding: bytes, as: UTF8.self), source: "a").records, Self.origin("a"), nil)
        try await bench.service.noteTrouble("no access", with: Self.origin("a"))

        let source = try #require(try await bench.service.ingestOverview().sources.first)
        #expect(source.counts.records == 3)
        #expect(source.counts.recorded == 1)
        #expect(source.counts.duplicates == 1)
        #expect(source.counts.unreadable == 1)
        #expect(source.lastRecordAt == Instant(iso8601: "2026-11-20T09:59:00Z"))
        #expect(source.lastReceivedAt == bench.clock.now)
        #expect(source.lastError == "no access")
    }

    @Test func oneSourceThatFailsHoldsUpNoOther() async throws {
        let bench = Bench { call in
            guard call.body["QueueUrl"] == "http://127.0.0.1:1/good" else {
                return .json(["__type": "AccessDenied", "message": "no"], status: 403)
            }
            guard call.action == "ReceiveMessage" else { return .json(["Successful": []]) }
            return .json([
                "Messages": [["MessageId": "m", "ReceiptHandle": "r", "Body": .string(logRecord("a"))]]
            ])
        }
        let sources = ["bad", "good"].map {
            SourceSettings(name: $0, place: .queue(QueueSettings(url: "http://127.0.0.1:1/\($0)")))
        }
        let reader = SourceReader(
            sources: sources, client: try bench.client, desk: bench.desk, clock: bench.clock.wallClock,
            randomFraction: { 0.5 }, logger: Bench.quiet)
        let running = Task { await reader.run() }

        try await eventually("the good one is charged") {
            try await bench.charged == 1 && bench.requests("DeleteMessageBatch").count > 1
        }
        try await eventually("the bad one is noted") {
            try await bench.engine.read { try $0.ingestSource("bad") }?.lastError?.contains("AccessDenied") == true
        }
        running.cancel()
        await running.value
    }
}

extension QueueMessage {
    var records: [UsageRecord] { if case .records(let records) = self { records } else { [] } }
}
