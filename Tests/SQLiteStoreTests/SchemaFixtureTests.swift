import Engine
import Foundation
import GRDB
import JSONModel
import Testing
import WallTime

@testable import SQLiteStore

/// Databases of every released schema version, as SQL texts in `Schemas`: each opens, is migrated, and holds what it
/// held. `Tests/outside/test_keeping.py` lets a daemon end the runs in them.
///
/// They were made by the programs that had schema 11, 25 and 30 to 33 (`scripts/schema-fixture.py`, killed in the middle), whose
/// rows were put into the tables that each version had. When a migration is appended, run the script with the programs from
/// before it, then `STEWARD_FIXTURE_SOURCE=…/steward.db swift test --filter SchemaFixtureTests`
/// writes those that are missing.
@Suite(.serialized) struct SchemaFixtureTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Schemas")
    static let source = ProcessInfo.processInfo.environment["STEWARD_FIXTURE_SOURCE"]

    @Test(.enabled(if: source != nil)) func writeThoseThatAreMissing() async throws {
        let source = try #require(Self.source)
        let newest = try await DatabaseQueue(path: source).read {
            try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0
        }
        for version in 1...newest where version < Migrations.all.version {
            let file = Self.file(version)
            guard !FileManager.default.fileExists(atPath: file.path) else { continue }
            try await withDirectory { path in
                let queue = try DatabaseQueue(path: path + "/new.db")
                try Migrations.all.migrator.migrate(queue, upTo: Migrations.all.identifier(reaching: version))
                try await queue.writeWithoutTransaction { try Self.fill($0, from: source) }
                let text = try await queue.read(Self.dump)
                try Data(text.utf8).write(to: file)
            }
        }
    }

    static func file(_ version: Int) -> URL {
        folder.appending(path: "schema-\(version < 10 ? "0" : "")\(version).sql")
    }

    static var versions: [Int] {
        (1..<Migrations.all.version).filter { FileManager.default.fileExists(atPath: file($0).path) }
    }

    /// A migration is appended together with the fixture of the schema before it.
    @Test func everyVersionWithAReleaseHasAFixture() { #expect(Self.versions == Array(1..<Migrations.all.version)) }

    @Test(arguments: versions) func aDatabaseOfThatVersionIsMigratedWhole(_ version: Int) async throws {
        try await withDirectory { path in
            let before = try Self.load(version, to: path + "/steward.db")
            let store = try openStore(path)
            #expect(try await store.integrityCheck() == [])
            #expect(try await store.read { try $0.rows("PRAGMA foreign_key_list(usage)") { _ in } }.isEmpty)
            let overwritesWhatIsDeleted: @Sendable (SQLiteTransaction) throws -> Int64? = {
                try $0.first("PRAGMA secure_delete") { $0.integer(0) }
            }
            let asTheLibraryDoes = try await store.read(overwritesWhatIsDeleted)
            #expect(try await store.write(overwritesWhatIsDeleted) == asTheLibraryDoes)
            #expect(try await store.verifyAudit().isIntact)
            #expect(try await store.verifyAudit().entries == Int64(before["audit"] ?? 0))
            for (table, rows) in before where table != "grdb_migrations" {
                let now = try await store.read { try $0.rows("SELECT count(*) FROM \"\(table)\"") { $0.integer(0) } }
                #expect(now == [Int64(rows)], "\(table)")
            }
            if version >= 2 {
                let running = try await store.read { try $0.executions(ExecutionQuery(statuses: [.running])) }
                #expect(running.executions.count == 6)
            }
            await store.close()
            try Data(count: 32).write(to: URL(fileURLWithPath: path + "/access-keys.key"))
            let report = Doctor(directory: path).examine()
            #expect(report.checks.filter { $0.outcome == .problem } == [])
            #expect(FileManager.default.fileExists(atPath: path + "/steward.db.schema\(version)"))
            let copy = try DatabaseQueue(path: path + "/steward.db.schema\(version)")
            #expect(try await copy.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == version)
        }
    }

    /// It may be all that is left of the time before an earlier upgrade.
    @Test func aCopyFromBeforeAnUpgradeIsNeverReplaced() async throws {
        try await withDirectory { path in
            let copy = path + "/steward.db.schema9"
            try Data("precious".utf8).write(to: URL(fileURLWithPath: copy))
            _ = try Self.load(9, to: path + "/steward.db")
            await (try openStore(path)).close()
            #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == Data("precious".utf8))
            let second = try DatabaseQueue(path: copy + ".2")
            #expect(try await second.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 9)
        }
    }

    /// A service manager starts a daemon that ends within its upgrade again and again.
    @Test func anUpgradeThatFailsAgainAndAgainLeavesOneCopy() async throws {
        try await withDirectory { path in
            _ = try Self.load(9, to: path + "/steward.db")
            var broken = Migrations()
            for name in Migrations.all.names.prefix(9) { broken.add(name) { _ in } }
            broken.add("broken") { _ in throw Deliberate() }
            for _ in 1...3 {
                #expect(throws: StoreError.self) {
                    try SQLiteStore.open(
                        directory: path, options: SQLiteStoreOptions(), migrations: broken, logger: quiet)
                }
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.contains("schema") }
                    == ["steward.db.schema9"])
        }
    }

    /// Before schema 31 a task on offer did not say since when.
    @Test func whatWasOnOfferIsFirstAndIsFound() async throws {
        try await withDirectory { path in
            _ = try Self.load(30, to: path + "/steward.db")
            let store = try openStore(path)
            let old = try await store.read { try $0.offeredTasks(of: "nobody", limit: 9) }
            #expect(old.map(\.input) == [["n": 0], ["n": 1]])
            var place = try #require(old.first).place
            place.since = Instant(milliseconds: 1_795_000_000_000)
            let known = place
            place.task += 1
            let new = OfferedTask(place: place, input: 1)
            try await store.write { try $0.offerTask(new) }
            #expect(try await store.read { try $0.offeredTasks(of: "nobody", limit: 9) } == old + [new])
            try await store.write { try $0.withdrawTask(known) }
            #expect(try await store.read { try $0.offeredTasks(of: "nobody", limit: 9) } == [old[1], new])
            await store.close()
        }
    }

    @Test func tryingMigrationsChangesNothing() async throws {
        try await withDirectory { path in
            _ = try Self.load(9, to: path + "/steward.db")
            let before = try Data(contentsOf: URL(fileURLWithPath: path + "/steward.db"))
            let offline = OfflineStore(directory: path, logger: quiet)
            #expect(try offline.pendingMigrations().from == 9)
            #expect(try offline.pendingMigrations().names == Array(Migrations.all.names.dropFirst(9)))
            try offline.tryMigrations()
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/steward.db")) == before)
            #expect(!FileManager.default.fileExists(atPath: path + "/steward.db.trial"))
        }
    }

    @Test func whatANewerProgramWroteIsRefusedInWords() async throws {
        #expect(
            StoreError.newerSchema(found: 99, supported: 12).explanation
                == "the database was written by a newer version of Steward (schema 99, this one knows up to 12); install "
                + "that version or newer, or restore a backup from before the upgrade.")
    }

    /// Makes the database and says how many rows each table has.
    static func load(_ version: Int, to path: String) throws -> [String: Int] {
        let queue = try DatabaseQueue(path: path)
        let text = try String(contentsOf: file(version), encoding: .utf8)
        return try queue.writeWithoutTransaction { database in
            try database.execute(sql: text)
            let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
            return try Dictionary(
                uniqueKeysWithValues: tables.map { table in
                    (table, try Int.fetchOne(database, sql: "SELECT count(*) FROM \"\(table)\"") ?? 0)
                })
        }
    }
}

