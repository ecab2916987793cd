import Budgets
import TestKit
import Testing

@testable import Enforcement

@Suite struct RefusedUseTests {
    /// Whoever delivers a batch again is told what became of it the first time, and nobody gets a letter about money that is
    /// charged.
    @Test func whatWasChargedIsADuplicateAlsoWhereItWouldNotFitAgain() async throws {
        let bench = LedgerBench()
        let uses = (0..<3).map { number in
            var event = use("r\(number)", cents: 1)
            event.tokens = TokenCounts(input: 4_000_000_000_000_000)
            return UsageRecord.usage(event)
        }

        let first = try await bench.meter(uses)
        #expect(first.recorded == 2 && first.unreadable == 1)
        for _ in 0..<2 {
            let again = try await bench.meter(uses)
            #expect(again.duplicates == 2 && again.unreadable == 1 && again.recorded == 0)
        }
        #expect(try await bench.deadLetters.count == 1)
        #expect(try await bench.account().standing.spending.requests == 2)
    }

    /// The clock was ahead when it came first.
    @Test func whatWasChargedIsADuplicateAlsoWhereItLiesAheadByNow() async throws {
        let bench = LedgerBench(at: "2026-11-23T10:00:00Z")
        let event = use("r1", cents: 1, at: "2026-11-23T09:00:00Z")
        try await bench.meter(event)
        bench.move(to: "2026-11-20T10:00:00Z")
        #expect(try await bench.meter(event).duplicates == 1)
        #expect(try await bench.deadLetters.isEmpty)
    }
}
