import Engine
import GRDB
import TestKit
import JSONModel
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct ReadTests {
    @Test func aReadSeesWhatWasCommittedWhenItBegan() async throws {
        try await withStore { store in
            let gate = Gate()
            async let counts = store.read { transaction in
                gate.wait()
                return try transaction.liveExecutions().count
            }
            try await gate.untilReached()
            _ = try await store.write { try seedExecution($0, name: "later") }
            let fresh = try await store.read { try $0.liveExecutions().count }
            gate.open()

            #expect(try await counts == 0)
            #expect(fresh == 1)
            #expect(try await store.read { try $0.liveExecutions().count } == 1)
        }
    }

    @Test func aReadRefusesEveryChange() async throws {
        try await withStore { store in
            let id = try await store.write { try seedExecution($0, name: "run") }
            let changes: [@Sendable (SQLiteTransaction) throws -> Void] = [
                { try $0.appendJournal(id, record: [1]) },
                { try $0.parkExecution(id, wakeAt: start) },
                { try $0.finishExecution(id, status: .failed, at: start, error: nil, cause: nil) },
                { _ = try seedExecution($0, name: "other") },
                { try $0.saveScheduleState(ScheduleState(workflow: "w", expression: "e", nextFire: nil)) },
                { try $0.appendAudit(AuditEntry(at: start, actor: "a", action: "b", subject: "c", detail: .null)) },
            ]
            for change in changes {
                await #expect(throws: WriteInRead.self) { try await store.read { try change($0) } }
            }
            // Past the check, SQLite itself refuses.
            await #expect(throws: (any Error).self) {
                try await store.read { try $0.prepared("DELETE FROM execution").run() }
            }
            #expect(try await store.read { try $0.execution(id)?.status } == .running)
        }
    }

    @Test func aFailingReadLeavesItsReaderUsable() async throws {
        var options = SQLiteStoreOptions()
        options.readers = 1
        try await withStore(options: options) { store in
            for _ in 0..<3 {
                await #expect(throws: Deliberate.self) { try await store.read { _ in throw Deliberate() } }
            }
            _ = try await store.write { try seedExecution($0, name: "run") }
            #expect(try await store.read { try $0.liveExecutions().count } == 1)
        }
    }

    @Test func aReaderThatCannotBeginAnswersWithAnError() async throws {
        try await withDirectory { path in
            let connection = try DatabaseQueue(path: path + "/steward.db")
            try connection.close()
            let lock = try DirectoryLock(directory: path, program: "test", now: start)
            let readers = StoreReaders(
                [connection], counter: CommitCounter(clock: .system), lock: lock, path: path,
                options: SQLiteStoreOptions(), logger: quiet)
            await #expect(throws: StoreError.self) {
                try await withUnsafeThrowingContinuation { (caller: UnsafeContinuation<Int, any Error>) in
                    readers.submit(StoreJob({ _ in 1 }, caller))
                }
            }
            readers.stop()
            await readers.waitForEnd()
            lock.release()
        }
    }

    @Test func readsGoOnWhileTheWriterIsHeld() async throws {
        try await withStore { store in
            let gate = Gate()
            async let holding: Void = store.write { _ in gate.wait() }
            try await gate.untilReached()
            for _ in 0..<50 { _ = try await store.read { try $0.stateMachines() } }
            gate.open()
            try await holding
        }
    }

    @Test func noReadWaitsForSurveys() async throws {
        var options = SQLiteStoreOptions()
        (options.readers, options.surveyors, options.surveyQueueLimit) = (1, 1, 1)
        try await withStore(options: options) { store in
            let gate = Gate()
            async let holding: Void = store.survey { _ in gate.wait() }
            try await gate.untilReached()
            async let next = store.survey { try $0.stateMachines().count }
            try await eventually("another survey waits") { store.statistics.waitingReads == 1 }
            for _ in 0..<50 { _ = try await store.read { try $0.stateMachines() } }
            // Where too many wait, the next one is told so, and keeps no request's place.
            await #expect(throws: StoreError.self) { try await store.survey { try $0.stateMachines().count } }
            gate.open()
            try await holding
            #expect(try await next == 0)
        }
    }

    /// Counts for a minute or so, unless it is told to stop.
    private static func count(_ transaction: SQLiteTransaction) throws -> Int64? {
        try transaction.first(
            """
            WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 500000000)
            SELECT count(*) FROM c
            """, read: { $0.integer(0) })
    }

    @Test func surveysEndWithTheProcessAndReadsGoOn() async throws {
        var options = SQLiteStoreOptions()
        (options.readers, options.surveyors) = (1, 1)
        try await withStore(options: options) { store in
            let gate = Gate()
            let counting = Task {
                try await store.survey { transaction in
                    gate.wait()
                    return try Self.count(transaction)
                }
            }
            try await gate.untilReached()
            let waiting = Task { try await store.survey { try $0.stateMachines().count } }
            try await eventually("another survey waits") { store.statistics.waitingReads == 1 }
            gate.open()
            store.endSurveys()

            let told = StoreError.unavailable(SurveyEnd.reason)
            await #expect(throws: told) { try await counting.value }
            await #expect(throws: told) { try await waiting.value }
            await #expect(throws: told) { try await store.survey { try $0.stateMachines().count } }
            await #expect(throws: told) {
                try await store.onConnection(name: "test") { connection in
                    try connection.inDatabase { database in
                        store.endWithSurveys(database)
                        return try Self.count(SQLiteTransaction(database, isReadOnly: true))
                    }
                }
            }
            #expect(try await store.read { try $0.stateMachines().count } == 0)
            _ = try await store.write { try seedExecution($0, name: "run") }
        }
    }

    @Test func readsAreAnsweredInOrderWhenManyWait() async throws {
        var options = SQLiteStoreOptions()
        options.readers = 1
        try await withStore(options: options) { store in
            let gate = Gate()
            let order = Guarded<[Int]>([])
            async let holding: Void = store.read { _ in gate.wait() }
            try await gate.untilReached()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { try await store.read { _ in order.withLock { $0.append(number) } } }
                    try await eventually("\(number) waits") { store.statistics.waitingReads == number + 1 }
                }
                gate.open()
                try await group.waitForAll()
            }
            try await holding
            #expect(order.withLock { $0 } == Array(0..<20))
        }
    }
}