extension SchemaFixtureTests {
    /// Takes the source's rows into the tables and columns that there are.
    private static func fill(_ database: Database, from source: String) throws {
        try database.execute(sql: "PRAGMA foreign_keys = OFF")
        try database.execute(sql: "PRAGMA application_id = \(ExecutionSchema.applicationID)")
        try database.execute(sql: "ATTACH ? AS source", arguments: [source])
        // Triggers guard what a program may do; here the rows are put where they were.
        let triggers = try Row.fetchAll(
            database, sql: "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'")
        for trigger in triggers { try database.execute(sql: "DROP TRIGGER main.\(trigger["name"] as String)") }
        for table in try tables(database) where table != "grdb_migrations" {
            let known = try columns(of: table, in: "source", database)
            let names = try columns(of: table, in: "main", database).filter(known.contains).joined(separator: ", ")
            try database.execute(
                sql:
                    "DELETE FROM main.\(table); INSERT INTO main.\(table) (\(names)) SELECT \(names) FROM source.\(table)"
            )
        }
        for trigger in triggers { try database.execute(sql: trigger["sql"]) }
        try database.execute(sql: "DETACH source")
    }

    private static func tables(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    }

    private static func columns(of table: String, in schema: String, _ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info(?, ?)", arguments: [table, schema])
    }

    /// The database as a text: tables, rows, then indexes and triggers.
    private static func dump(_ database: Database) throws -> String {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        var lines = [
            "PRAGMA application_id = \(ExecutionSchema.applicationID);", "PRAGMA user_version = \(version);", "BEGIN;",
        ]
        let schema = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND type "
        lines += try String.fetchAll(database, sql: schema + "= 'table'")
        for table in try tables(database) {
            let values = try columns(of: table, in: "main", database).map { "quote(\"\($0)\")" }
            let row = "'INSERT INTO \(table) VALUES (' || \(values.joined(separator: " || ', ' || ")) || ');'"
            lines += try String.fetchAll(database, sql: "SELECT \(row) FROM \(table)")
        }
        lines += try String.fetchAll(database, sql: schema + "<> 'table'")
        return (lines + ["COMMIT;"]).joined(separator: "\n") + "\n"
    }
}
