import Engine
import Foundation
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct GroupCommitTests {
    @Test func theWriterCommitsDurably() async throws {
        try await withStore { store in
            let (level, keys, mode, thread) = try await store.write { transaction in
                (
                    try transaction.first("PRAGMA synchronous") { $0.integer(0) },
                    try transaction.first("PRAGMA foreign_keys") { $0.integer(0) },
                    try transaction.first("PRAGMA journal_mode") { $0.text(0) }, Thread.current.name
                )
            }
            #expect(level == 2)
            #expect(keys == 1)
            #expect(mode == "wal")
            #expect(thread == "steward-writer")
        }
    }

    @Test func whatQueuesUpDuringACommitIsCommittedTogether() async throws {
        try await withStore { store in
            let before = store.statistics
            let commits = try await queued(in: store, writes: 200) { transaction, number in
                _ = try seedExecution(transaction, name: "run-\(number)")
            }
            #expect(commits.allSatisfy { $0 == nil })
            #expect(store.statistics.commits - before.commits == 2)
            #expect(store.statistics.largestCommit == 200)
            #expect(store.statistics.commitsBySize[7] == 1)
            let found = try await store.read { try $0.executions(ExecutionQuery(limit: 500)).executions.count }
            #expect(found == 200)
        }
    }

    @Test func oneFailingWriteTakesNothingElseWithIt() async throws {
        try await withStore { store in
            let errors = try await queued(in: store, writes: 30) { transaction, number in
                _ = try seedExecution(transaction, name: "run-\(number)")
                if number == 7 { throw Deliberate() }
            }
            #expect(errors.compactMap { $0 as? Deliberate }.count == 1)
            #expect(errors[7] is Deliberate)
            let names = try await store.read { try $0.executions(ExecutionQuery()).executions.map(\.name) }
            #expect(Set(names) == Set((0..<30).filter { $0 != 7 }.map { "run-\($0)" }))
            #expect(store.statistics.failedWrites == 1)
        }
    }

    @Test func aLostTransactionFailsAllItHeldAndTheNextOneWorks() async throws {
        try await withStore { store in
            let errors = try await queued(in: store, writes: 10) { transaction, number in
                // What SQLite does by itself when the disk is full in the middle of a statement.
                if number == 4 { try transaction.prepared("ROLLBACK").run() }
                _ = try seedExecution(transaction, name: "run-\(number)")
            }
            #expect(errors.prefix(5).allSatisfy { $0 is StoreError })
            #expect(errors.dropFirst(5).allSatisfy { $0 == nil })
            let names = try await store.read { try $0.executions(ExecutionQuery()).executions.map(\.name) }
            #expect(Set(names) == Set((5..<10).map { "run-\($0)" }))
            #expect(store.statistics.failedCommits == 1)
            #expect(store.statistics.lastFailure == nil)
        }
    }

    @Test func whatCannotBeUndoneIsNotKept() async throws {
        try await withStore { store in
            let errors = try await queued(in: store, writes: 10) { transaction, number in
                _ = try seedExecution(transaction, name: "run-\(number)")
                guard number == 4 else { return }
                // Nothing can be rolled back to a savepoint that is no more.
                try transaction.prepared("RELEASE steward").run()
                throw Deliberate()
            }
            for error in errors.prefix(5) {
                #expect((error as? StoreError)?.explanation.contains("could not be undone") == true)
            }
            #expect(errors.dropFirst(5).allSatisfy { $0 == nil })
            let names = try await store.read { try $0.executions(ExecutionQuery()).executions.map(\.name) }
            #expect(Set(names) == Set((5..<10).map { "run-\($0)" }))
        }
    }

    @Test func nothingIsVisibleBeforeItsCommit() async throws {
        try await withStore { store in
            let gate = Gate()
            async let id = store.write { transaction in
                let id = try seedExecution(transaction, name: "run")
                gate.wait()
                return id
            }
            try await gate.untilReached()
            let early = try await store.read { try $0.liveExecutions() }
            gate.open()

            #expect(early == [])
            let written = try await id
            #expect(try await store.read { try $0.liveExecutions() } == [written])
        }
    }

    @Test func aCommitTakesNoMoreJobsThanItsLimit() async throws {
        var options = SQLiteStoreOptions()
        options.commitJobs = 10
        try await withStore(options: options) { store in
            let before = store.statistics.commits
            let errors = try await queued(in: store, writes: 25) { transaction, number in
                _ = try seedExecution(transaction, name: "run-\(number)")
            }
            #expect(errors.allSatisfy { $0 == nil })
            #expect(store.statistics.commits - before == 4)
            #expect(store.statistics.largestCommit == 10)
        }
    }

    @Test func aCommitTakesNoMoreBytesThanItsLimit() async throws {
        var options = SQLiteStoreOptions()
        options.commitBytes = 10_000
        try await withStore(options: options) { store in
            let id = try await store.write { try seedExecution($0, name: "run") }
            let before = store.statistics.commits
            let errors = try await queued(in: store, writes: 9) { transaction, _ in
                try transaction.appendJournal(id, record: [UInt8](repeating: 7, count: 4000))
            }
            #expect(errors.allSatisfy { $0 == nil })
            #expect(store.statistics.commits - before == 4)
            #expect(try await store.read { try $0.journal(id).count } == 9)
        }
    }

    @Test func aFullQueueRefusesAndKeepsWhatItHas() async throws {
        var options = SQLiteStoreOptions()
        options.queueLimit = 5
        try await withStore(options: options) { store in
            let gate = Gate()
            async let holding: Void = store.write { _ in gate.wait() }
            try await gate.untilReached()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<5 {
                    group.addTask {
                        _ = try await store.write { try seedExecution($0, name: "run-\(number)") }
                    }
                }
                try await eventually("five wait") { store.statistics.waitingWrites == 5 }
                await #expect(throws: StoreError.self) { try await store.write { _ in } }
                gate.open()
                try await group.waitForAll()
            }
            try await holding
            #expect(try await store.read { try $0.liveExecutions().count } == 5)
        }
    }

    @Test func closingDoesWhatIsWaitingAndRefusesTheRest() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            let gate = Gate()
            async let holding: Void = store.write { _ in gate.wait() }
            try await gate.untilReached()
            async let waiting = store.write { try seedExecution($0, name: "waiting") }
            try await eventually("one waits") { store.statistics.waitingWrites == 1 }
            async let closed: Void = store.close()
            try await eventually("readers are closed") {
                do {
                    _ = try await store.read { _ in }
                    return false
                } catch { return true }
            }
            gate.open()
            _ = try await (holding, waiting, closed)

            await #expect(throws: StoreError.unavailable("the store is closed")) { try await store.write { _ in } }
            let again = try openStore(path)
            #expect(try await again.read { try $0.liveExecutions().count } == 1)
            await again.close()
            await again.close()
        }
    }

    @Test func manyProducersGetFarFewerCommitsThanWrites() async throws {
        try await withStore { store in
            let ids = try await store.write { transaction in
                try (0..<64).map { try seedExecution(transaction, name: "run-\($0)") }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids {
                    group.addTask {
                        for number in 0..<20 {
                            try await store.write { try $0.appendJournal(id, record: [UInt8(number)]) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let statistics = store.statistics
            #expect(statistics.writes == 64 * 20 + 1)
            #expect(statistics.commits < statistics.writes / 2)
            #expect(statistics.commitsBySize.reduce(0, +) == statistics.commits)
            for id in ids {
                #expect(try await store.read { try $0.journal(id) } == (0..<20).map { [UInt8($0)] })
            }
        }
    }

    /// Holds the writer until `writes` jobs have queued up in order, lets it go, and gives their errors.
    private func queued(
        in store: SQLiteStore, writes: Int, _ body: @escaping @Sendable (SQLiteTransaction, Int) throws -> Void
    ) async throws -> [(any Error)?] {
        let gate = Gate()
        async let holding: Void = store.write { _ in gate.wait() }
        try await gate.untilReached()
        let errors = try await withThrowingTaskGroup(of: (Int, (any Error)?).self) { group in
            for number in 0..<writes {
                group.addTask {
                    do {
                        try await store.write { try body($0, number) }
                        return (number, nil)
                    } catch { return (number, error) }
                }
                try await eventually("job \(number) waits") { store.statistics.waitingWrites == number + 1 }
            }
            gate.open()
            var errors = [(any Error)?](repeating: nil, count: writes)
            for try await (number, error) in group { errors[number] = error }
            return errors
        }
        try await holding
        return errors
    }
}
