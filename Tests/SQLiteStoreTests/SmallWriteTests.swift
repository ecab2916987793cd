import Engine
import Foundation
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// Small writes that their callers commit themselves, where nobody else writes and the disk answers at once.
@Suite struct SmallWriteTests {
    /// A store whose clock stands still: no disk is faster.
    private var fast: SQLiteStoreOptions { SQLiteStoreOptions(clock: VirtualClock().wallClock) }

    /// Returns once the thread waits, after a commit that was fast.
    private func lettingCallersIn(_ store: SQLiteStore) async throws {
        try await eventually("a caller commits") {
            try await store.writeSmall { _ in Thread.current.name } != "steward-writer"
        }
    }

    @Test func onAFastDiskItsCallerCommits() async throws {
        try await withStore(options: fast) { store in
            try await lettingCallersIn(store)
            let before = store.statistics.commits
            let (id, thread) = try await store.writeSmall { (try seedExecution($0, name: "run"), Thread.current.name) }
            #expect(thread != "steward-writer")
            #expect(store.statistics.commits == before + 1)
            #expect(try await store.read { try $0.execution(id)?.name } == "run")
        }
    }

    @Test func onASlowDiskTheThreadDoes() async throws {
        let reading = LockedBox<UInt64>(0)
        let slow = SQLiteStoreOptions(
            clock: WallClock(
                now: { start },
                monotonicNanoseconds: {
                    reading.withLock { now in
                        now += 1_000_000
                        return now
                    }
                }, sleepUntil: { _ in }))
        try await withStore(options: slow) { store in
            for _ in 0..<3 {
                let thread = try await store.writeSmall { transaction in
                    try transaction.rewriteHeader()
                    return Thread.current.name
                }
                #expect(thread == "steward-writer")
            }
        }
    }

    @Test func behindAnotherItWaitsLikeAnyOther() async throws {
        try await withStore(options: fast) { store in
            let gate = Gate()
            async let first: Void = store.write { _ in gate.wait() }
            try await gate.untilReached()
            async let thread = store.writeSmall { _ in Thread.current.name }
            try await eventually("the second waits") { store.waitingWrites == 1 }
            gate.open()
            try await first
            #expect(try await thread == "steward-writer")
        }
    }

    @Test func whatComesWhileACallerCommitsIsDoneByTheThread() async throws {
        try await withStore(options: fast) { store in
            try await lettingCallersIn(store)
            let gate = Gate()
            let first = Task { try await store.writeSmall { _ in gate.wait() } }
            try await gate.untilReached()
            async let thread = store.write { _ in Thread.current.name }
            try await eventually("the second waits") { store.waitingWrites == 1 }
            gate.open()
            try await first.value
            #expect(try await thread == "steward-writer")
        }
    }

    @Test func itsErrorIsItsCallersAndNothingIsKept() async throws {
        try await withStore(options: fast) { store in
            try await lettingCallersIn(store)
            await #expect(throws: Deliberate.self) {
                try await store.writeSmall { transaction in
                    _ = try seedExecution(transaction, name: "run")
                    throw Deliberate()
                }
            }
            #expect(try await store.read { try $0.executions(ExecutionQuery()).executions.isEmpty })
            #expect(store.statistics.failedWrites == 1)
        }
    }

    @Test func theTakerOfAClosedQueueWaitsForACallersTurn() async throws {
        let queue = JobQueue(limit: 10)
        let hasLeft = LockedBox(false)
        let taker = Task {
            try await StoreThread.run(name: "taker") {
                var jobs: [StoreJob] = []
                while queue.takeAll(into: &jobs, letsCallersIn: true) {}
                return hasLeft.withLock { $0 }
            }
        }
        try await eventually("a caller has the turn") { queue.enter() }
        #expect(!queue.enter())
        queue.close()
        hasLeft.withLock { $0 = true }
        queue.leave(letsCallersIn: true)
        #expect(try await taker.value)
        #expect(!queue.enter())
    }

    @Test func aClosedStoreTakesNone() async throws {
        try await withDirectory { path in
            let store = try openStore(path, options: fast)
            try await lettingCallersIn(store)
            await store.close()
            await #expect(throws: StoreError.self) { try await store.writeSmall { _ in } }
        }
    }

    @Test func manyAtOnceAreAllKept() async throws {
        try await withStore(options: fast) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for number in 0..<50 {
                            let name = "run-\(client)-\(number)"
                            if number.isMultiple(of: 5) {
                                _ = try await store.write { try seedExecution($0, name: name) }
                            } else {
                                _ = try await store.writeSmall { try seedExecution($0, name: name) }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.read { try $0.executions(ExecutionQuery(limit: 1000)).executions.count } == 400)
            #expect(store.waitingWrites == 0)
        }
    }
}
