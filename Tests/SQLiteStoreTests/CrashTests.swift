import Engine
import Foundation
import SQLiteStore
import TestKit
import Testing

/// What survives the end of a process, by `kill -9` and by copies of its files in the middle of its work.
@Suite struct CrashTests {
    /// Run by `whatWasAcknowledgedSurvivesKill` in a process of its own: writes until it is killed, and says on a pipe
    /// what was acknowledged.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["STEWARD_TEST_VICTIM"] != nil))
    func victim() async throws {
        let directory = try #require(ProcessInfo.processInfo.environment["STEWARD_TEST_VICTIM"])
        let store = try openStore(directory, options: SQLiteStoreOptions(program: "victim"))
        let acknowledged = try #require(fopen(directory + "/acknowledged", "w"))
        let log = Guarded(acknowledged)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<16 {
                group.addTask {
                    let id = try await store.write { try seedExecution($0, name: "run-\(producer)") }
                    for number in 0..<1_000_000 {
                        try await store.write { try $0.appendJournal(id, record: Array("\(number)".utf8)) }
                        log.withLock { file in
                            fputs("\(id.rawValue) \(number)\n", file)
                            fflush(file)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [1, 500, 5000])
    func whatWasAcknowledgedSurvivesKill(after lines: Int) async throws {
        try await withDirectory { directory in
            let victim = Process()
            victim.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            victim.arguments = ["--filter", "CrashTests/victim", "--testing-library", "swift-testing"]
            victim.environment = ProcessInfo.processInfo.environment
                .merging(["STEWARD_TEST_VICTIM": directory]) { _, new in new }
            victim.standardOutput = FileHandle.nullDevice
            victim.standardError = FileHandle.nullDevice
            try victim.run()
            defer { if victim.isRunning { kill(victim.processIdentifier, SIGKILL) } }

            try await eventually("\(lines) acknowledged", deadline: .seconds(60)) {
                acknowledgements(directory).count >= lines
            }
            let holder = #expect(throws: StoreError.self) { try openStore(directory) }
            guard case .locked(let who) = holder else {
                Issue.record("expected the directory to be locked, found \(String(describing: holder))")
                return
            }
            #expect(who.hasPrefix("victim (pid \(victim.processIdentifier), since "))
            kill(victim.processIdentifier, SIGKILL)
            victim.waitUntilExit()

            try await expectAll(acknowledgements(directory), in: directory)
        }
    }

    @Test func copiesOfTheFilesHoldWhatWasAcknowledgedBefore() async throws {
        try await withDirectory { directory in
            let store = try openStore(directory + "/live")
            let ids = try await store.write { transaction in
                try (0..<8).map { try seedExecution(transaction, name: "run-\($0)") }
            }
            let isDone = Guarded(false)
            let written = Guarded<[(Int64, Int)]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids {
                    group.addTask {
                        var number = 0
                        while !isDone.withLock({ $0 }) {
                            let record = Array("\(number)".utf8)
                            try await store.write { try $0.appendJournal(id, record: record) }
                            written.withLock { [number] in $0.append((id.rawValue, number)) }
                            number += 1
                        }
                    }
                }
                // Below the log's size at which it is moved to the database, the two files are never changed in a way
                // that a plain copy could tear.
                for round in 0..<5 {
                    try await eventually("more written") { written.withLock { $0.count } >= (round + 1) * 40 }
                    let before = written.withLock { $0 }
                    let copy = directory + "/copy-\(round)"
                    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
                    for file in ["steward.db", "steward.db-wal"] {
                        try FileManager.default.copyItem(
                            atPath: "\(directory)/live/\(file)", toPath: "\(copy)/\(file)")
                    }
                    try await expectAll(before, in: copy)
                }
                isDone.withLock { $0 = true }
                try await group.waitForAll()
            }
            await store.close()
        }
    }

    /// Opens the directory and expects every acknowledged record in order, and a sound database.
    private func expectAll(_ acknowledged: [(Int64, Int)], in directory: String) async throws {
        let store = try openStore(directory)
        #expect(try await store.integrityCheck() == [])
        let expected = Dictionary(grouping: acknowledged, by: \.0).mapValues { $0.map(\.1).max() ?? 0 }
        for (id, last) in expected {
            let journal = try await store.read { try $0.journal(ExecutionID(rawValue: id)) }
            #expect(journal.count > last)
            #expect(journal == (0..<journal.count).map { Array("\($0)".utf8) })
        }
        await store.close()
    }

    /// Whole lines of the victim's file; none when it has not begun.
    private func acknowledgements(_ directory: String) -> [(Int64, Int)] {
        guard let text = try? String(contentsOfFile: directory + "/acknowledged", encoding: .utf8) else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let id = Int64(parts[0]), let number = Int(parts[1]) else { return nil }
            return (id, number)
        }
    }
}
