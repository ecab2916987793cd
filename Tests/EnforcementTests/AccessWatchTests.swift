import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// Who changes what a suspended principal may do is found out as soon as CloudTrail tells of it.
@Suite struct AccessWatchTests {
    private static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, by actor: String = "mallory",
        at text: String = "2026-11-20T10:00:30Z"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: Principal(id: principalID("ana")),
                actor: Principal(id: principalID(actor)), occurrence: occurrence, source: "test"))
    }

    private static let denyDeleted = PrincipalEvent.Occurrence.policyChanged(
        PolicyChange(operation: "DeleteUserPolicy", policy: "StewardBedrockDeny"))

    private func bench(_ status: AccessStatus = .suspended, isAtWork: Bool = false) async throws -> LedgerBench {
        let bench = LedgerBench(policy: SuspensionPolicy(own: principalID("steward")))
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        if !isAtWork { try await bench.endWorkflows() }
        let since = bench.now
        try await bench.alter { $0.standing.access = Access(status: status, since: since) }
        bench.advance(.seconds(60))
        return bench
    }

    private func asked(_ bench: LedgerBench) -> [BusEvent] {
        bench.published.filter { $0.detailType == "Suspended Access Changed" }
    }

    @Test(
        arguments: [
            .policyChanged(PolicyChange(operation: "DeleteUserPolicy", policy: "StewardBedrockDeny")),
            .credentialChanged(id: "ACCA1", operation: "UpdateServiceSpecificCredential"),
            .credentialCreated(Credential(kind: .bedrockKey, id: "ACCA2")),
        ] as [PrincipalEvent.Occurrence])
    func aChangeBehindASuspensionIsLookedAtAtOnce(_ occurrence: PrincipalEvent.Occurrence) async throws {
        let bench = try await bench()
        try await bench.meter([Self.event("e1", occurrence)])

        let asked = asked(bench)
        #expect(asked.map { $0.detail["budgetId"]?.stringValue ?? "" } == [budgetID("ana").rawValue])
        // The comparison of that one finds it at rest.
        let listed = try await bench.step("list-suspended", ["only": .string(budgetID("ana").rawValue)])
        #expect(listed["accounts"]?[0]?["userName"] == "ana")
    }

    /// What was changed after a look, and in its minute, would go unseen for hours.
    @Test func manyChangesAreLookedAtOnceAMinute() async throws {
        let bench = try await bench()
        for number in 0..<5 { try await bench.meter([Self.event("e\(number)", Self.denyDeleted)]) }
        #expect(asked(bench).map { $0.detail["lookAt"]?.stringValue } == [nil, "2026-11-20T10:02:00.000Z"])
        bench.advance(.seconds(60))
        try await bench.meter([Self.event("e9", Self.denyDeleted)])
        #expect(asked(bench).last?.detail["lookAt"] == "2026-11-20T10:03:00.000Z")
        #expect(asked(bench).count == 3)
    }

    /// A comparison passes over whom a workflow is at work on.
    @Test func aChangeWhileTheSuspensionComesToItsEndIsLookedAtAfterwards() async throws {
        let bench = try await bench(isAtWork: true)
        try await bench.meter([Self.event("e1", Self.denyDeleted)])
        #expect(asked(bench).map { $0.detail["lookAt"]?.stringValue } == ["2026-11-20T10:02:00.000Z"])
    }

    @Test func whatStewardDidOrWhatWasBeforeIsNoReason() async throws {
        let bench = try await bench()
        try await bench.meter([
            Self.event("e1", Self.denyDeleted, by: "steward"),
            Self.event("e2", Self.denyDeleted, at: "2026-11-20T09:59:00Z"),
        ])
        #expect(asked(bench).isEmpty)
    }

    @Test(arguments: AccessStatus.allCases.filter { $0 != .suspended })
    func whoIsNotSuspendedIsNotLookedAt(_ status: AccessStatus) async throws {
        let bench = try await bench(status)
        try await bench.meter([Self.event("e1", Self.denyDeleted)])
        #expect(asked(bench).isEmpty)
    }
}
