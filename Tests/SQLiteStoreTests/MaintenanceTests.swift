import Engine
import Foundation
import GRDB
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct MaintenanceTests {
    @Test func aBackupDuringWritesIsOneMoment() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            // Two executions that every transaction appends to: in any one moment both have as many records.
            let (one, two) = try await store.write { transaction in
                (try seedExecution(transaction, name: "one"), try seedExecution(transaction, name: "two"))
            }
            let isDone = Guarded(false)
            async let writing: Int = {
                var count = 0
                while !isDone.withLock({ $0 }) {
                    try await store.write { transaction in
                        try transaction.appendJournal(one, record: [UInt8](repeating: 1, count: 500))
                        try transaction.appendJournal(two, record: [UInt8](repeating: 2, count: 500))
                    }
                    count += 1
                }
                return count
            }()
            try await eventually("some written") { store.statistics.commits > 50 }
            let before = try await store.read { try $0.journal(one).count }
            try FileManager.default.createDirectory(atPath: path + "/copy", withIntermediateDirectories: false)
            try await store.backup(to: path + "/copy/steward.db")
            isDone.withLock { $0 = true }
            #expect(try await writing >= before)
            await store.close()

            let copy = try openStore(path + "/copy")
            #expect(try await copy.integrityCheck() == [])
            let counts = try await copy.read { (try $0.journal(one).count, try $0.journal(two).count) }
            #expect(counts.0 == counts.1)
            #expect(counts.0 >= before)
            await copy.close()
            #expect(!FileManager.default.fileExists(atPath: path + "/copy/steward.db.partial"))
        }
    }

    @Test func aBackupNeverReplacesAFile() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            await #expect(
                throws: StoreError.unavailable("\(path)/copy.db exists already: name another file, or move it away")
            ) {
                try await store.backup(to: path + "/copy.db")
            }
            await #expect(throws: StoreError.self) { try await store.backup(to: path + "/nowhere/copy.db") }
            await store.close()
        }
    }

    /// Two that are begun together, by a timer and a person, would each find the other's pages, and say that the disk fails.
    @Test func aCopyWaitsForNobodyAndIsDisturbedByNobody() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            await store.close()
            let connection = try DatabaseQueue(path: path + "/live/steward.db")
            // What one that was killed left.
            try Data("half a copy".utf8).write(to: URL(fileURLWithPath: path + "/copy.db.partial"))
            var refusals: [StoreError] = []
            let first = DatabaseCopy(connection: connection, progress: { _ in }) { _ in
                do {
                    let other = try DatabaseQueue(path: path + "/live/steward.db")
                    try DatabaseCopy(connection: other, progress: { _ in }).write(
                        to: path + "/copy.db", replacing: true)
                } catch let error as StoreError {
                    refusals.append(error)
                }
            }
            try first.write(to: path + "/copy.db", replacing: true)
            try connection.close()

            #expect(refusals.count == 1)
            #expect(refusals.first?.explanation.contains("another copy is being written") == true)
            #expect(!FileManager.default.fileExists(atPath: path + "/copy.db.partial"))
            let copy = try DatabaseQueue(path: path + "/copy.db")
            #expect(try await copy.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
            try copy.close()
        }
    }

    @Test func aSoundDatabaseHasNoProblems() async throws {
        try await withStore { store in
            _ = try await store.write { try seedExecution($0, name: "run") }
            #expect(try await store.integrityCheck() == [])
        }
    }

    @Test func damageIsFound() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            let id = try await store.write { transaction in
                let id = try seedExecution(transaction, name: "run")
                for number in 0..<500 {
                    try transaction.appendJournal(id, record: [UInt8](repeating: UInt8(number & 255), count: 1000))
                }
                return id
            }
            await store.close()
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/steward.db"))
            // The journal lies at the end, far from the pages of the schema, without which nothing can be opened.
            let pages = Int(try file.seekToEnd()) / 4096
            for page in stride(from: pages - 70, to: pages - 10, by: 3) {
                try file.seek(toOffset: UInt64(page * 4096))
                try file.write(contentsOf: Data(repeating: 0xA5, count: 200))
            }
            try file.close()

            let again = try openStore(path)
            #expect(try await again.integrityCheck() != [])
            await #expect {
                _ = try await again.read { try $0.journal(id) }
            } throws: { error in
                guard case .damaged = error as? StoreError else { return false }
                return true
            }
            // A read has found it, and commits that succeed say nothing against it.
            try await again.probe()
            #expect(again.statistics.lastFailure == nil)
            #expect(again.statistics.trouble?.contains("is damaged, or could not be read") == true)
            // Nor does a disk that gives all of it.
            #expect(try await again.examineDamage(isDoubtful: false) == false)
            #expect(again.statistics.damage != nil)
            // One that failed a moment ago may have been all there was.
            #expect(try await again.examineDamage(isDoubtful: true) == false)
            #expect(again.statistics.damage == nil)
            await again.close()
        }
    }

    @Test func statisticsCountAndMeasure() async throws {
        try await withStore { store in
            let before = store.statistics
            let id = try await store.write { try seedExecution($0, name: "run") }
            await #expect(throws: Deliberate.self) { try await store.write { _ in throw Deliberate() } }
            for _ in 0..<10 { try await store.write { try $0.appendJournal(id, record: [1]) } }

            let after = store.statistics
            #expect(after.writes - before.writes == 12)
            #expect(after.failedWrites == 1)
            #expect(after.commits == 12)
            #expect(after.rowsChanged >= 13)
            #expect(after.databaseBytes >= 4096)
            #expect(after.logBytes > 0)
            #expect(after.commitNanoseconds >= after.longestCommitNanoseconds)
            #expect(after.longestCommitNanoseconds > 0)
        }
    }
}
