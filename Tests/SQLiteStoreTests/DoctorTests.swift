import Engine
import Foundation
import GRDB
import JSONModel
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct DoctorTests {
    @Test func aSoundDirectoryIsWell() async throws {
        try await withDirectory { path in
            try await fill(path)
            let report = Self.examine(path)
            #expect(report.outcome == .ok, "\(report.checks.filter { $0.outcome != .ok })")
            #expect(report.checks.count >= 17)
        }
    }

    @Test func itLooksBesideARunningStore() async throws {
        try await withDirectory { path in
            try await fill(path)
            let store = try openStore(path)
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            let report = Self.examine(path)
            #expect(report.checks.first { $0.name == "daemon" }?.message.hasPrefix("runs: workflowd (pid") == true)
            #expect(report.outcome == .ok, "\(report.checks.filter { $0.outcome != .ok })")
            try await store.write { try $0.appendAudit(AuditChainTests.entry(2)) }
            await store.close()
        }
    }

    struct Disorder: Sendable, CustomTestStringConvertible {
        var sql: String
        var check: String
        var outcome = DoctorCheck.Outcome.problem
        var testDescription: String { sql }
    }

    static let disorders = [
        Disorder(sql: "UPDATE stateMachineVersion SET json = replace(json, 'Pass', 'Bass')", check: "definitions"),
        Disorder(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '3 %'", check: "migrations"),
        Disorder(sql: "INSERT INTO wake VALUES (5, 1)", check: "timers"),
        Disorder(sql: "UPDATE execution SET wakeAt = 7 WHERE id = 1", check: "timers"),
        Disorder(sql: "INSERT INTO offeredTask VALUES ('a', 50, 7, 1, '{}')", check: "offers"),
        Disorder(sql: "INSERT INTO offeredTask VALUES ('a', 50, 1, 77, '{}')", check: "executions"),
        Disorder(sql: "UPDATE execution SET status = 0, stoppedAt = NULL WHERE id = 7", check: "executions"),
        Disorder(
            sql: "UPDATE execution SET status = 2, stoppedAt = 9, parked = 0, wakeAt = NULL WHERE id = 1",
            check: "executions"),
        Disorder(sql: "DELETE FROM journal WHERE execution = 1", check: "executions"),
        Disorder(sql: "UPDATE execution SET cause = 'another' WHERE id = 9", check: "executions"),
        Disorder(sql: "UPDATE execution SET redriveCount = 3 WHERE id = 1", check: "executions"),
        Disorder(sql: "INSERT INTO journal VALUES (999, 1, 9, x'0102')", check: "executions"),
        Disorder(
            sql: "PRAGMA foreign_keys = OFF; INSERT INTO outboxItem (notice, channel, nextTry) VALUES (4, 'c', 1)",
            check: "outbox"),
        Disorder(
            sql: "PRAGMA foreign_keys = OFF; INSERT INTO nestedExecution VALUES (900, 901, 1)", check: "integrity check"
        ),
        Disorder(
            sql: "UPDATE budget SET block = '{\"end\":\"some day\",\"reason\":\"r\",\"by\":\"b\",\"since\":\"s\"}'",
            check: "ledger"),
        Disorder(
            sql: "UPDATE budget SET periodStart = 99999000000000, periodEnd = 99999999999999", check: "ledger",
            outcome: .warning),
        Disorder(
            sql: "INSERT OR REPLACE INTO retentionMark (kind, before) VALUES ('usage', 99999000000000)", check: "ledger"
        ),
        Disorder(sql: "PRAGMA user_version = 3", check: "schema", outcome: .warning),
        Disorder(sql: "PRAGMA user_version = 99", check: "database"),
        Disorder(sql: "PRAGMA application_id = 99", check: "database"),
        Disorder(
            sql: "UPDATE execution SET startedAt = 99999999999999 WHERE id = 1", check: "clock", outcome: .warning),
    ]

    @Test(arguments: disorders) func disorderIsFound(_ disorder: Disorder) async throws {
        try await withDirectory { path in
            try await fill(path)
            try AuditChainTests.tamper(path, disorder.sql)
            let check = Self.examine(path).checks.filter { $0.name == disorder.check }.last
            #expect(check?.outcome == disorder.outcome, "\(String(describing: check))")
            #expect(check?.advice != nil)
        }
    }

    @Test func aMissingKeyFileIsSaid() async throws {
        try await withDirectory { path in
            try await fill(path)
            #expect(unlink(path + "/access-keys.key") == 0)
            #expect(Self.examine(path).checks.first { $0.name == "keys" }?.outcome == .problem)
        }
    }

    @Test(arguments: ["token.key", "access-keys.key"]) func aKeyFileThatWasCutOffIsSaid(_ name: String) async throws {
        try await withDirectory { path in
            try await fill(path)
            try Data(count: 31).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            let check = Self.examine(path).checks.first { $0.name == "keys" }
            #expect(check?.outcome == .problem)
            #expect(check?.message.hasPrefix("\(name) was cut off") == true)
        }
    }

    /// Nobody else sees what a daemon writes to a log without a name.
    @Test(arguments: ["-wal", "-shm"]) func aLogThatWasRemovedUnderADaemonIsSaid(_ suffix: String) async throws {
        try await withDirectory { path in
            try await fill(path)
            let store = try openStore(path)
            try await store.write { try $0.appendAudit(AuditChainTests.entry(1)) }
            #expect(unlink(path + "/steward.db" + suffix) == 0)
            let check = Self.examine(path).checks.last
            #expect(check?.name == "write-ahead log")
            #expect(check?.outcome == .problem)
            #expect(check?.message.contains("steward.db\(suffix) is missing") == true)
            #expect(check?.advice?.contains("SIGTERM") == true)
            await store.close()
        }
    }

    /// Checks that would have a backup restored say nothing of the sort while the disk doesn't give all.
    @Test func whatCannotBeReadIsMadeReadableFirst() {
        var report = DoctorReport(data: "/data")
        report.add("integrity check", .problem, "row 7 missing", Advice.restore)
        report.add("disk", .ok, "5 MiB free")
        report.blameTheDisk("/data/steward.db can't be read")
        #expect(!report.checks.contains { $0.advice == Advice.restore })
        #expect(report.checks.map(\.name) == ["integrity check", "disk", "reading"])
        #expect(report.outcome == .problem)
    }

    @Test func whatOthersMayReadIsSaid() async throws {
        try await withDirectory { path in
            try await fill(path)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path + "/steward.db")
            let check = Self.examine(path).checks.first { $0.name == "permissions" }
            #expect(check?.outcome == .warning)
            #expect(check?.message.contains("steward.db has mode 644") == true)
        }
    }

    /// Whoever asks as root asks for the files' owner, who is made another for that; anybody else owns what it made.
    @Test(arguments: [("", 0o500), ("/steward.db", 0o400), ("/steward.lock", 0o400)])
    func whatItsUserMayNotWriteIsSaid(_ file: String, _ mode: Int) async throws {
        try await withDirectory { path in
            try await fill(path)
            let user = geteuid() == 0 ? 65534 : geteuid()
            for name in ["", "/steward.db", "/steward.lock", "/access-keys.key"] where geteuid() == 0 {
                #expect(chown(path + name, user, user) == 0)
            }
            let well = Self.examine(path).checks.first { $0.name == "permissions" }
            #expect(well?.outcome == .ok)
            #expect(well?.message == "user \(user) may write; nobody else may read")
            #expect(chmod(path + file, mode_t(mode)) == 0)
            let check = Self.examine(path).checks.first { $0.name == "permissions" }
            #expect(chmod(path, 0o700) == 0)
            #expect(check?.outcome == .problem)
            #expect(check?.message.hasPrefix("user \(user) may not write \(path)\(file) (") == true)
            #expect(check?.advice?.hasPrefix("chmod -R u+rwX \(path): ") == true, "\(String(describing: check))")
        }
    }

    /// Over a sound database a backup would throw away what came after it.
    @Test func aBackupIsAdvisedForDamageOnly() {
        func advice(_ code: ResultCode) -> String {
            Doctor.advice(against: DatabaseError(resultCode: code), at: "steward.db")
        }
        for code in [ResultCode.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR] {
            #expect(advice(code) == Advice.restore)
        }
        for code in [ResultCode.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_FULL] {
            #expect(advice(code) == Advice.reach)
        }
        let newer = Doctor.advice(against: StoreError.newerSchema(found: 99, supported: 3), at: "steward.db")
        #expect(newer == Advice.newer)
        #expect(Doctor.advice(against: StoreError.unavailable("is no database"), at: "steward.db") == Advice.restore)
    }

    struct Ruin: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var phrase: String
        var apply: @Sendable (String) throws -> Void
    }

    static let ruins = [
        Ruin(testDescription: "empty", phrase: "is empty") { path in
            try Data("0123456789012345678901234567890123456789".utf8)
                .write(to: URL(fileURLWithPath: (path as NSString).deletingLastPathComponent + "/token.key"))
            try Data().write(to: URL(fileURLWithPath: path))
        },
        // SQLite takes it for an empty one.
        Ruin(testDescription: "one byte", phrase: "was cut off") { path in
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try data.prefix(1).write(to: URL(fileURLWithPath: path))
        },
        Ruin(testDescription: "half", phrase: "was cut off") { path in
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
        },
        Ruin(testDescription: "less than a page", phrase: "was cut off") { path in
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try data.prefix(1000).write(to: URL(fileURLWithPath: path))
        },
        Ruin(testDescription: "text", phrase: "not a database") { path in
            try Data(String(repeating: "text, not a database. ", count: 999).utf8).write(to: URL(fileURLWithPath: path))
        },
    ]

    /// The store refuses to open it, says why, and changes nothing; the doctor says the same.
    @Test(arguments: ruins) func aRuinedFileIsRefusedAndLeftAlone(_ ruin: Ruin) async throws {
        try await withDirectory { path in
            try await fill(path)
            let file = path + "/steward.db"
            try ruin.apply(file)
            let before = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect {
                try openStore(path)
            } throws: { error in
                guard case .damaged(let text) = error as? StoreError else { return false }
                return text.contains(ruin.phrase) && text.contains("restore a backup")
            }
            let report = Self.examine(path)
            #expect(report.outcome == .problem)
            #expect(report.checks.contains { $0.name == "database" && $0.outcome == .problem && $0.advice != nil })
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        }
    }

    /// `STEWARD_FLIPS` asks for more.
    static let flipsPerPage = ProcessInfo.processInfo.environment["STEWARD_FLIPS"].flatMap(Int.init) ?? 2

    /// A flipped byte is reported, or it changed nothing that can be read, or it stands in a value that SQLite keeps no
    /// checksum of (docs/operations.md says so). Whatever it is, nothing crashes.
    @Test func aFlippedByteIsFoundOrWasNobodys() async throws {
        try await withDirectory { path in
            try await fill(path + "/sound")
            let original = try Data(contentsOf: URL(fileURLWithPath: path + "/sound/steward.db"))
            let (rows, damaged) = (try Self.contents(path + "/sound"), path + "/damaged")
            try FileManager.default.copyItem(atPath: path + "/sound", toPath: damaged)
            #expect(Self.examine(damaged).outcome == .ok)
            var random = SeededRandom(seed: 5)
            var (found, harmless, silent) = (0, 0, Set<String>())
            let pages = original.count / 4096
            for page in 0..<pages {
                for attempt in 0..<Self.flipsPerPage {
                    // Headers and cell pointers, and anywhere.
                    let offset = page * 4096 + Int.random(in: 0..<(attempt % 3 == 0 ? 64 : 4096), using: &random)
                    var bytes = original
                    bytes[offset] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
                    for suffix in ["-wal", "-shm"] { _ = unlink(damaged + "/steward.db" + suffix) }
                    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: damaged + "/steward.db"))
                    try file.write(contentsOf: bytes)
                    try file.close()
                    if Self.examine(damaged).outcome != .ok {
                        found += 1
                        continue
                    }
                    let changed = Self.changed(try Self.contents(damaged), rows)
                    if changed.isEmpty { harmless += 1 } else { silent.formUnion(changed) }
                }
            }
            print("flipped bytes: \(found) found, \(harmless) harmless, silent in \(silent.sorted())")
            #expect(found > pages / 4)
            #expect(silent.isDisjoint(with: ["audit", "auditAnchor", "wake", "offeredTask"]), "\(silent)")
        }
    }

    /// A log that lost its end gives what was committed before, and the doctor says that something followed.
    @Test func aLogThatWasCutOffGivesTheLastWholeCommit() async throws {
        try await withDirectory { path in
            var options = SQLiteStoreOptions()
            options.checkpointPages = 0
            let store = try openStore(path + "/live", options: options)
            let base = Int(DataDirectory.size(path + "/live/steward.db-wal") ?? 0)
            for number in 1...20 { try await store.write { try $0.appendAudit(AuditChainTests.entry(number)) } }
            let copy = path + "/copy"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: path + "/live/steward.db" + suffix, toPath: copy + "/steward.db" + suffix)
            }
            await store.close()
            let log = try Data(contentsOf: URL(fileURLWithPath: copy + "/steward.db-wal"))
            let whole = try WriteAheadLog(path: copy + "/steward.db-wal")
            #expect(whole.isWhole)
            #expect(whole.commits >= 20)
            // A byte of the first frame's salts, which hides all frames from SQLite.
            var flipped = log
            flipped[40] ^= 1
            try flipped.write(to: URL(fileURLWithPath: copy + "/steward.db-wal"))
            let broken = try WriteAheadLog(path: copy + "/steward.db-wal")
            #expect(!broken.isWhole)
            #expect(broken.isBroken)
            #expect(broken.advice?.contains("keep a copy") == true)
            var entries: [Int64] = []
            for cut in stride(from: log.count, to: base, by: -(log.count - base) / 23) {
                for suffix in ["-wal", "-shm"] { _ = unlink(copy + "/steward.db" + suffix) }
                try log.prefix(cut).write(to: URL(fileURLWithPath: copy + "/steward.db-wal"))
                let report = Self.examine(copy)
                let check = report.checks.first { $0.name == "write-ahead log" }
                if cut == log.count { #expect(check?.outcome == .ok) }
                if (cut - 32) % 4120 != 0 { #expect(check?.outcome == .warning, "\(cut)") }
                #expect(report.checks.first { $0.name == "audit chain" }?.outcome == .ok)
                entries.append(try OfflineStore(directory: copy, logger: quiet).verifyAudit(expectedHead: nil).entries)
            }
            #expect(entries.first == 20)
            #expect(entries == entries.sorted(by: >))
            #expect(Set(entries).count > 3)
        }
    }

    private static func examine(_ path: String) -> DoctorReport {
        Doctor(directory: path, clock: VirtualClock(at: Instant(milliseconds: 1_800_000_000_000)).wallClock).examine()
    }

    /// What schema 11 held, real histories among it, and more audit entries; nothing that a person has to see to.
    private func fill(_ path: String) async throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        _ = try SchemaFixtureTests.load(11, to: path + "/steward.db")
        let store = try openStore(path)
        try await store.write { transaction in
            for number in 1...40 { try transaction.appendAudit(AuditChainTests.entry(number)) }
            try transaction.execute("UPDATE deadLetter SET status = 'discarded', nextRedrive = NULL")
        }
        await store.close()
        for name in ["steward.db", "access-keys.key"] {
            if name != "steward.db" { try Data(count: 32).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(path)/\(name)")
        }
    }

    private static func contents(_ path: String) throws -> [String: [String]] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path + "/steward.db", configuration: configuration)
        return try queue.read { database in
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            return try Dictionary(
                uniqueKeysWithValues: tables.map { table in
                    (table, try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"").map { "\($0)" })
                })
        }
    }

    private static func changed(_ now: [String: [String]], _ before: [String: [String]]) -> Set<String> {
        Set(Set(now.keys).union(before.keys).filter { now[$0] != before[$0] })
    }
}
