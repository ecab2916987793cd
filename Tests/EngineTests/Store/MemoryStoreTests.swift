import Engine
import TestKit
import Testing

@Suite struct MemoryStoreTests {
    @Test(arguments: ExecutionStoreConformance<MemoryStore>.cases)
    func conforms(_ testCase: ExecutionStoreConformance<MemoryStore>.Case) async throws {
        try await testCase.run(MemoryStore())
    }

    @Test func aFailedCommitLeavesNothingAndIsReported() async throws {
        let store = MemoryStore()
        store.fail(commit: 1)

        await #expect(throws: StoreError.full("no space left on device")) {
            try await store.write { try $0.count("x") }
        }
        try await store.write { try $0.count("y") }

        let notes = try await store.read { $0.notes }
        #expect(notes["x", default: 0] == 0)
        #expect(notes["y"] == 1)
    }

    @Test(arguments: [(MemoryStore.Crash.beforeCommit, 1), (.afterCommit, 2)])
    func aCrashKeepsExactlyWhatWasCommitted(_ crash: MemoryStore.Crash, kept: Int) async throws {
        let store = MemoryStore()
        try await store.write { try $0.count("x") }
        store.crash(commit: 2, crash)

        await #expect(throws: StoreError.self) { try await store.write { try $0.count("x") } }
        await #expect(throws: StoreError.self) { try await store.write { try $0.count("x") } }

        let notes = try await store.reopened().read { $0.notes }
        #expect(notes["x"] == kept)
    }

    @Test func heldWritesShareOneCommitWhenReleased() async throws {
        let store = MemoryStore()
        store.holdCommits()
        async let first: Void = store.write { try $0.count("x") }
        async let second: Void = store.write { try $0.count("x") }
        try await eventually { store.queuedWrites == 2 }

        store.releaseCommits()
        _ = try await (first, second)

        #expect(store.commits == 1)
    }
}
