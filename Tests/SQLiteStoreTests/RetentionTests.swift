import Budgets
import Enforcement
import Engine
import Foundation
import GRDB
import JSONModel
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct RetentionTests {
    private static let old = start - .seconds(200 * 86_400)
    /// Time stands still for ages and flows for pauses.
    private static let clock = WallClock(
        now: { start }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds, sleepUntil: { _ in })

    private static func retention(_ store: SQLiteStore, _ policy: RetentionPolicy = RetentionPolicy()) -> Retention {
        Retention(store: store, policy: { policy }, clock: clock)
    }

    /// An execution with a history, which has ended unless `at` is nil.
    private static func add(
        _ transaction: SQLiteTransaction, _ name: String, endedAt at: Instant?, records: Int = 3, bytes: Int = 20
    ) throws -> ExecutionID {
        let id = try seedExecution(transaction, name: name, startedAt: min(at ?? old, old))
        for number in 0..<records {
            try transaction.appendJournal(id, record: [UInt8](repeating: UInt8(number & 255), count: bytes))
        }
        if let at { try transaction.finishExecution(id, status: .succeeded, at: at, error: nil, cause: nil) }
        return id
    }

    private static func names(_ store: SQLiteStore) async throws -> Set<String> {
        Set(try await store.read { try $0.executions(ExecutionQuery(limit: 1000)).executions.map(\.name) })
    }

    @Test func whatHasEndedLongAgoGoesWithItsHistoryAndTheRestStays() async throws {
        try await withStore { store in
            try await store.write { transaction in
                for number in 0..<700 { _ = try Self.add(transaction, "old-\(number)", endedAt: Self.old) }
                let running = try Self.add(transaction, "running", endedAt: nil)
                let letter = try Self.add(transaction, "letter", endedAt: Self.old)
                _ = try transaction.insertDeadLetter(
                    NewDeadLetter(
                        kind: .execution, subject: "letter", source: "m", error: "E", cause: "c", payload: [],
                        execution: letter, at: Self.old))
                let child = try Self.add(transaction, "child", endedAt: Self.old)
                try transaction.insertNested(NestedExecution(child: child, parent: running, task: 3))
                _ = try Self.add(transaction, "fresh", endedAt: start - .seconds(60))
                _ = try Self.add(transaction, "newest", endedAt: Self.old)
            }
            let kept: Set = ["running", "letter", "child", "fresh", "newest"]
            let retention = Self.retention(store)

            let plan = try await retention.plan(at: start)
            #expect(try await Self.names(store).count == 705)
            let report = try await retention.run(at: start, by: "test")

            let line = try #require(report.lines[.executions])
            #expect(line.removed == 700)
            #expect(line.rows == 700 * 4)
            #expect(line.kept == [.hasDeadLetter: 1, .isNested: 1, .isNewest: 1])
            #expect(plan.lines == report.lines)
            #expect(try await Self.names(store) == kept)
            let rows = try await store.read { try $0.first("SELECT count(*) FROM journal") { $0.integer(0) } }
            #expect(rows == 15)
            #expect(try await store.integrityCheck() == [])
            let entries = try await store.read { try $0.auditEntries(subject: "steward.db", limit: 10) }
            #expect(entries.map(\.action) == ["retention.removed"])
            #expect(entries.first?.detail["executions"] == 700)

            #expect(try await retention.run(at: start, by: "test").removed == 0)
            #expect(try await store.read { try $0.auditEntries(subject: nil, limit: 10) }.count == 1)
        }
    }

    /// The run that a crash ends is one that never goes on here: its commits are all that is left of it.
    @Test func whatARunHadRemovedBeforeACrashIsToldByTheNext() async throws {
        try await withStore { store in
            try await store.write { transaction in
                for number in 0..<700 { _ = try Self.add(transaction, "old-\(number)", endedAt: Self.old) }
                _ = try Self.add(transaction, "newest", endedAt: Self.old)
            }
            let (never, continuation) = AsyncStream<Void>.makeStream()
            let stuck = WallClock(
                now: { start }, monotonicNanoseconds: WallClock.system.monotonicNanoseconds,
                sleepUntil: { _ in
                    for await _ in never {}
                    try Task.checkCancellation()
                })
            let run = Task {
                try await Retention(store: store, policy: { RetentionPolicy() }, clock: stuck).run(at: start, by: "ana")
            }
            try await eventually("a commit") { try await Self.names(store).count < 701 }
            #expect(try await store.read { try $0.auditEntries(subject: "steward.db", limit: 10) } == [])

            #expect(try await Self.retention(store).run(at: start, by: "test").removed == 575)
            let entries = try await store.read { try $0.auditEntries(subject: "steward.db", limit: 10) }
            #expect(entries.map(\.detail["executions"]) == [575, 125])
            #expect(entries.map(\.detail["interrupted"]) == [nil, true])
            #expect(entries.map(\.actor) == ["test", Retention.actor])
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
            continuation.finish()
            #expect(try await store.read { try $0.auditEntries(subject: "steward.db", limit: 10) }.count == 2)
        }
    }

    @Test func aNameMayBeUsedAgainAndANumberIsNot() async throws {
        try await withStore { store in
            let first = try await store.write { try Self.add($0, "run", endedAt: Self.old) }
            // The newest stays, so that no later execution gets its number, which its task tokens name.
            #expect(try await Self.retention(store).run(at: start, by: "test").removed == 0)
            let second = try await store.write { try Self.add($0, "other", endedAt: start) }
            #expect(try await Self.retention(store).run(at: start, by: "test").removed == 1)
            let again = try await store.write { try Self.add($0, "run", endedAt: start) }
            #expect(Set([first, second, again]).count == 3)
        }
    }

    @Test func whatWasRedrivenMeanwhileStays() async throws {
        try await withStore { store in
            let id = try await store.write { transaction in
                let id = try Self.add(transaction, "run", endedAt: Self.old)
                _ = try Self.add(transaction, "newest", endedAt: Self.old)
                return id
            }
            let found = try await store.read {
                try $0.expired(.executions, before: start, after: 0, window: 100).found
            }
            #expect(found.map(\.id) == [id.rawValue])
            try await store.write { try $0.reopenExecution(id, redriveCount: 1, at: Instant(milliseconds: 0)) }
            let gone = try await store.write { try $0.remove(.executions, [id.rawValue], before: start) }
            #expect(gone.removed == 0)
            #expect(try await store.read { try $0.journal(id) }.count == 3)
        }
    }

    @Test func aClosedLetterGoesAndThenItsExecution() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let id = try Self.add(transaction, "failed", endedAt: Self.old)
                for status in [DeadLetterStatus.discarded, .open] {
                    let letter = try transaction.insertDeadLetter(
                        NewDeadLetter(
                            kind: .event, subject: status.rawValue, source: "m", error: "E", cause: "c", payload: [],
                            execution: status == .open ? nil : id, at: Self.old))
                    try transaction.setDeadLetter(letter, status: status, attempts: 0, nextRedrive: nil, at: Self.old)
                }
                _ = try Self.add(transaction, "newest", endedAt: start)
            }
            let report = try await Self.retention(store).run(at: start, by: "test")
            #expect(report.lines.mapValues(\.removed).filter { $0.value > 0 } == [.deadLetters: 1, .executions: 1])
            let letters = try await store.read { try $0.deadLetters(DeadLetterQuery(limit: 10)) }
            #expect(letters.map(\.letter.subject) == ["open"])
        }
    }

    @Test func deliveredNoticesGoAndThoseThatMayBeRedrivenStay() async throws {
        try await withStore { store in
            try await store.write { transaction in
                for id in ["sent", "given-up", "waiting", "newest"] {
                    let notice = Notice(id: id, kind: .suspended, principal: nil, data: [:], at: Self.old)
                    _ = try transaction.enqueue(notice, channels: ["log"])
                }
                let items = try transaction.pendingOutboxItems(limit: 10)
                for item in items where item.notice.id != "waiting" && item.notice.id != "given-up" {
                    try transaction.markSent(item.id, at: Self.old)
                }
                for item in items where item.notice.id == "given-up" {
                    try UndeliveredNotice.abandon(item, error: "no", at: Self.old, transaction)
                }
            }
            let report = try await Self.retention(store).run(at: start, by: "test")
            #expect(report.lines[.outbox]?.removed == 1)
            #expect(report.lines[.outbox]?.kept == [.mayBeRedriven: 1, .isNewest: 1])
            let left = try await store.read { try $0.notices(limit: 10).map(\.id) }
            #expect(Set(left) == ["given-up", "waiting", "newest"])
            #expect(try await store.integrityCheck() == [])
        }
    }

    @Test func openLettersAreNotReadAnewForEachNotice() async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                try transaction.rows(
                    "EXPLAIN QUERY PLAN " + SQLiteTransaction.itemsByAge.description,
                    [.integer(0), .integer(0), .integer(9)]
                ) { $0.text(3) }
            }
            #expect(plan.contains { $0.contains("deadLetterByKind") })
            #expect(!plan.contains { $0.contains("CORRELATED") }, "\(plan)")
        }
    }

    private static func usage(_ id: String, at: Instant) throws -> ChargedUsage {
        ChargedUsage(
            event: UsageEvent(
                key: UsageKey(account: "111122223333", region: "us-east-1", requestID: id), at: at,
                principal: Principal(id: PrincipalID(account: "111122223333", kind: .user, name: "ana"), session: nil),
                model: ModelID("us.anthropic.claude-sonnet-4-6"), operation: "Converse",
                tokens: TokenCounts(input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5),
                source: "test"),
            charge: Charge(amount: NanoDollars(rawValue: 5), basis: .listed), recordedAt: at + .seconds(1))
    }

    @Test func aUseThatWasRemovedIsNotChargedAgain() async throws {
        try await withStore { store in
            let long = start - .seconds(500 * 86_400)
            let (before, after) = (try Self.usage("old", at: long), try Self.usage("new", at: start - .seconds(9)))
            try await store.write { transaction in
                try transaction.savePrincipal(
                    PrincipalRecord(principal: before.event.principal, firstSeenAt: long, isDiscovered: true))
                _ = try transaction.insertUsage(before)
                _ = try transaction.insertUsage(after)
            }
            #expect(try await Self.retention(store).run(at: start, by: "test").lines[.usage]?.removed == 1)
            #expect(try await store.read { try $0.usage(before.event.key) } == nil)
            #expect(try await store.read { try $0.usage(after.event.key) } == after)
            #expect(try await store.write { try $0.insertUsage(before) } == false)
            // Nor is one of that time that was never seen: the two can't be told apart.
            let late = try Self.usage("late", at: long)
            #expect(try await store.write { try $0.insertUsage(late) } == false)
            let fresh = try Self.usage("fresh", at: start)
            #expect(try await store.write { try $0.insertUsage(fresh) })
        }
    }

    @Test func theFileShrinks() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            for batch in 0..<20 {
                try await store.write { transaction in
                    for number in 0..<50 {
                        _ = try Self.add(transaction, "\(batch)-\(number)", endedAt: Self.old, records: 4, bytes: 4000)
                    }
                }
            }
            let report = try await Self.retention(store).run(at: start, by: "test")
            #expect(report.canShrink)
            #expect(report.bytesFreed > 8 << 20)
            await store.close()
            let size = try FileManager.default.attributesOfItem(atPath: path + "/steward.db")[.size] as? Int
            #expect(try #require(size) < 6 << 20)
        }
    }

    @Test func anOldDatabaseShrinksOnceItWasCompacted() async throws {
        try await withDirectory { path in
            try await Self.openStoreOfBefore(path).close()
            let store = try openStore(path)
            #expect(try await store.read { try $0.dueExecutions(at: start, limit: 5) }.count == 1)
            #expect(try await Self.retention(store).plan(at: start).canShrink == false)
            #expect(throws: StoreError.self) { try SQLiteStore.compact(directory: path) }
            await store.close()

            _ = try SQLiteStore.compact(directory: path, logger: quiet)
            let again = try openStore(path)
            #expect(try await Self.retention(again).plan(at: start).canShrink)
            #expect(try await again.read { try $0.dueExecutions(at: start, limit: 5) }.count == 1)
            #expect(try await again.integrityCheck() == [])
            await again.close()
        }
    }

    /// A database as the version before retention made it, with an execution that waits.
    private static func openStoreOfBefore(_ path: String) async throws -> SQLiteStore {
        var migrations = Migrations()
        ExecutionSchema.register(&migrations)
        LedgerSchema.register(&migrations)
        ResourceSchema.register(&migrations)
        AccessKeySchema.register(&migrations)
        // What the version before left is a database without the setting: made here before the store opens it.
        let made = try DatabaseQueue(path: path + "/steward.db")
        try await made.writeWithoutTransaction { database in
            try database.execute(
                sql: "PRAGMA journal_mode = WAL; PRAGMA application_id = \(ExecutionSchema.applicationID)")
        }
        try made.close()
        let store = try SQLiteStore.open(
            directory: path, options: SQLiteStoreOptions(), migrations: migrations, logger: quiet)
        try await store.write { transaction in
            let id = try seedExecution(transaction, name: "waiting")
            try transaction.parkExecution(id, wakeAt: start)
        }
        return store
    }
}
