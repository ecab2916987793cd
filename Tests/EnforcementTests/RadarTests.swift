import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime
import Words

@testable import Enforcement

@Suite struct RadarTests {
    private struct Broken: Error {}

    private static func finding(_ severity: Notice.Severity, _ subject: String) -> RadarFinding {
        RadarFinding(.unknown, severity, subject: subject, .quoted(subject), advice: .quoted(""))
    }

    @Test func aProbeThatFailsHidesNoOther() async {
        let radar = Radar(probes: [
            RadarProbe(.quoted("a")) { _ in [Self.finding(.info, "hint")] },
            RadarProbe(Wording("b", es: "be")) { _ in throw Broken() },
            RadarProbe(.quoted("c")) { _ in [Self.finding(.critical, "fire")] },
        ])
        let found = await radar.look(at: day("2026-11-20"))
        #expect(found.map(\.subject) == ["fire", "b", "hint"])
        #expect(found[1].kind == .unknown && found[1].severity == .warning)
        #expect(
            found[1].message
                == Wording("b could not be looked at: Broken()", es: "no se ha podido mirar: be (Broken())"))
    }

    @Test func theLedgerTellsOfUnpricedModelsAndOfThoseWithoutABudget() async throws {
        let bench = LedgerBench()
        try await bench.meter(
            use("r1", cents: 4), use("r2", cents: 4, model: "odd.model"), use("r3", "ben", cents: 4))
        // Somebody has said so, though it is the limit that everybody gets.
        try await bench.alter("ben") { $0.hasOwnTerms = true }
        // The default is another one than it was when ana was found.
        bench.configure { $0.defaultBudget.limit = dollars("7") }
        let store = bench.store
        let probe = RadarProbe.ledger { body in
            try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
        }
        let found = await Radar(probes: [probe]).look(at: bench.now)
        #expect(found.map(\.kind) == [.unpricedModel, .noOwnBudget])
        #expect(found.map(\.subject) == ["odd.model", principalID("ana").description])
        bench.advance(.seconds(30 * 86_400))
        let later = await Radar(probes: [probe]).look(at: bench.now)
        #expect(later.map(\.kind) == [.noOwnBudget])
    }

    @Test func unloggedCallsAndSilentSourcesAreUrgent() async {
        let radar = Radar(probes: [
            .unloggedCalls { since in
                #expect(since == day("2026-11-13"))
                return [
                    UnloggedCalls(principal: "ana", endpoint: "bedrock-mantle.amazonaws.com", calls: 3),
                    UnloggedCalls(principal: "ben", endpoint: "bedrock-mantle.amazonaws.com", calls: 0),
                ]
            },
            .silentSources { _ in
                let queue = IngestSource(origin: IngestOrigin(name: "queue", kind: .sqs), since: day("2026-10-01"))
                return [SilentSource(source: queue, since: day("2026-11-01"), busy: ["logs"])]
            },
        ])
        let found = await radar.look(at: day("2026-11-20"))
        #expect(found.map(\.kind) == [.unloggedCalls, .silentSource])
        #expect(found.allSatisfy { $0.severity == .critical })
        #expect(found[0].message.english.contains("3 times") && found[0].advice.english.contains("bedrock-mantle:*"))
    }

    /// What is not listed is counted, so that nobody takes the list for all of it.
    @Test(arguments: [(50, ""), (51, "and 1 more"), (999, "and 949 more"), (1000, "and at least 950 more")])
    func aLongListSaysHowManyMoreThereAre(_ count: Int, _ more: String) async {
        let calls = (0..<count).map { UnloggedCalls(principal: "p\($0)", endpoint: "bedrock-mantle", calls: 1) }

        let found = await Radar(probes: [.unloggedCalls { _ in calls }]).look(at: day("2026-11-20"))

        #expect(found.count == (more.isEmpty ? 50 : 51))
        #expect(found.allSatisfy { $0.kind == .unloggedCalls && $0.severity == .critical })
        if !more.isEmpty { #expect(found.last?.message.english == "unlogged-calls: \(more)") }
    }

    /// Names and services stand in both languages, and nothing else is the same.
    @Test func findingsAreToldInSpanishToo() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 4, model: "odd.model"))
        let store = bench.store
        let found = await Radar(probes: [
            .ledger { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            },
            .unloggedCalls { _ in [UnloggedCalls(principal: "ana", endpoint: "bedrock-mantle.x", calls: 12_345)] },
        ]).look(at: bench.now)

        #expect(found.map(\.kind) == [.unloggedCalls, .unpricedModel, .noOwnBudget])
        for finding in found { #expect(finding.message.english != finding.message.spanish) }
        #expect(
            found[0].message.spanish
                == "ana ha llamado a bedrock-mantle.x 12.345 veces en una semana, sin que lo muestre ningún registro de "
                + "invocaciones ni lo cuente ningún presupuesto")
        #expect(found[1].message.spanish.hasPrefix("odd.model se ha usado 1 vez en una semana sin precio conocido: "))
        #expect(found[1].message.spanish.hasSuffix("\u{A0}US$ a tarifas seguras"))
        _ = try await bench.recordBypass(Radar.json(found, at: bench.now))
        let data = try #require(try await bench.notices.last?.data)
        #expect(Wording.list("findings", in: data) == [found[0].message, found[1].message])
    }

    /// Whoever calls chooses the Region: logging may be off where nobody expects any use.
    @Test func regionsInUseAreThoseThatCloudTrailTellsOf() async throws {
        let bench = LedgerBench()
        func call(
            _ id: String, _ region: String, account: String = "111122223333", endpoint: String = "bedrock",
            at text: String = "2026-11-20T09:00:00Z"
        ) -> UsageRecord {
            let caller = Principal(id: PrincipalID(account: account, kind: .user, name: "ana"))
            return .principal(
                PrincipalEvent(
                    id: id, at: day(text), region: region, principal: caller, actor: caller,
                    occurrence: .called(BedrockCall(endpoint: endpoint, operation: "Converse")), source: "trail"))
        }
        try await bench.meter([
            call("1", "us-west-2"), call("2", "eu-south-1"), call("3", "us-west-2"),
            call("4", "sa-east-1", account: "444455556666"), call("5", "ap-south-1", endpoint: "bedrock-mantle"),
            call("6", "ca-central-1", at: "2026-11-01T09:00:00Z"), call("7", "evil.example/us-east-1"),
        ])
        let since = day("2026-11-13T10:00:00Z")
        let own = try await bench.store.read { try $0.regionsInUse(of: "111122223333", since: since) }
        #expect(own == ["eu-south-1", "us-west-2"])
        let all = try await bench.store.read { try $0.regionsInUse(of: nil, since: since) }
        #expect(all == ["eu-south-1", "sa-east-1", "us-west-2"])
    }

    @Test func theSameFindingsAreToldOnceADayAndHintsNever() async throws {
        let bench = LedgerBench()
        func tell(_ findings: [RadarFinding]) async throws -> JSONValue {
            let report = Radar.json(findings, at: bench.now)
            return try await bench.recordBypass(report)
        }
        #expect(try await tell([Self.finding(.info, "hint")]) == ["urgent": 0])
        #expect(try await bench.notices == [])
        for _ in 0..<2 { #expect(try await tell([Self.finding(.warning, "a")]) == ["urgent": 1]) }
        #expect(try await bench.noticeKinds == [.bypass])
        _ = try await tell([Self.finding(.warning, "a"), Self.finding(.critical, "b")])
        #expect(try await bench.notices.map(\.severity) == [.warning, .critical])
        bench.advance(.seconds(86_400))
        _ = try await tell([Self.finding(.warning, "a")])
        #expect(try await bench.notices.count == 3)
    }
}

extension LedgerBench {
    fileprivate func recordBypass(_ report: JSONValue) async throws -> JSONValue {
        let context = TaskContext(
            execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: "run-1",
            stateMachine: "bypass-radar", state: "State", resource: "activity:x", retryCount: 0, idempotencyKey: "k",
            now: now, deadline: nil, heartbeat: {})
        return try await transact { desk in try StepRun(desk, context, [:]).recordBypass(report) }
    }
}
