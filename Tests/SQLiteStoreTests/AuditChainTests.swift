import Engine
import Foundation
import GRDB
import JSONModel
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct AuditChainTests {
    @Test func theHashIsThatOfTheDocumentedBytes() {
        let row = AuditRow(number: 1, at: 2, actor: "a", action: "bc", subject: "", detail: "{}")
        // Computed with Python's hashlib.
        #expect(
            AuditChain.hexadecimal(AuditChain.hash(row, after: AuditChain.beginning))
                == "e10e21949abbbcb0df01aa926833cf29ad6fc8fa120420ede56734e755e62143")
    }

    @Test func entriesAreChainedAsTheyAreWritten() async throws {
        try await withStore { store in
            #expect(try await store.verifyAudit().summary.hasPrefix("0 entries, intact"))
            let heads = try await append(5, to: store)
            let verdict = try await store.verifyAudit()
            #expect(verdict.entries == 5)
            #expect(verdict.head == heads.last)
            #expect(verdict.summary == "5 entries, intact, head \(heads[4])")
            #expect(Set(heads).count == 5)
        }
    }

    @Test func whatIsUndoneLeavesNoTrace() async throws {
        try await withStore { store in
            _ = try await append(2, to: store)
            await #expect(throws: Deliberate.self) {
                try await store.write { transaction in
                    try transaction.appendAudit(Self.entry(99))
                    throw Deliberate()
                }
            }
            _ = try await append(1, to: store)
            #expect(try await store.verifyAudit().summary.hasPrefix("3 entries, intact"))
        }
    }

    @Test func aNotedHeadIsFoundLaterOn() async throws {
        try await withStore { store in
            let heads = try await append(4, to: store)
            #expect(try await store.verifyAudit(expectedHead: heads[1]).expectedAt == 2)
            let other = String(repeating: "0", count: 63) + "1"
            #expect(try await store.verifyAudit(expectedHead: other).isIntact == false)
            #expect(try await store.verifyAudit(expectedHead: String(repeating: "0", count: 64)).expectedAt == 0)
        }
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        var sql: String
        var entry: Int64
        var reason: String
        var testDescription: String { sql }
    }

    static let tamperings = [
        Tampering(sql: "UPDATE audit SET detail = '{}' WHERE id = 3", entry: 3, reason: "does not follow"),
        Tampering(sql: "UPDATE audit SET actor = 'eve' WHERE id = 1", entry: 1, reason: "does not follow"),
        Tampering(sql: "UPDATE audit SET action = 'x' WHERE id = 5", entry: 5, reason: "does not follow"),
        Tampering(sql: "UPDATE audit SET subject = 'x' WHERE id = 2", entry: 2, reason: "does not follow"),
        Tampering(sql: "UPDATE audit SET at = at + 1 WHERE id = 4", entry: 4, reason: "does not follow"),
        Tampering(sql: "UPDATE audit SET hash = zeroblob(32) WHERE id = 5", entry: 5, reason: "does not follow"),
        Tampering(sql: "DELETE FROM audit WHERE id = 3", entry: 3, reason: "is missing"),
        Tampering(sql: "DELETE FROM audit WHERE id = 5", entry: 5, reason: "the end was cut off"),
        Tampering(sql: "DELETE FROM audit WHERE id > 2", entry: 3, reason: "the end was cut off"),
        Tampering(sql: "DELETE FROM audit", entry: 1, reason: "the end was cut off"),
        Tampering(sql: "DELETE FROM audit WHERE id = 1", entry: 2, reason: "does not follow"),
        Tampering(sql: "DELETE FROM auditAnchor", entry: 0, reason: "the anchor is missing"),
        Tampering(sql: "UPDATE auditAnchor SET count = 9", entry: 0, reason: "the anchor names 9 entries"),
        Tampering(
            sql: "INSERT INTO audit SELECT 6, at, actor, action, subject, detail, hash FROM audit WHERE id = 5",
            entry: 6, reason: "does not follow"),
        // Two entries that change places.
        Tampering(
            sql:
                "UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 9",
            entry: 2, reason: "does not follow"),
    ]

    @Test(arguments: tamperings) func whoeverChangesTheLogIsSeen(_ tampering: Tampering) async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            _ = try await append(5, to: store)
            await store.close()
            try Self.tamper(path, tampering.sql)
            let verdict = try OfflineStore(directory: path, logger: quiet).verifyAudit(expectedHead: nil)
            #expect(verdict.broken?.entry == tampering.entry)
            #expect(verdict.broken?.reason.contains(tampering.reason) == true, "\(verdict.summary)")
            let check = Doctor(directory: path).examine().checks.first { $0.name == "audit chain" }
            #expect(check?.outcome == .problem)
        }
    }

    /// Nothing in a database proves what is missing when its end was cut off together with the anchor: a noted head does.
    @Test func onlyANotedHeadShowsAnEndThatWasCutOffWithItsAnchor() async throws {
        try await withDirectory { path in
            let store = try openStore(path)
            let heads = try await append(5, to: store)
            await store.close()
            try Self.tamper(
                path,
                """
                DELETE FROM audit WHERE id > 3;
                UPDATE auditAnchor SET last = 3, count = 3, head = (SELECT hash FROM audit WHERE id = 3)
                """)
            let offline = OfflineStore(directory: path, logger: quiet)
            #expect(try offline.verifyAudit(expectedHead: nil).isIntact)
            #expect(try offline.verifyAudit(expectedHead: heads[4]).isIntact == false)
        }
    }

    @Test func theDatabaseItselfRefusesChanges() async throws {
        try await withStore { store in
            _ = try await append(1, to: store)
            for sql in [
                "UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "DELETE FROM auditAnchor",
                "UPDATE auditAnchor SET count = 0", "INSERT INTO audit VALUES (7, 1, 'a', 'b', 'c', '{}', x'')",
            ] {
                await #expect(throws: (any Error).self, "\(sql)") { try await store.write { try $0.execute(sql) } }
            }
        }
    }

    /// As somebody with a shell would do it.
    static func tamper(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path + "/steward.db")
        try queue.writeWithoutTransaction { database in
            for trigger in try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
                try database.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try database.execute(sql: sql)
        }
        try queue.close()
    }

    static func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            at: start, actor: "operator:a\0b", action: "thing.done", subject: "größer-\(number)",
            detail: ["number": .int(Int64(number))])
    }

    /// The head after each.
    private func append(_ count: Int, to store: SQLiteStore) async throws -> [String] {
        var heads: [String] = []
        for number in 0..<count {
            try await store.write { try $0.appendAudit(Self.entry(number)) }
            heads.append(try await store.verifyAudit().head)
        }
        return heads
    }
}
