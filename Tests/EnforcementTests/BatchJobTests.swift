import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement
import Words

/// Batch jobs are charged once, when it is known who made them and what they used, in whatever order that comes.
@Suite struct BatchJobTests {
    private static let arn = "arn:aws:bedrock:eu-west-1:111122223333:model-invocation-job/abc123def456"

    private static func job(
        _ id: String = "e1", arn: String = arn, at text: String = "2026-11-20T08:00:00Z"
    ) -> UsageRecord {
        let call = BedrockCall(endpoint: "bedrock", operation: "CreateModelInvocationJob")
        return .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "eu-west-1",
                principal: Principal(id: principalID("ana")), actor: Principal(id: principalID("ana")),
                occurrence: .jobStarted(BedrockJob(kind: .batch, call: call, arn: arn, model: "acme.a")),
                source: "trail"))
    }

    /// Two million tokens at a dollar a million, and half of that for a batch.
    private static func output(_ tokens: Int64 = 2_000_000, at text: String? = "2026-11-20T09:30:00Z") -> UsageRecord {
        .batchOutput(
            BatchOutput(
                jobID: "abc123def456", inputTokens: tokens, outputTokens: 0, records: 1000, endedAt: text.map(day),
                source: "jobs", place: "out/abc123def456/manifest.json.out"))
    }

    @Test(arguments: [[job(), output()], [output(), job()]], [true, false])
    func aJobIsChargedToItsCreatorInEitherOrder(_ records: [UsageRecord], _ together: Bool) async throws {
        let bench = LedgerBench()
        if together {
            try await bench.meter(records)
        } else {
            for record in records { try await bench.meter([record]) }
        }

        let account = try await bench.account()
        #expect(account.standing.spending.total == dollars("1.00"))
        #expect(account.standing.access.status == .grace)
        let key = UsageKey(account: "111122223333", region: "eu-west-1", requestID: Self.arn)
        let found = try await bench.store.read { transaction in try transaction.usage(key) }
        let usage = try #require(found)
        #expect(usage.event.tier == .batch && usage.event.isJobTotal)
        #expect(usage.event.at == day("2026-11-20T09:30:00Z"))
        #expect(usage.charge.basis == .listed)
    }

    /// Whose clock is wrong is paid for all the same, in the period of now.
    @Test func aJobOfTheFarFutureIsChargedToThePeriodOfNow() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.job(at: "2031-01-01T00:00:00Z"), Self.output(at: "2031-01-02T00:00:00Z")])
        let account = try await bench.account()
        #expect(account.standing.spending.total == dollars("1.00"))
        #expect(account.standing.period.contains(bench.now))
        #expect(try await bench.deadLetters.map(\.letter.error) == ["Steward.EventInTheFuture"])
    }

    @Test func itIsChargedOnceHoweverOftenItComes() async throws {
        let bench = LedgerBench()
        for number in 0..<4 { try await bench.meter([Self.output(), Self.job("e\(number % 2)"), Self.output()]) }
        #expect(try await bench.account().standing.spending.total == dollars("1.00"))
        #expect(try await bench.audit.filter { $0.action == "bedrock.job-charged" }.count == 1)
        #expect(try await bench.deadLetters.isEmpty)
    }

    @Test func aJobOfNobodyIsReportedUntilItsCreatorIsKnown() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.output()])
        let store = bench.store
        let radar = Radar(probes: [
            .unattributedBatchJobs { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            }
        ])
        #expect(await radar.look(at: bench.now).map(\.kind) == [.unattributedBatch])
        #expect(try await bench.audit.map(\.action) == ["bedrock.job-unattributed"])
        let counts = try await bench.store.read { try $0.ingestCounts() }
        #expect(counts.first { $0.name == "batch-unattributed" }?.count == 1)

        try await bench.meter([Self.job()])
        #expect(await radar.look(at: bench.now).isEmpty)
        #expect(try await bench.account().standing.spending.total == dollars("1.00"))
    }

    /// Whoever makes a job chooses where its output goes: one that no source brings is on the radar, for a week.
    @Test func aJobWhoseOutputNeverComesIsReported() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.job()])
        let store = bench.store
        let radar = Radar(probes: [
            .unchargedBatchJobs { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            }
        ])
        #expect(await radar.look(at: day("2026-11-22T07:59:59Z")).isEmpty)
        let found = await radar.look(at: day("2026-11-22T08:00:00Z"))
        #expect(found.map(\.kind) == [.unchargedBatch])
        #expect(found.first?.subject == "abc123def456")
        #expect(found.first?.message.english.contains("ana") == true)
        #expect(await radar.look(at: day("2026-11-29T08:00:00Z")).isEmpty)

        try await bench.meter([Self.output()])
        #expect(await radar.look(at: day("2026-11-22T08:00:00Z")).isEmpty)
    }

    /// A user that is given another name leaves no job behind, neither for its budget nor for the radar.
    @Test func aRenamedCreatorPaysUnderItsNewName() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.job()])
        try await bench.meter([
            .principal(
                PrincipalEvent(
                    id: "e2", at: day("2026-11-20T08:30:00Z"), region: "us-east-1",
                    principal: Principal(id: principalID("ana")), actor: Principal(id: principalID("admin")),
                    occurrence: .renamed(to: "bob", path: nil), source: "trail"))
        ])
        let store = bench.store
        let radar = Radar(probes: [
            .unchargedBatchJobs { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            }
        ])
        #expect(await radar.look(at: day("2026-11-22T08:00:00Z")).first?.message.english.contains("bob") == true)

        try await bench.meter([Self.output()])

        #expect(try await bench.account("bob").standing.spending.total == dollars("1.00"))
        #expect(try await bench.account().standing.access.status == .closed)
    }

    @Test func anotherCountAfterTheChargeIsKeptForAPerson() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.job(), Self.output()])
        try await bench.meter([Self.output(3_000_000)])
        #expect(try await bench.account().standing.spending.total == dollars("1.00"))
        #expect(try await bench.deadLetters.first?.letter.cause.contains("2000000") == true)
    }

    @Test func aJobThatCanNotBePricedIsNotChargedUntilItCan() async throws {
        let bench = LedgerBench()
        for _ in 0..<2 { try await bench.meter([Self.job(), Self.output(Int64.max)]) }
        #expect(try await bench.deadLetters.map(\.letter.cause) == [MoneyError.overflow.description])
        #expect(try await !bench.audit.contains { $0.action == "bedrock.job-charged" })

        try await bench.meter([Self.output()])
        #expect(try await bench.account().standing.spending.total == dollars("1.00"))
        #expect(try await bench.audit.filter { $0.action == "bedrock.job-charged" }.count == 1)
        #expect(try await bench.deadLetters.count == 1)
    }

    @Test func withoutATimeItIsChargedNow() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.job(), Self.output(at: nil)])
        #expect(try await bench.account().standing.spending.total == dollars("1.00"))
    }

    @Test func otherJobsAreNotCharged() async throws {
        let bench = LedgerBench()
        let call = BedrockCall(endpoint: "bedrock", operation: "StartAsyncInvoke")
        try await bench.meter([
            .principal(
                PrincipalEvent(
                    id: "e1", at: day("2026-11-20T08:00:00Z"), region: "eu-west-1",
                    principal: Principal(id: principalID("ana")), actor: nil,
                    occurrence: .jobStarted(BedrockJob(kind: .invocation, call: call, arn: Self.arn, model: "acme.a")),
                    source: "trail")), Self.output(),
        ])
        #expect(try await bench.account().standing.spending.total == .zero)
    }
}
