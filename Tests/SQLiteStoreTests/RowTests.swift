import Engine
import Foundation
import GRDB
import JSONModel
import Testing
import WallTime

@testable import SQLiteStore

/// What the tables accept, what they refuse, and how much they take.
@Suite struct RowTests {
    @Test func anEndedExecutionIsNeitherParkedNorEndedAgain() async throws {
        try await withStore { store in
            let id = try await store.write { transaction in
                let id = try seedExecution(transaction, name: "run")
                try transaction.finishExecution(id, status: .succeeded, at: start, error: nil, cause: nil)
                return id
            }
            let changes: [@Sendable (SQLiteTransaction) throws -> Void] = [
                { try $0.parkExecution(id, wakeAt: start) },
                { try $0.unparkExecution(id) },
                { try $0.finishExecution(id, status: .failed, at: start, error: nil, cause: nil) },
            ]
            for change in changes {
                await #expect(throws: IllegalChange.self) { try await store.write { try change($0) } }
            }
            let record = try await store.read { try $0.execution(id) }
            #expect(record?.status == .succeeded)
            #expect(record?.isParked == false)
            #expect(try await store.read { try $0.earliestWake() } == nil)
        }
    }

    /// Few bytes stay bound after a run, many don't; neither is seen by the next one.
    @Test(arguments: [2, 5000])
    func whatARunIsNotGivenIsNull(_ count: Int) async throws {
        try await withStore { store in
            let sql = "SELECT ?1, ?2, ?3"
            let text = String(repeating: "a", count: count)
            let runs: [[SQLValue]] = [
                [.integer(1), .text(text), .blob([7])], [.integer(2)], [.null, .blob([]), .text("")], [],
            ]
            let found = try await store.read { transaction in
                try runs.map { values in
                    try transaction.rows(sql, values) {
                        ["\($0.optionalInteger(0) ?? -1)", $0.optionalText(1), $0.optionalText(2)]
                    }
                }
            }
            #expect(found == [[["1", text, "\u{7}"]], [["2", nil, nil]], [["-1", "", ""]], [["-1", nil, nil]]])
        }
    }

    @Test func aRunningExecutionIsNotReopened() async throws {
        try await withStore { store in
            let id = try await store.write { try seedExecution($0, name: "run") }
            await #expect(throws: IllegalChange.self) {
                try await store.write { try $0.reopenExecution(id, redriveCount: 1, at: Instant(milliseconds: 0)) }
            }
        }
    }

    @Test func changesToNobodyAreErrors() async throws {
        try await withStore { store in
            let nobody = ExecutionID(rawValue: 99)
            let changes: [@Sendable (SQLiteTransaction) throws -> Void] = [
                { try $0.parkExecution(nobody, wakeAt: start) },
                { try $0.unparkExecution(nobody) },
                { try $0.reopenExecution(nobody, redriveCount: 1, at: Instant(milliseconds: 0)) },
                { try $0.finishExecution(nobody, status: .failed, at: start, error: nil, cause: nil) },
                {
                    try $0.setDeadLetter(
                        DeadLetterID(rawValue: 9), status: .open, attempts: 0, nextRedrive: nil, at: start)
                },
                {
                    _ = try $0.insertExecution(
                        NewExecution(
                            stateMachine: "none", version: StateMachineVersionID(rawValue: 1), name: "n",
                            workflow: nil, startedAt: start))
                },
            ]
            for change in changes {
                await #expect(throws: IllegalChange.self) { try await store.write { try change($0) } }
            }
        }
    }

    @Test(arguments: [
        "UPDATE journal SET record = x'00'", "UPDATE audit SET actor = 'me'", "DELETE FROM audit",
        "UPDATE stateMachineVersion SET json = '{}'", "DELETE FROM execution", "DELETE FROM stateMachine",
        "UPDATE execution SET status = 7", "UPDATE execution SET stoppedAt = 1", "UPDATE execution SET wakeAt = 1",
        "UPDATE execution SET startedAt = 'today'",
    ])
    func theSchemaRefuses(_ sql: String) async throws {
        try await withStore { store in
            try await store.write { transaction in
                let id = try seedExecution(transaction, name: "run")
                try transaction.appendJournal(id, record: [1])
                try transaction.appendAudit(
                    AuditEntry(at: start, actor: "a", action: "b", subject: "c", detail: .null))
            }
            await #expect(throws: DatabaseError.self) { try await store.write { try $0.execute(sql) } }
        }
    }

    @Test func emptyAndOddValuesComeBackAsTheyWere() async throws {
        try await withStore { store in
            let odd = "a\u{0}b — «ñ» 🦉 \u{1F468}\u{200D}\u{1F469}"
            let letter = NewDeadLetter(
                kind: .usage, subject: "", source: odd, error: "", cause: odd, payload: [], at: start)
            let (id, run) = try await store.write { transaction in
                let run = try seedExecution(transaction, name: odd)
                try transaction.appendJournal(run, record: [])
                try transaction.finishExecution(run, status: .failed, at: start, error: "", cause: odd)
                return (try transaction.insertDeadLetter(letter), run)
            }
            let (found, record, journal) = try await store.read {
                (try $0.deadLetter(id), try $0.execution(run), try $0.journal(run))
            }
            #expect(found?.letter == letter)
            #expect(record?.name == odd)
            #expect(record?.error == "")
            #expect(record?.cause == odd)
            #expect(journal == [[]])
        }
    }

    @Test func distantInstantsAreKept() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let never = try seedExecution(transaction, name: "never")
                let ancient = try seedExecution(transaction, name: "ancient")
                try transaction.parkExecution(never, wakeAt: .distantFuture)
                try transaction.parkExecution(ancient, wakeAt: Instant(milliseconds: -62_135_596_800_000))
                #expect(try transaction.execution(never)?.wakeAt == .distantFuture)
                #expect(try transaction.dueExecutions(at: start, limit: 5) == [ancient])
                #expect(try transaction.dueExecutions(at: .distantFuture, limit: 5) == [ancient, never])
            }
        }
    }

    @Test func aWaitingExecutionAndAStepTakeLittleSpace() async throws {
        try await withStore { store in
            let count = 4000
            let empty = try await store.write(Self.usedBytes)
            let ids = try await store.write { transaction in
                try (0..<count).map { number in
                    let id = try seedExecution(
                        transaction, name: "suspension-2026-11-23-\(UUID().uuidString)", workflow: "budget-suspension")
                    try transaction.appendJournal(id, record: [UInt8](repeating: 7, count: 300))
                    try transaction.parkExecution(id, wakeAt: start + .seconds(number))
                    return id
                }
            }
            let waiting = try await store.write(Self.usedBytes)
            try await store.write { transaction in
                for id in ids { try transaction.appendJournal(id, record: [UInt8](repeating: 7, count: 300)) }
            }
            let stepped = try await store.write(Self.usedBytes)
            #expect((waiting - empty) / count <= 1024)
            #expect((stepped - waiting) / count <= 400)
        }
    }

    @Sendable private static func usedBytes(_ transaction: SQLiteTransaction) throws -> Int {
        let pages = try transaction.first(
            "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count"
        ) { Int($0.integer(0)) }
        return (pages ?? 0) * 4096
    }
}
