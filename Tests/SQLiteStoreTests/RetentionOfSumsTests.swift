import Budgets
import Enforcement
import Engine
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// Sums and traces age out, too: rows that have no number of their own.
@Suite struct RetentionOfSumsTests {
    private static let ana = PrincipalID(account: "111122223333", kind: .user, name: "ana")
    private static let old = start - .seconds(801 * 86_400)

    private static func run(_ store: SQLiteStore) async throws -> RetentionReport {
        let clock = WallClock(
            now: { start }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds, sleepUntil: { _ in })
        let retention = Retention(store: store, policy: { RetentionPolicy() }, clock: clock)
        let plan = try await retention.plan(at: start)
        let report = try await retention.run(at: start, by: "test")
        #expect(plan.lines == report.lines)
        return report
    }

    private static func hours(_ hour: Int64, operations: Int) -> [UsageHour] {
        (0..<operations).map { number in
            UsageHour(
                slot: UsageSlot(
                    hour: hour, principal: ana, model: "m", region: "us-east-1", operation: "Operation\(number)"),
                sums: UsageSums(requests: 1, cost: NanoDollars(rawValue: 7)))
        }
    }

    private static func count(_ store: SQLiteStore, _ table: String, _ condition: String = "1") async throws -> Int64 {
        try await store.read {
            try $0.rows("SELECT count(*) FROM \(table) WHERE \(condition) LIMIT 1") { $0.integer(0) }[0]
        }
    }

    /// More of them lie in one hour than one commit removes, and the hour that is not wholly old stays.
    @Test func hoursOfPrincipalsGoAndThoseOfModelsStay() async throws {
        try await withStore { store in
            let edge = (start - .seconds(800 * 86_400)).hour
            try await store.write { transaction in
                try transaction.savePrincipal(
                    PrincipalRecord(principal: Principal(id: Self.ana), firstSeenAt: Self.old, isDiscovered: true))
                try transaction.addUsageHours(Self.hours(Self.old.hour, operations: 1234))
                try transaction.addUsageHours(Self.hours(edge, operations: 2))
                try transaction.addUsageHours(Self.hours(start.hour, operations: 3))
            }

            let lines = try await Self.run(store).lines
            let line = try #require(lines[.hours])

            // The edge's hour began 800 days ago or less: some of it is younger.
            #expect(line.removed == 1234)
            #expect(line.rows == 1234)
            #expect(lines[.hoursByTag] == line)
            #expect(try await Self.count(store, "usageHour") == 5)
            #expect(try await Self.count(store, "usageHourByTag") == 5)
            #expect(try await Self.count(store, "usageHourTotal") == 1239)
            #expect(try await Self.run(store).lines[.hours]?.removed == 0)
        }
    }

    @Test(arguments: [RetentionKind.hours, .callEvents, .fires, .unreadable])
    func whatIsTooYoungIsNotLookedThrough(_ kind: RetentionKind) async throws {
        try await withStore { store in
            try await store.write { transaction in
                try transaction.savePrincipal(
                    PrincipalRecord(principal: Principal(id: Self.ana), firstSeenAt: start, isDiscovered: true))
                try transaction.addUsageHours(Self.hours(start.hour, operations: 3))
                _ = try transaction.insertCall("call", at: start)
                _ = try transaction.insertFire(
                    ScheduleFire(workflow: "monitor", nominal: start, firedAt: start, result: .started))
                _ = try transaction.insertUnreadable(source: "s", fingerprint: 1, at: start)
            }
            let next = try await store.read {
                try $0.expired(kind, before: start - .seconds(7200), after: 0, window: 10).next
            }
            #expect(next == nil)
        }
    }

