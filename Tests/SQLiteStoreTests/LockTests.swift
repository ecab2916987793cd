import Engine
import Foundation
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct LockTests {
    @Test func aSecondOpeningIsToldWhoHoldsTheDirectory() async throws {
        try await withDirectory { path in
            let store = try openStore(path, options: SQLiteStoreOptions(program: "workflowd"))
            #expect {
                try openStore(path)
            } throws: { error in
                guard case .locked(let holder) = error as? StoreError else { return false }
                return holder.hasPrefix("workflowd (pid \(getpid()), since 20") && holder.hasSuffix("Z)")
            }
            await store.close()
            await (try openStore(path)).close()
        }
    }

    @Test func theFileOfADeadProcessIsNoObstacle() async throws {
        try await withDirectory { path in
            try Data("workflowd (pid 4194305, since 2020-01-01T00:00:00Z) and much more".utf8)
                .write(to: URL(fileURLWithPath: path + "/steward.lock"))
            let store = try openStore(path, options: SQLiteStoreOptions(program: "test"))
            let text = try String(contentsOfFile: path + "/steward.lock", encoding: .utf8)
            #expect(text.hasPrefix("test (pid \(getpid()),"))
            #expect(!text.contains("much more"))
            await store.close()
        }
    }

    @Test func aHolderThatHasNotYetWrittenIsStillAHolder() async throws {
        try await withDirectory { path in
            let descriptor = open(path + "/steward.lock", O_RDWR | O_CREAT, 0o600)
            try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            #expect(throws: StoreError.locked(by: "another process")) { try openStore(path) }
            close(descriptor)
            await (try openStore(path)).close()
        }
    }

    @Test func aStoreThatIsDroppedLetsGoOfItsDirectory() async throws {
        try await withDirectory { path in
            do {
                let store = try openStore(path)
                _ = try await store.write { try seedExecution($0, name: "run") }
            }
            var opened: SQLiteStore?
            for _ in 0..<2000 where opened == nil {
                do { opened = try openStore(path) } catch StoreError.locked {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            let store = try #require(opened)
            #expect(try await store.read { try $0.liveExecutions().count } == 1)
            await store.close()
        }
    }

    @Test func aRefusedOpeningClosesNothingOfAnother() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            // A descriptor that is closed twice takes away whatever got its number in between.
            let isDone = Guarded(false)
            let lost = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var lost = 0
                    while !isDone.withLock({ $0 }) {
                        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                        if fcntl(descriptor, F_GETFD) < 0 || close(descriptor) != 0 { lost += 1 }
                    }
                    return lost
                }
                for _ in 0..<20_000 { #expect(throws: StoreError.self) { try openStore(path) } }
                isDone.withLock { $0 = true }
                return try await group.reduce(0, +)
            }
            #expect(lost == 0)
            await store.close()
        }
    }

    @Test func aFailedOpeningLetsGoOfTheDirectory() async throws {
        try await withDirectory { path in
            await (try openStore(path)).close()
            var broken = Migrations.all
            broken.add("broken") { _ in throw Deliberate() }
            for _ in 0..<5 {
                #expect(throws: StoreError.self) {
                    try SQLiteStore.open(
                        directory: path, options: SQLiteStoreOptions(), migrations: broken, logger: quiet)
                }
            }
            let store = try openStore(path)
            await store.close()
            await #expect(throws: StoreError.unavailable("the store is closed")) {
                try await store.backup(to: path + "/copy")
            }
        }
    }
}
