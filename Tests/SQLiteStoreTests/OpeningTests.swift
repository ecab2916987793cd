import Engine
import Foundation
import GRDB
import JSONModel
import Testing

@testable import SQLiteStore

@Suite struct OpeningTests {
    @Test func theDirectoryIsMadeForThisUserAlone() async throws {
        try await withDirectory { path in
            let directory = path + "/var/lib/steward"
            let store = try openStore(directory)
            _ = try await store.write { try seedExecution($0, name: "run") }
            #expect(try permissions(directory) == 0o700)
            for file in ["steward.db", "steward.db-wal", "steward.lock"] {
                #expect(try permissions("\(directory)/\(file)") == 0o600, "\(file)")
            }
            await store.close()
        }
    }

    @Test func everythingIsThereAfterReopening() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            let id = try await store.write { transaction in
                let id = try seedExecution(transaction, name: "run", workflow: "w")
                try transaction.appendJournal(id, record: [1, 2, 3])
                try transaction.parkExecution(id, wakeAt: start)
                try transaction.saveScheduleState(
                    ScheduleState(workflow: "w", expression: "e", nextFire: start, buffered: [start]))
                _ = try transaction.insertFire(
                    ScheduleFire(workflow: "w", nominal: start, firedAt: start, result: .started, execution: "run"))
                _ = try transaction.insertDeadLetter(
                    NewDeadLetter(
                        kind: .event, subject: "s", source: "q", error: "E", cause: "c", payload: [], at: start))
                try transaction.appendAudit(
                    AuditEntry(at: start, actor: "a", action: "b", subject: "c", detail: ["k": 1]))
                return id
            }
            let before = try await store.read(everything)
            await store.close()
            #expect(!FileManager.default.fileExists(atPath: path + "/steward.db-wal"))

            let again = try openStore(path)
            #expect(try await again.read(everything) == before)
            #expect(try await again.read { try $0.journal(id) } == [[1, 2, 3]])
            #expect(try await again.read { try $0.dueExecutions(at: start, limit: 1) } == [id])
            await again.close()
        }
    }

    @Test func aFileInPlaceOfTheDirectoryIsSaid() async throws {
        try await withDirectory { path in
            try Data().write(to: URL(fileURLWithPath: path + "/data"))
            try expectUnavailable("is a file, not a directory", path + "/data")
            try expectUnavailable("can't be made", path + "/data/below")
        }
    }

    @Test func aDirectoryThatRefusesFilesIsSaid() throws {
        // Nobody can make a file there, not even root.
        try expectUnavailable("/proc/self", "/proc/self")
    }

    @Test func aDirectoryInPlaceOfTheDatabaseIsSaid() async throws {
        try await withDirectory { path in
            try FileManager.default.createDirectory(
                atPath: path + "/steward.db", withIntermediateDirectories: false)
            try expectUnavailable("steward.db can't be written", path)
        }
    }

    @Test func whatIsNoDatabaseIsDamaged() async throws {
        try await withDirectory { path in
            let text = String(repeating: "not a database, but a long text. ", count: 400)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/steward.db"))
            #expect {
                try openStore(path)
            } throws: { error in
                guard case .damaged(let text) = error as? StoreError else { return false }
                return text.contains("\(path)/steward.db") && text.contains("restore a backup")
            }
        }
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() async throws {
        try await withDirectory { path in
            let other = try DatabaseQueue(path: path + "/steward.db")
            try await other.write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
            try other.close()
            try expectUnavailable("another program's database", path)
        }
    }

    @Test func aNewerSchemaIsRefusedUntouched() async throws {
        try await withDirectory { path in
            await (try openStore(path)).close()
            let supported = Migrations.all.version
            let newer = try DatabaseQueue(path: path + "/steward.db")
            try await newer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
            try newer.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path + "/steward.db"))

            #expect(throws: StoreError.newerSchema(found: 99, supported: supported)) { try openStore(path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/steward.db")) == before)
        }
    }

    @Test func anUpgradeKeepsACopyOfTheDatabaseBeforeIt() async throws {
        try await withDirectory { path in
            let old = try openStore(path)
            let id = try await old.write { try seedExecution($0, name: "run") }
            await old.close()
            let before = Migrations.all.version
            var next = Migrations.all
            next.add("more") { try $0.execute(sql: "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT") }

            let new = try SQLiteStore.open(
                directory: path, options: SQLiteStoreOptions(), migrations: next, logger: quiet)
            let found = try await new.read { try $0.first("PRAGMA user_version") { $0.integer(0) } }
            #expect(found == Int64(before + 1))
            #expect(try await new.read { try $0.execution(id)?.name } == "run")
            await new.close()

            #expect(throws: StoreError.newerSchema(found: before + 1, supported: before)) { try openStore(path) }
            let copy = try DatabaseQueue(path: "\(path)/steward.db.schema\(before)")
            #expect(try await copy.read { try String.fetchAll($0, sql: "SELECT name FROM execution") } == ["run"])
            #expect(try await copy.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == before)
        }
    }

    @Test func aFailedUpgradeLeavesTheDatabaseAsItWas() async throws {
        try await withDirectory { path in
            let old = try openStore(path)
            _ = try await old.write { try seedExecution($0, name: "run") }
            await old.close()
            var broken = Migrations.all
            broken.add("broken") { database in
                try database.execute(sql: "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT")
                throw Deliberate()
            }
            #expect(throws: StoreError.self) {
                try SQLiteStore.open(
                    directory: path, options: SQLiteStoreOptions(), migrations: broken, logger: quiet)
            }
            let again = try openStore(path)
            #expect(try await again.read { try $0.liveExecutions().count } == 1)
            #expect(
                try await again.read {
                    try $0.rows("SELECT name FROM sqlite_schema WHERE name = 'more'") { $0.text(0) }
                } == [])
            await again.close()
        }
    }

    @Test func everyTableIsStrict() async throws {
        try await withStore { store in
            let loose = try await store.read { transaction in
                try transaction.rows(
                    """
                    SELECT name FROM pragma_table_list
                    WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%' AND name <> 'grdb_migrations'
                    """
                ) { $0.text(0) }
            }
            #expect(loose == [])
        }
    }

    private func permissions(_ path: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }

    private func expectUnavailable(_ phrase: String, _ directory: String) throws {
        #expect("\(directory)") {
            try openStore(directory)
        } throws: { error in
            guard case .unavailable(let text) = error as? StoreError else { return false }
            return text.contains(phrase)
        }
    }

    private var everything: @Sendable (SQLiteTransaction) throws -> [String] {
        { transaction in
            var found: [String] = []
            found.append("\(try transaction.stateMachines())")
            found.append("\(try transaction.executions(ExecutionQuery()))")
            found.append("\(String(describing: try transaction.scheduleState("w")))")
            found.append("\(try transaction.fires(of: "w", limit: 9))")
            found.append("\(try transaction.deadLetters(DeadLetterQuery()))")
            found.append("\(try transaction.auditEntries(subject: nil, limit: 9))")
            return found
        }
    }
}
