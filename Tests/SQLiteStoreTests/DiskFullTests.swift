import Engine
import Foundation
import SQLiteStore
import TestKit
import Testing

/// A real full disk: a small file system in memory, which only root can mount.
@Suite(.serialized, .enabled(if: geteuid() == 0, "mounting a small file system needs root"))
struct DiskFullTests {
    @Test func aFullDiskIsSaidAndNothingAcknowledgedIsLost() async throws {
        try await withSmallDisk(kibibytes: 5120) { disk in
            let store = try openStore(disk + "/data")
            let id = try await store.write { try seedExecution($0, name: "run") }
            var acknowledged = 0
            var failure: StoreError?
            while failure == nil, acknowledged < 10_000 {
                let record = Self.record(acknowledged)
                do {
                    try await store.write { try $0.appendJournal(id, record: record) }
                    acknowledged += 1
                } catch let error as StoreError { failure = error }
            }
            guard case .full(let text) = failure else {
                Issue.record("expected a full disk, found \(String(describing: failure)) after \(acknowledged)")
                return
            }
            #expect(text.contains("\(disk)/data/steward.db"))
            #expect(store.statistics.lastFailure != nil)
            #expect(try await store.read { try $0.journal(id) } == (0..<acknowledged).map(Self.record))
            // It stays full, and says so again.
            await #expect(throws: StoreError.self) {
                try await store.write { try $0.appendJournal(id, record: Self.record(0)) }
            }
            await store.close()

            let failedToo = acknowledged
            try FileManager.default.removeItem(atPath: disk + "/ballast")
            let again = try openStore(disk + "/data")
            #expect(try await again.read { try $0.journal(id) } == (0..<failedToo).map(Self.record))
            #expect(try await again.integrityCheck() == [])
            await again.close()
        }
    }

    @Test func theStoreGoesOnByItselfWhenThereIsSpaceAgain() async throws {
        try await withSmallDisk(kibibytes: 5120) { disk in
            let store = try openStore(disk + "/data")
            let id = try await store.write { try seedExecution($0, name: "run") }
            let results = try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
                for number in 0..<800 {
                    group.addTask {
                        do {
                            try await store.write { try $0.appendJournal(id, record: Self.record(number)) }
                            return (number, true)
                        } catch is StoreError { return (number, false) }
                    }
                }
                var results: [(Int, Bool)] = []
                for try await result in group { results.append(result) }
                return results
            }
            let kept = Set(results.filter(\.1).map(\.0))
            try #require(kept.count < 800, "the disk should have filled up")
            #expect(store.statistics.failedCommits > 0)

            try FileManager.default.removeItem(atPath: disk + "/ballast")
            try await store.write { try $0.appendJournal(id, record: Self.record(1000)) }

            let journal = try await store.read { try $0.journal(id) }
            #expect(Set(journal) == Set((kept.union([1000])).map(Self.record)))
            #expect(journal.count == kept.count + 1)
            #expect(store.statistics.lastFailure == nil)
            await store.close()
        }
    }

    @Test func openingOnAFullDiskIsSaid() async throws {
        try await withSmallDisk(kibibytes: 4096) { disk in
            var filler = 0
            while (try? Data(count: 4096).write(to: URL(fileURLWithPath: "\(disk)/filler-\(filler)"))) != nil {
                filler += 1
            }
            let error = #expect(throws: StoreError.self) { try openStore(disk) }
            guard case .full = error else {
                Issue.record("expected a full disk, found \(String(describing: error))")
                return
            }
            for number in 0...filler { try? FileManager.default.removeItem(atPath: "\(disk)/filler-\(number)") }
            try? FileManager.default.removeItem(atPath: disk + "/ballast")
            let store = try openStore(disk)
            await store.close()
        }
    }

    /// The source's disk is not to blame.
    @Test func aCopyThatFindsNoSpaceNamesItsOwnDisk() async throws {
        try await withSmallDisk(kibibytes: 256) { disk in
            try await withStore { store in
                let error = await #expect(throws: StoreError.self) { try await store.backup(to: disk + "/copy.db") }
                guard case .full(let text) = error else {
                    Issue.record("expected a full disk, found \(String(describing: error))")
                    return
                }
                #expect(text.contains("\(disk)/copy.db"))
                #expect(!text.contains("\(store.path):"))
                let left = try FileManager.default.contentsOfDirectory(atPath: disk)
                #expect(left == ["ballast"])
            }
        }
    }

    private static func record(_ number: Int) -> [UInt8] {
        Array("\(number) ".utf8) + [UInt8](repeating: UInt8(number & 255), count: 4000)
    }

    /// A file system of the given size with half of it taken by the file `ballast`.
    private func withSmallDisk(kibibytes: Int, _ body: (String) async throws -> Void) async throws {
        try await withDirectory { path in
            let mounted = try run("/bin/mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path)
            try #require(mounted == 0, "mounting a small file system failed")
            do {
                try Data(count: kibibytes * 512).write(to: URL(fileURLWithPath: path + "/ballast"))
                try await body(path)
            } catch {
                _ = try run("/bin/umount", "-l", path)
                throw error
            }
            _ = try run("/bin/umount", "-l", path)
        }
    }

    private func run(_ program: String, _ arguments: String...) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
