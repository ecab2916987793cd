package import Engine
import GRDB
package import WallTime

// One execution and its journal: what every step of an execution touches.

extension SQLiteTransaction {
    package func insertExecution(_ new: NewExecution) throws -> ExecutionID {
        let inserted: Int
        do {
            inserted = try change(
                """
                INSERT INTO execution (stateMachine, version, name, workflow, startedAt, published, alias)
                SELECT m.id, v.id, ?3, ?4, ?5, ?6, ?7
                FROM stateMachineVersion v JOIN stateMachine m ON m.id = v.stateMachine
                WHERE v.id = ?1 AND m.name = ?2
                """,
                .integer(new.version.rawValue), .text(new.stateMachine), .text(new.name), SQLValue(new.workflow),
                .integer(new.startedAt.milliseconds), SQLValue(new.qualifier.version.map(Int64.init)),
                SQLValue(new.qualifier.alias))
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            guard let existing = try execution(named: new.name, of: new.stateMachine) else { throw error }
            throw DuplicateExecution(existing: existing)
        }
        guard inserted == 1 else {
            throw IllegalChange(
                description: "execution \(new.name) can't start: state machine \(new.stateMachine) has no version with"
                    + " the id \(new.version.rawValue)")
        }
        return ExecutionID(rawValue: lastInsertedID)
    }

    package func execution(_ id: ExecutionID) throws -> ExecutionRecord? {
        try first(
            """
            SELECT e.id, m.name, e.version, e.name, e.workflow, e.status, e.startedAt, e.stoppedAt, e.error, e.cause,
                e.redriveCount, e.parked, e.wakeAt, e.published, e.alias, e.redrivenAt
            FROM execution e JOIN stateMachine m ON m.id = e.stateMachine WHERE e.id = ?
            """,
            .integer(id.rawValue), read: ExecutionRecord.init(columns:))
    }

    package func execution(named name: String, of stateMachine: String) throws -> ExecutionRecord? {
        try first(
            """
            SELECT e.id, m.name, e.version, e.name, e.workflow, e.status, e.startedAt, e.stoppedAt, e.error, e.cause,
                e.redriveCount, e.parked, e.wakeAt, e.published, e.alias, e.redrivenAt
            FROM execution e JOIN stateMachine m ON m.id = e.stateMachine WHERE m.name = ? AND e.name = ?
            """,
            .text(stateMachine), .text(name), read: ExecutionRecord.init(columns:))
    }

    package func appendJournal(_ id: ExecutionID, record: [UInt8]) throws {
        noteWritten(record.count)
        try change(
            """
            INSERT INTO journal (execution, seq, record)
            VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM journal WHERE execution = ?1), ?2)
            """,
            .integer(id.rawValue), .blob(record))
    }

    package func appendJournal(_ id: ExecutionID, number: Int, record: [UInt8]) throws {
        noteWritten(record.count)
        try change(
            "INSERT INTO journal (execution, seq, record) VALUES (?, ?, ?)", .integer(id.rawValue), SQLValue(number),
            .blob(record))
    }

    package func journal(_ id: ExecutionID) throws -> [[UInt8]] {
        try all("SELECT record FROM journal WHERE execution = ? ORDER BY seq", .integer(id.rawValue)) { $0.blob(0) }
    }

    package func journal(_ id: ExecutionID, end: JournalEnd) throws -> [UInt8]? {
        let sql: StaticString =
            switch end {
            case .first: "SELECT record FROM journal WHERE execution = ? ORDER BY seq LIMIT 1"
            case .last: "SELECT record FROM journal WHERE execution = ? ORDER BY seq DESC LIMIT 1"
            }
        return try first(sql, .integer(id.rawValue)) { $0.blob(0) }
    }

    package func finishExecution(
        _ id: ExecutionID, status: ExecutionStatus, at now: Instant, error: String?, cause: String?
    ) throws {
        try removeWake(of: id)
        let changed = try change(
            """
            UPDATE execution SET status = ?2, stoppedAt = ?3, error = ?4, cause = ?5, parked = 0, wakeAt = NULL
            WHERE id = ?1 AND status = 0
            """,
            .integer(id.rawValue), .integer(status.code), .integer(now.milliseconds), SQLValue(error), SQLValue(cause))
        try require(changed == 1, id, isRunning: true, for: "be finished")
    }

    package func reopenExecution(_ id: ExecutionID, redriveCount: Int, at now: Instant) throws {
        let changed = try change(
            """
            UPDATE execution SET status = 0, stoppedAt = NULL, error = NULL, cause = NULL, redriveCount = ?2, redrivenAt = ?3
            WHERE id = ?1 AND status <> 0
            """,
            .integer(id.rawValue), .integer(Int64(redriveCount)), .integer(now.milliseconds))
        try require(changed == 1, id, isRunning: false, for: "be reopened")
    }

    func require(_ done: Bool, _ id: ExecutionID, isRunning: Bool, for purpose: String) throws {
        guard !done else { return }
        guard let found = try execution(id) else {
            throw IllegalChange(description: "execution \(id.rawValue) can't \(purpose): there is none of that id")
        }
        throw IllegalChange(
            description: "execution \(found.name) of \(found.stateMachine) can't \(purpose): it is"
                + " \(found.status.rawValue), not \(isRunning ? "running" : "ended")")
    }
}

extension ExecutionRecord {
    /// From the columns in the order that `execution(_:)` names.
    init(columns: PersistentStatement) throws {
        self.init(
            id: ExecutionID(rawValue: columns.integer(0)), stateMachine: columns.text(1),
            version: StateMachineVersionID(rawValue: columns.integer(2)), name: columns.text(3),
            workflow: columns.optionalText(4), status: try ExecutionStatus(code: columns.integer(5)),
            startedAt: Instant(milliseconds: columns.integer(6)), stoppedAt: Instant(columns.optionalInteger(7)),
            error: columns.optionalText(8), cause: columns.optionalText(9), redriveCount: Int(columns.integer(10)),
            redrivenAt: Instant(columns.optionalInteger(15)), isParked: columns.integer(11) == 1,
            wakeAt: Instant(columns.optionalInteger(12)),
            qualifier: ExecutionQualifier(
                version: columns.optionalInteger(13).map(Int.init), alias: columns.optionalText(14)))
    }
}
