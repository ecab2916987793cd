import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// By what and from where calls came, as CloudTrail tells it, and how long uses took.
@Suite struct CallReportTests {
    private static func call(
        _ id: String, _ name: String = "ana", _ agent: String? = "Boto3/1.34", from address: String? = "192.0.2.1",
        operation: String = "Converse", error: String? = nil, at text: String = "2026-11-20T09:00:00Z"
    ) -> UsageRecord {
        let principal = Principal(id: principalID(name))
        let call = BedrockCall(
            endpoint: "bedrock", operation: operation, errorCode: error, agent: agent, address: address)
        return .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: principal, actor: principal,
                occurrence: .called(call), source: "test"))
    }

    private func report(
        _ bench: LedgerBench, _ dimensions: Set<CallDimension>,
        _ change: @escaping @Sendable (inout CallReport.Request) -> Void = { _ in }
    ) async throws -> CallReport {
        var request = CallReport.Request(
            window: ReportWindow(from: day("2026-11-20"), to: day("2026-11-22")), dimensions: dimensions)
        change(&request)
        return try await bench.store.read { [request] in try CallReport.read(request, $0) }
    }

    private func told(_ report: CallReport) -> [String] {
        report.rows.map { row in
            let group = row.group
            let names = [
                row.slice?.label, group.principal?.id.name, group.team, group.agent, group.address, group.operation,
            ]
            return (names.compactMap(\.self) + ["\(group.sums.requests)", "\(group.sums.errors)"])
                .joined(separator: " ")
        }
    }

    @Test func aCallIsCountedOnceHoweverOftenItIsDelivered() async throws {
        let bench = LedgerBench()
        let batch = [
            Self.call("c1"), Self.call("c2", at: "2026-11-20T09:30:00Z"), Self.call("c3", "bob", "aws-cli/2.15"),
            Self.call("c4", error: "ThrottlingException"), Self.call("c1"),
        ]
        try await bench.meter(batch)
        try await bench.meter(batch.reversed())

        let report = try await report(bench, [.userAgent])

        #expect(told(report) == ["Boto3/1.34 3 1", "aws-cli/2.15 1 0"])
        #expect(report.rows.first?.group.sums.lastAt == day("2026-11-20T09:30:00Z"))
        #expect(report.total?.requests == 4)
        #expect(try await self.report(bench, [.userAgent]) { $0.limit = 1 }.isCut)
    }

    @Test func callsAreAddedUpByWhatIsAskedFor() async throws {
        let bench = LedgerBench(at: "2026-11-21T12:00:00Z")
        try await bench.meter([
            Self.call("c1"), Self.call("c2", from: "2001:db8::7", operation: "InvokeModel"), Self.call("c3"),
            Self.call("c4", "bob", nil, from: nil, at: "2026-11-21T10:00:00Z"),
        ])

        #expect(try await told(report(bench, [.address])) == ["192.0.2.1 2 0", "2001:db8::7 1 0", "unknown 1 0"])
        #expect(
            try await told(report(bench, [.principal, .operation])) == [
                "ana Converse 2 0", "ana InvokeModel 1 0", "bob Converse 1 0",
            ])
        let days = try await report(bench, [.userAgent]) { $0.step = .day }
        #expect(told(days) == ["2026-11-20 Boto3/1.34 3 0", "2026-11-21 unknown 1 0"])
        let bob = try await report(bench, [.address]) { $0.principal = principalID("bob") }
        #expect(told(bob) == ["unknown 1 0"])
        #expect(bob.total?.requests == 1)
        let none = try await report(bench, []) {
            $0.window = ReportWindow(from: day("2026-10-01"), to: day("2026-10-02"))
        }
        #expect(none.rows.isEmpty && none.total == nil)
        await #expect(throws: ReportError.tooManySlices) {
            try await self.report(bench, []) {
                $0.window = ReportWindow(from: day("2020-01-01"), to: day("2026-11-22"))
                $0.step = .hour
            }
        }
    }

    /// Whoever is refused need not be somebody with a budget; whoever has one is counted, and no leak.
    @Test func aCallThatFailedShowsNobodyWhoHasAccess() async throws {
        let bench = LedgerBench()
        let refused = try await bench.meter([Self.call("c1", "eve", error: "AccessDeniedException")])

        #expect(refused.newPrincipals == 0)
        #expect(try await bench.store.read { try $0.principal(principalID("eve")) } == nil)
        #expect(try await report(bench, [.principal]).rows.isEmpty)
        #expect(try await bench.store.read { try $0.sightings(SightingQuery()) }.isEmpty)

        try await bench.meter(use("r1", cents: 5))
        try await bench.alter {
            $0.standing.access = Access(status: .suspended, since: day("2026-11-20T08:00:00Z"))
        }
        try await bench.meter([Self.call("c2", error: "AccessDeniedException")])
        #expect(try await bench.noticeKinds == [])
        #expect(try await told(report(bench, [.principal])) == ["ana 1 1"])
        try await bench.meter([Self.call("c3")])
        #expect(try await bench.noticeKinds == [.enforcementLeak])
    }

    @Test func addressesAreKeptOnlyWhereTheyMayBe() async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.keepsAddresses = false }
        try await bench.meter([Self.call("c1"), Self.call("c2", from: "192.0.2.2")])
        #expect(try await told(report(bench, [.address, .userAgent])) == ["Boto3/1.34 not-kept 2 0"])
    }

    // MARK: Latencies

    private func timed(_ id: String, _ milliseconds: Int64?, by name: String = "ana", at text: String) -> UsageEvent {
        var event = use(id, name, cents: 1, at: text)
        event.latencyMilliseconds = milliseconds
        return event
    }

    @Test func latenciesStandBesideWhatTookThem() async throws {
        let bench = LedgerBench(at: "2026-11-21T12:00:00Z")
        let first = timed("r1", 100, at: "2026-11-20T09:00:00Z")
        try await bench.meter(
            first, timed("r2", 401, at: "2026-11-20T09:10:00Z"), timed("r3", nil, at: "2026-11-20T09:20:00Z"),
            timed("r4", 7, by: "bob", at: "2026-11-21T09:00:00Z"),
            timed("r5", nil, by: "cy", at: "2026-11-21T09:00:00Z"))
        // The same use again takes no time.
        try await bench.meter(first)

        func usage(
            _ dimensions: Set<UsageDimension>,
            _ change: @escaping @Sendable (inout UsageReport.Request) -> Void = { _ in }
        ) async throws -> UsageReport {
            var request = UsageReport.Request(
                window: ReportWindow(from: day("2026-11-20"), to: day("2026-11-22")), dimensions: dimensions)
            change(&request)
            return try await bench.store.read { [request] in try UsageReport.read(request, $0) }
        }
        let principals = try await usage([.principal])
        let means = principals.rows.map { "\($0.group.principal?.id.name ?? "") \($0.latency?.meanMilliseconds ?? -1)" }
        #expect(means == ["ana 251", "bob 7", "cy -1"])
        #expect(principals.rows.first?.latency?.longestMilliseconds == 401)
        #expect(principals.rows.first?.latency?.count == 2)
        #expect(principals.totalLatency == LatencySums(count: 3, milliseconds: 508, longestMilliseconds: 401))
        let hours = try await usage([.model]) { $0.step = .hour }
        #expect(hours.rows.map(\.latency?.longestMilliseconds) == [401, 7])
        // They are not told apart by operation.
        let operations = try await usage([.operation])
        #expect(operations.rows.map(\.latency) == [nil] && operations.totalLatency == nil)
        let cy = try await usage([.principal]) { $0.principal = principalID("cy") }
        #expect(cy.rows.map(\.latency) == [nil] && cy.totalLatency == nil)
        // The ledger's single use does not keep it.
        let kept = try #require(try await bench.store.read { try $0.usage(first.key) })
        #expect(kept.event.latencyMilliseconds == nil)
    }

    @Test func aMeanIsRoundedHalfUp() {
        var sums = LatencySums()
        #expect(sums.meanMilliseconds == nil)
        for latency in [1, 2] as [Int64] { sums.add(milliseconds: latency) }
        #expect(sums.meanMilliseconds == 2)
        sums.add(milliseconds: 1)
        #expect(sums.meanMilliseconds == 1)
        sums.add(LatencySums(count: 1, milliseconds: .max, longestMilliseconds: .max))
        #expect(sums.milliseconds == .max)
    }
}