    @Test func periodsThatAreTooYoungAreNotRead() async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                let bunches = try transaction.bunches(of: .periods, before: start)
                let sql = "SELECT count(*) FROM budgetPeriod WHERE \(bunches.isInWindow) AND \(bunches.isOld)"
                return try transaction.rows("EXPLAIN QUERY PLAN " + sql, [.integer(0), .integer(0), .integer(9)]) {
                    $0.text(3)
                }
            }
            #expect(plan.contains { $0.contains("SEARCH budgetPeriod") && $0.contains("(budget=? AND start<?)") })
        }
    }

    @Test func endedPeriodsGoAndTheOneThatABudgetStandsInStays() async throws {
        try await withStore { store in
            let account = try await store.write { transaction in
                let id = try ExecutionStoreConformance<SQLiteStore>.sampleAccount(transaction)
                return try #require(try transaction.account(id))
            }
            try await store.write { transaction in
                for (days, spent) in [(900, 1), (801, 2), (799, 3), (1, 4)] as [(Int, Int64)] {
                    let from = start - .seconds(days * 86_400)
                    let period = Period(start: from - .seconds(60), end: from)
                    try transaction.saveSpending(
                        PeriodSpending(
                            budget: account.id, period: period, spending: Spending(total: NanoDollars(rawValue: spent)))
                    )
                }
                var idle = account
                // Nobody has used anything since this period: the budget still stands in it.
                idle.standing.period = Period(
                    start: start - .seconds(900 * 86_400 + 60), end: start - .seconds(900 * 86_400))
                try transaction.saveAccount(idle)
            }

            #expect(try await Self.run(store).lines[.periods]?.removed == 1)

            let left = try await store.read { try $0.periods(of: account.id, limit: 10) }
            #expect(left.map(\.spending.total.rawValue) == [4, 3, 1])
        }
    }

    @Test func endedPeriodsOfFurtherBudgetsGo() async throws {
        try await withStore { store in
            let budget = try FurtherBudget(
                scope: .everyone, unit: .requests, limit: 5, periodRule: try #require(PeriodRule("1d")))
            try await store.write { transaction in
                let now = Period(start: start, end: start + .seconds(86_400))
                try transaction.saveFurtherBudget(
                    FurtherAccount(
                        budget: budget, standing: FurtherStanding(period: now), createdAt: Self.old,
                        updatedAt: Self.old))
                for period in [now, Period(start: Self.old - .seconds(60), end: Self.old)] {
                    try transaction.saveFurtherSpending(
                        FurtherSpending(budget: budget.id, period: period, spent: 1, spentAtFallback: 0))
                }
            }

            #expect(try await Self.run(store).lines[.furtherPeriods]?.removed == 1)
            #expect(try await store.read { try $0.furtherSpending(of: budget.id, periodStart: start) } != nil)
        }
    }

    @Test func whatSchedulesDidAndWhatWasUnreadableGoes() async throws {
        try await withStore { store in
            let long = start - .seconds(91 * 86_400)
            try await store.write { transaction in
                for minute in 0..<600 {
                    let at = long + .seconds(minute * 60)
                    _ = try transaction.insertFire(
                        ScheduleFire(workflow: "monitor", nominal: at, firedAt: at, result: .started))
                }
                _ = try transaction.insertFire(
                    ScheduleFire(workflow: "rare", nominal: long, firedAt: long, result: .started))
                for number in 0..<3 {
                    _ = try transaction.insertUnreadable(source: "s", fingerprint: Int64(number), at: long)
                }
                _ = try transaction.insertUnreadable(source: "s", fingerprint: 9, at: start)
            }

            let report = try await Self.run(store)

            #expect(report.lines[.fires]?.removed == 599)
            #expect(report.lines[.unreadable]?.removed == 3)
            #expect(try await store.read { try $0.fires(of: "rare", limit: 5) }.count == 1)
            #expect(try await store.read { try $0.fires(of: "monitor", limit: 5) }.count == 1)
            #expect(try await Self.count(store, "unreadableUsage") == 1)
            #expect(try await store.integrityCheck() == [])
        }
    }
}
