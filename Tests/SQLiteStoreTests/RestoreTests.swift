import Engine
import Foundation
import JSONModel
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct RestoreTests {
    @Test func aBackupPutsBackWhatItHolds() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            let report = try await store.backup(to: path + "/copy.db")
            #expect(report.audit?.entries == 1)
            #expect(report.schema == Migrations.all.version)
            #expect(report.bytes == DataDirectory.size(path + "/copy.db"))
            try await store.write { try $0.appendAudit(AuditChainTests.entry(2)) }
            await store.close()

            let offline = OfflineStore(directory: path + "/live", logger: quiet)
            let restored = try offline.restore(from: path + "/copy.db", by: "operator:me")
            #expect(restored.audit == report.audit)
            let again = try openStore(path + "/live")
            let entries = try await again.read { try $0.auditEntries(subject: nil, limit: 9) }
            // It is in what the restore was decided with: a crash leaves no restore that nobody is told of.
            #expect(entries.map(\.action) == ["database.restored", "thing.done"])
            #expect(entries.first?.actor == "operator:me")
            #expect(entries.first?.detail["head"] == report.audit.map { .string($0.head) })
            #expect(try await again.verifyAudit(expectedHead: report.audit?.head).expectedAt == 1)
            await again.close()

            // What was there before is still there, whole.
            try FileManager.default.createDirectory(atPath: path + "/old", withIntermediateDirectories: false)
            try FileManager.default.moveItem(
                atPath: path + "/live/steward.db.replaced", toPath: path + "/old/steward.db")
            #expect(
                try OfflineStore(directory: path + "/old", logger: quiet).verifyAudit(expectedHead: nil).entries == 2)
        }
    }

    @Test func aBackupIsThisUsersAlone() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            let mode = try FileManager.default.attributesOfItem(atPath: path + "/copy.db")[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["copy.db", "live"])
            await store.close()
        }
    }

    @Test func onlyADatabaseIsReplacedAndOnlyWhenAskedFor() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try Data("precious".utf8).write(to: URL(fileURLWithPath: path + "/text"))
            await expectRefusal("is no database") { try await store.backup(to: path + "/text", replacing: true) }
            await expectRefusal("exists already") { try await store.backup(to: path + "/text") }
            await expectRefusal("is the database itself") {
                try await store.backup(to: path + "/live/steward.db", replacing: true)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/text")) == Data("precious".utf8))
            try await store.backup(to: path + "/copy.db")
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            #expect(try await store.backup(to: path + "/copy.db", replacing: true).audit?.entries == 1)
            await store.close()
        }
    }

    @Test func damageIsNotBackedUp() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            for number in 1...9 { try await store.write { try $0.appendAudit(AuditChainTests.entry(number)) } }
            await store.close()
            try AuditChainTests.tamper(path, "UPDATE audit SET actor = 'eve' WHERE id = 4")
            let offline = OfflineStore(directory: path, logger: quiet)
            #expect {
                try offline.backup(to: path + "/copy.db", replacing: false)
            } throws: { "\($0)".contains("broken at entry 4") }
            #expect(!FileManager.default.fileExists(atPath: path + "/copy.db"))
            #expect(!FileManager.default.fileExists(atPath: path + "/copy.db.partial"))
        }
    }

    @Test func aDirectoryInUseIsNotRestored() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            #expect {
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/copy.db", by: "me")
            } throws: { error in
                guard case .locked = error as? StoreError else { return false }
                return true
            }
            await store.close()
        }
    }

    @Test(arguments: ["text", "half", "flipped", "missing", "newer"])
    func aBadBackupIsRefusedAndChangesNothing(_ kind: String) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            for number in 1...200 { try await store.write { try $0.appendAudit(AuditChainTests.entry(number)) } }
            try await store.backup(to: path + "/copy.db")
            await store.close()
            let url = URL(fileURLWithPath: path + "/copy.db")
            var bytes = try Data(contentsOf: url)
            switch kind {
            case "text": bytes = Data(String(repeating: "no database ", count: 1000).utf8)
            case "half": bytes = bytes.prefix(bytes.count / 2)
            case "flipped":
                let place = try #require(bytes.range(of: Data("größer-100".utf8)))
                bytes[place.lowerBound + 1] ^= 1
            case "newer": bytes[63] = 99
            default: bytes = Data()
            }
            if kind == "missing" { try FileManager.default.removeItem(at: url) } else { try bytes.write(to: url) }
            let before = try Data(contentsOf: URL(fileURLWithPath: path + "/live/steward.db"))
            #expect(throws: StoreError.self) {
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/copy.db", by: "me")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/live/steward.db")) == before)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path + "/live").sorted()
                    == ["steward.db", "steward.lock"])
        }
    }

    /// After every step that a crash may follow, the next start finishes the restore, and the log of the database that
    /// was replaced never meets the one that replaced it.
    @Test(arguments: 0...3) func anInterruptedRestoreIsFinishedByTheNextStart(_ steps: Int) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            try await store.backup(to: path + "/copy.db")
            for number in 2...5 { try await store.write { try $0.appendAudit(AuditChainTests.entry(number)) } }
            let crashed = path + "/crashed", database = crashed + "/steward.db", files = FileManager.default
            try files.createDirectory(atPath: crashed, withIntermediateDirectories: false)
            for suffix in ["", "-wal"] {
                try files.copyItem(atPath: path + "/live/steward.db" + suffix, toPath: database + suffix)
            }
            await store.close()
            try files.copyItem(atPath: path + "/copy.db", toPath: database + ".restoring")
            if steps > 0 { try files.moveItem(atPath: database, toPath: database + ".replaced") }
            if steps > 1 { try files.moveItem(atPath: database + "-wal", toPath: database + ".replaced-wal") }
            if steps > 2 { try files.moveItem(atPath: database + ".restoring", toPath: database) }

            let restored = try openStore(crashed)
            #expect(try await restored.verifyAudit().entries == 1)
            await restored.close()
            try files.createDirectory(atPath: path + "/old", withIntermediateDirectories: false)
            for suffix in ["", "-wal"] {
                try files.moveItem(atPath: database + ".replaced" + suffix, toPath: path + "/old/steward.db" + suffix)
            }
            #expect(
                try OfflineStore(directory: path + "/old", logger: quiet).verifyAudit(expectedHead: nil).entries == 5)
        }
    }

    @Test func whatAnEarlierRestoreReplacedIsNotLost() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            await store.close()
            let offline = OfflineStore(directory: path + "/live", logger: quiet)
            _ = try offline.restore(from: path + "/copy.db", by: "me")
            await expectRefusal("is what an earlier restore replaced") {
                try offline.restore(from: path + "/copy.db", by: "me")
            }
        }
    }

    /// A later start after a clean end moves no log there, and the older one would be read as that database's.
    @Test(arguments: ["-wal", "-shm", "-journal"]) func theLogOfWhatWasReplacedStandsInTheWay(_ suffix: String)
        async throws
    {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            await store.close()
            let stray = path + "/live/steward.db.replaced" + suffix
            try Data("stale".utf8).write(to: URL(fileURLWithPath: stray))
            let offline = OfflineStore(directory: path + "/live", logger: quiet)
            await expectRefusal("\(stray) is what an earlier restore replaced") {
                try offline.restore(from: path + "/copy.db", by: "me")
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: stray)) == Data("stale".utf8))
        }
    }

    /// The decided restore had nothing there: what has come since is nobody's to throw away.
    @Test func finishingARestoreOverwritesNothing() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            await store.close()
            let database = path + "/live/steward.db"
            try FileManager.default.copyItem(atPath: path + "/copy.db", toPath: database + ".restoring")
            try Data("precious".utf8).write(to: URL(fileURLWithPath: database + ".replaced"))
            #expect { try openStore(path + "/live") } throws: { "\($0)".contains("move that away") }
            #expect(try Data(contentsOf: URL(fileURLWithPath: database + ".replaced")) == Data("precious".utf8))
            try FileManager.default.removeItem(atPath: database + ".replaced")
            await (try openStore(path + "/live")).close()
            #expect(FileManager.default.fileExists(atPath: database + ".replaced"))
        }
    }

    /// A backup has no log: what stands there was another file's of that name.
    @Test(arguments: ["-wal", "-journal"]) func aStaleLogIsNotRestoredWithABackup(_ suffix: String) async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live")
            try await store.backup(to: path + "/copy.db")
            _ = try await store.write { try seedExecution($0, name: "run") }
            try FileManager.default.copyItem(
                atPath: path + "/live/steward.db-wal", toPath: path + "/copy.db" + suffix)
            await store.close()
            #expect {
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/copy.db", by: "me")
            } throws: { "\($0)".contains("move \(path)/copy.db\(suffix) away") }
        }
    }

    @Test func aBackupCopiedOverAKilledDaemonsDatabaseIsNotOpenedWithItsLog() async throws {
        try await withDirectory { path in
            let store = try openStore(path + "/live"), files = FileManager.default
            try await store.backup(to: path + "/copy.db")
            _ = try await store.write { try seedExecution($0, name: "run") }
            try files.createDirectory(atPath: path + "/standby", withIntermediateDirectories: false)
            try files.copyItem(atPath: path + "/copy.db", toPath: path + "/standby/steward.db")
            try files.copyItem(atPath: path + "/live/steward.db-wal", toPath: path + "/standby/steward.db-wal")
            await store.close()
            #expect { try openStore(path + "/standby") } throws: { "\($0)".contains("is the log of another database") }
            try files.removeItem(atPath: path + "/standby/steward.db-wal")
            await (try openStore(path + "/standby")).close()
        }
    }

    @Test func whatAKilledRestoreLeftIsRemoved() async throws {
        try await withDirectory { path in
            for suffix in ["", "-journal"] {
                try Data("half".utf8).write(to: URL(fileURLWithPath: path + "/steward.db.restoring.partial" + suffix))
            }
            await (try openStore(path)).close()
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["steward.db", "steward.lock"])
        }
    }

    /// Backups of older versions are restored too, and stay what they are for the program that fits them; the next start
    /// of this one upgrades them. The first had no audit log, the second one without a chain.
    @Test(arguments: [4, 6, 31]) func anOldBackupIsRestoredAsItIsAndUpgradedLater(_ version: Int) async throws {
        try await withDirectory { path in
            let rows = try SchemaFixtureTests.load(version, to: path + "/old.db")
            let offline = OfflineStore(directory: path + "/live", logger: quiet)
            #expect(try offline.restore(from: path + "/old.db", by: "me").schema == version)
            #expect(try offline.pendingMigrations().from == version)
            let store = try openStore(path + "/live")
            let verdict = try await store.verifyAudit()
            #expect(verdict.isIntact)
            #expect(verdict.entries == Int64(rows["audit"].map { $0 + 1 } ?? 0))
            await store.close()
        }
    }

    private func expectRefusal(_ phrase: String, _ work: () async throws -> BackupReport) async {
        await #expect {
            _ = try await work()
        } throws: { error in
            guard case .unavailable(let text) = error as? StoreError else { return false }
            return text.contains(phrase)
        }
    }
}
