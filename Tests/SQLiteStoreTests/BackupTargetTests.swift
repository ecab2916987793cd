import Engine
import Foundation
import GRDB
import TestKit
import Testing

@testable import SQLiteStore

/// What a backup is never written over, and never opens.
@Suite struct BackupTargetTests {
    /// What is closed again gives up the locks that this process has on a file, and then others cut it off.
    @Test(arguments: [
        "steward.db", "steward.db-wal", "steward.db-shm", "steward.lock", "token.key", "access-keys.key",
        "steward.db.restoring", "steward.db.restoring.partial", "steward.db.replaced", "steward.db.schema31",
    ])
    func whatBelongsToADatabaseInUseIsNotEvenOpened(_ name: String) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            _ = try await store.write { try seedExecution($0, name: "run") }
            let files = FileManager.default
            try files.createSymbolicLink(atPath: path + "/link", withDestinationPath: path + "/live")
            try files.createSymbolicLink(atPath: path + "/name", withDestinationPath: path + "/live/steward.db-shm")
            let locked = [path + "/live/steward.db-shm", path + "/live/steward.db"]
            let locks = try locked.map(Self.locks)
            #expect(locks.reduce(0, +) > 0)
            for target in [path + "/live/" + name, path + "/link/" + name, path + "/name"] {
                await expectRefusal("name another file") { try await store.backup(to: target, replacing: true) }
            }
            #expect(try locked.map(Self.locks) == locks)
            // Nor that of another daemon.
            let other = try openStore(path + "/other")
            await expectRefusal("is a name that Steward uses", unless: name.hasSuffix("-wal") || name.hasSuffix("-shm"))
            {
                try await other.backup(to: path + "/live/" + name, replacing: true)
            }
            await other.close()
            await store.close()
        }
    }

    /// Under the unit that comes with Steward the daemon may write nowhere else.
    @Test(arguments: ["steward.bak", "steward.2026-11-30.db", "backup.db"]) func aBackupMayStandInTheDataDirectory(
        _ name: String
    ) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            for _ in 0..<2 { try await store.backup(to: path + "/live/" + name, replacing: true) }
            await store.close()
        }
    }

    @Test func aRestoreIsNotDecidedByABackup() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            await expectRefusal("is a name that Steward uses") {
                try await store.backup(to: path + "/steward.db.restoring")
            }
            await store.close()
        }
    }

    @Test func anotherProgramsDatabaseStays() async throws {
        try await withDirectory { path in
            let foreign = try DatabaseQueue(path: path + "/app.db")
            try await foreign.write { try $0.execute(sql: "CREATE TABLE customer (name TEXT)") }
            try foreign.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path + "/app.db"))
            let store = try openStore(path + "/live")
            await expectRefusal("is another program's database") {
                try await store.backup(to: path + "/app.db", replacing: true)
            }
            await store.close()
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/app.db")) == before)
        }
    }

    /// Whoever opens a pipe waits for a writer.
    @Test(.timeLimit(.minutes(1))) func whatIsNoFileIsNotWaitedFor() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try #require(mkfifo(path + "/pipe", 0o600) == 0)
            try FileManager.default.createSymbolicLink(
                atPath: path + "/nowhere", withDestinationPath: path + "/missing")
            for name in ["pipe", "live", "nowhere"] {
                await expectRefusal("is no regular file") {
                    try await store.backup(to: path + "/" + name, replacing: true)
                }
                await expectRefusal("exists already") { try await store.backup(to: path + "/" + name) }
            }
            await store.close()
            #expect(throws: StoreError.self) {
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/pipe", by: "me")
            }
        }
    }

    /// SQLite goes by the name: it would read the log of whatever had the name before as the backup's.
    @Test(arguments: ["-wal", "-shm", "-journal"]) func aLogThatStandsBesideIsNotTakenForTheBackups(
        _ suffix: String
    ) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            let before = try Data(contentsOf: URL(fileURLWithPath: path + "/copy.db"))
            try Data("stale".utf8).write(to: URL(fileURLWithPath: path + "/copy.db" + suffix))
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            await expectRefusal("copy.db\(suffix) stands beside it") {
                try await store.backup(to: path + "/copy.db", replacing: true)
            }
            await expectRefusal("is a part of another database") {
                try await store.backup(to: path + "/new.db" + suffix)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/copy.db")) == before)
            await store.close()
        }
    }

    private static func locks(_ path: String) throws -> Int {
        let status = try FileManager.default.attributesOfItem(atPath: path)
        let inode = try #require(status[.systemFileNumber] as? NSNumber)
        return try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
            .count { $0.contains(" \(getpid()) ") && $0.contains(":\(inode) ") }
    }

    private func expectRefusal(
        _ phrase: String, unless isOtherwise: Bool = false, _ work: () async throws -> BackupReport
    ) async {
        await #expect {
            _ = try await work()
        } throws: { error in
            guard case .unavailable(let text) = error as? StoreError else { return false }
            return isOtherwise || text.contains(phrase)
        }
    }
}
