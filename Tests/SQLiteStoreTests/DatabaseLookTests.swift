import Engine
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct DatabaseLookTests {
    /// The file keeps its name and its inode, and SQLite reads most pages from memory.
    @Test(arguments: [false, true]) func whatAnotherProgramWritesOverTheFileIsNoticed(_ isCutOff: Bool) async throws {
        try await withStore { store in
            let id = try await store.write { try seedExecution($0, name: "run") }
            let file = store.path.replacing("steward.db", with: "copy.db")
            try await store.backup(to: file)
            let copy = try Data(contentsOf: URL(fileURLWithPath: file))
            let before = try #require(store.look())
            try await store.write { try $0.appendJournal(id, record: [1]) }
            let after = try #require(store.look())
            #expect(!after.isForeign(to: before))

            // Opened by this process, and so never closed: that would give up SQLite's locks.
            let descriptor = open(store.path, O_WRONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
            if isCutOff {
                #expect(ftruncate(descriptor, 4096) == 0)
            } else {
                #expect(copy.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) } == copy.count)
            }
            let now = try #require(store.look())
            #expect(now.isForeign(to: after))
        }
    }

    /// Looks that come in the middle of commits, checkpoints and logs that begin anew.
    @Test func whatTheStoreWritesIsItsOwn() async throws {
        var options = SQLiteStoreOptions()
        options.checkpointPages = 20
        try await withStore(options: options) { store in
            let id = try await store.write { try seedExecution($0, name: "run") }
            async let writing: Void = {
                for number in 0..<600 {
                    try await store.write { transaction in
                        try transaction.appendJournal(id, record: [UInt8](repeating: UInt8(number & 255), count: 9000))
                    }
                }
            }()
            var last: DatabaseLook?
            var (looks, changes) = (0, 0)
            while looks < 100_000 || changes <= 5, store.statistics.commits < 600 {
                await Task.yield()
                guard let now = store.look() else { continue }
                if let last {
                    looks += 1
                    #expect(!now.isForeign(to: last))
                    if now != last { changes += 1 }
                }
                last = now
            }
            try await writing
            #expect(changes > 5)
        }
    }
}
