import Engine
import Foundation
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
            let restored = try offline.restore(from: path + "/copy.db")
            #expect(restored.audit == report.audit)
            try await offline.noteRestore(restored, from: "copy.db", by: "operator:me")
            let again = try openStore(path + "/live")
            let entries = try await again.read { try $0.auditEntries(subject: nil, limit: 9) }
            #expect(entries.map(\.action) == ["database.restored", "thing.done"])
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
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/copy.db")
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
                try OfflineStore(directory: path + "/live", logger: quiet).restore(from: path + "/copy.db")
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
            _ = try offline.restore(from: path + "/copy.db")
            await expectRefusal("is what an earlier restore replaced") { try offline.restore(from: path + "/copy.db") }
        }
    }

    /// Backups of older versions are restored too; the next start upgrades them.
    @Test func anOldBackupIsRestoredAndUpgraded() async throws {
        try await withDirectory { path in
            _ = try SchemaFixtureTests.load(6, to: path + "/old.db")
            let offline = OfflineStore(directory: path + "/live", logger: quiet)
            #expect(try offline.restore(from: path + "/old.db").schema == 6)
            let store = try openStore(path + "/live")
            #expect(try await store.verifyAudit().entries == 3)
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
