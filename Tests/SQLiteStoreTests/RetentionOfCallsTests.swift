import Budgets
import Enforcement
import Engine
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// What is known of calls ages out by the hour, and what is gone is never counted again.
@Suite struct RetentionOfCallsTests {
    private static let ana = PrincipalID(account: "111122223333", kind: .user, name: "ana")

    private static func run(_ store: SQLiteStore) async throws -> RetentionReport {
        let clock = WallClock(
            now: { start }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds, sleepUntil: { _ in })
        let retention = Retention(store: store, policy: { RetentionPolicy() }, clock: clock)
        let plan = try await retention.plan(at: start)
        let report = try await retention.run(at: start, by: "test")
        #expect(plan.lines == report.lines)
        return report
    }

    private static func calls(_ hour: Int64, addresses: Int) -> [CallHour] {
        (0..<addresses).map { number in
            CallHour(
                slot: CallSlot(
                    hour: hour, principal: ana, agent: "Boto3/1.34", address: "192.0.2.\(number)",
                    operation: "Converse"),
                sums: CallSums(requests: 1, errors: 0, firstAt: Instant(hour: hour), lastAt: Instant(hour: hour)))
        }
    }

    private static func latency(_ hour: Int64) -> LatencyHour {
        LatencyHour(
            slot: LatencySlot(hour: hour, principal: ana, model: "m"),
            sums: LatencySums(count: 1, milliseconds: 5, longestMilliseconds: 5))
    }

    private static func count(_ store: SQLiteStore, _ table: String) async throws -> Int64 {
        try await store.read { try $0.rows("SELECT count(*) FROM \(table)") { $0.integer(0) }[0] }
    }

    @Test func sumsOfCallsAndLatenciesGoWithThoseOfUsage() async throws {
        try await withStore { store in
            let old = (start - .seconds(801 * 86_400)).hour
            // That hour began 800 days ago or less: some of it is younger.
            let edge = (start - .seconds(800 * 86_400)).hour
            try await store.write { transaction in
                try transaction.savePrincipal(
                    PrincipalRecord(principal: Principal(id: Self.ana), firstSeenAt: start, isDiscovered: true))
                for (hour, addresses) in [(old, 150), (edge, 2), (start.hour, 3)] {
                    try transaction.addCalls(Self.calls(hour, addresses: addresses))
                    try transaction.addLatencies([Self.latency(hour)])
                }
            }

            let report = try await Self.run(store)

            #expect(report.lines[.calls]?.removed == 150)
            #expect(report.lines[.latencies]?.removed == 1)
            #expect(try await Self.count(store, "callHour") == 5)
            #expect(report.lines[.latenciesByTag]?.removed == 1)
            #expect(try await Self.count(store, "latencyHour") == 2)
            #expect(try await Self.count(store, "latencyHourByTag") == 2)
            #expect(try await store.integrityCheck() == [])
        }
    }

    /// More of them lie in one hour than a commit removes.
    @Test func whatIsForgottenIsNeverCountedAgain() async throws {
        try await withStore { store in
            let old = start - .seconds(91 * 86_400)
            let young = start - .seconds(89 * 86_400)
            try await store.write { transaction in
                for number in 0..<1234 {
                    let isNew = try transaction.insertCall("old-\(number)", at: old)
                    #expect(isNew)
                }
                #expect(try transaction.insertCall("young", at: young))
                // Nothing has been forgotten yet, so that what was never seen is new.
                #expect(try transaction.insertCall("ancient", at: start - .seconds(900 * 86_400)))
            }

            #expect(try await Self.run(store).lines[.callEvents]?.removed == 1235)

            try await store.write { transaction in
                let again = try ["old-1", "never seen"].map { try transaction.insertCall($0, at: old) }
                #expect(again == [false, false])
                #expect(try !transaction.insertCall("young", at: young))
                #expect(try transaction.insertCall("young, too", at: young))
            }
            #expect(try await Self.count(store, "callEvent") == 2)
            #expect(try await Self.run(store).lines[.callEvents]?.removed == 0)
        }
    }
}
