import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// Events whose clock is wrong, or that somebody has forged.
@Suite struct FutureEventTests {
    private static let key = "BedrockAPIKey-ab12"

    private static func event(
        _ id: String, _ occurrence: PrincipalEvent.Occurrence, of name: String = key,
        at text: String = "2026-11-20T09:00:00Z"
    ) -> UsageRecord {
        .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-east-1", principal: Principal(id: principalID(name)),
                actor: Principal(id: principalID("admin")), occurrence: occurrence, source: "test"))
    }

    /// They must not speak against all that happens until then.
    @Test func anEventOfTheFarFutureCountsAsOfNowAndIsToldOnceADay() async throws {
        let bench = LedgerBench()
        let call = PrincipalEvent.Occurrence.called(BedrockCall(endpoint: "bedrock", operation: "Converse"))
        try await bench.meter([
            Self.event("e1", .created(uniqueID: "AIDA1", tags: [:])),
            Self.event("e2", .deleted, at: "2031-01-01T00:00:00Z"),
            Self.event("e3", .tagged(["Team": "data"]), of: "ana", at: "2031-01-01T00:00:00Z"),
            Self.event("e4", call, of: "ana", at: "2031-01-01T00:00:00Z"),
        ])
        #expect(try await bench.account(Self.key).standing.access.status == .closed)
        #expect(try await bench.store.read { try $0.sightings(SightingQuery()) }.map(\.lastAt) == [bench.now])
        let letters = try await bench.deadLetters
        #expect(letters.map(\.letter.error) == ["Steward.EventInTheFuture"])
        #expect(letters.first?.letter.cause.contains("2031-01-01") == true)

        // Who is made anew in between is there, and what is used is charged to the period of now.
        bench.advance(.seconds(60))
        try await bench.meter([Self.event("e5", .created(uniqueID: "AIDA2", tags: [:]), at: "2026-11-20T10:01:00Z")])
        try await bench.meter(use("r1", Self.key, cents: 4, at: "2026-11-20T10:01:00Z"))
        let account = try await bench.account(Self.key)
        #expect(account.standing.access.status == .active)
        #expect(account.standing.spending.total == dollars("0.04"))
        #expect(account.standing.period.contains(bench.now))

        bench.advance(.seconds(86_400))
        try await bench.meter([Self.event("e6", call, of: "ana", at: "2031-01-01T00:00:00Z")])
        #expect(try await bench.deadLetters.count == 2)
    }
}
