package import Engine
import Foundation
import GRDB
package import WallTime

extension SQLiteTransaction {
    package func insertDeadLetter(_ letter: NewDeadLetter) throws -> DeadLetterID {
        noteWritten(letter.payload.count)
        try execute(
            """
            INSERT INTO deadLetter (kind, subject, source, error, cause, payload, execution, at, nextRedrive, updatedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                letter.kind.rawValue, letter.subject, letter.source, letter.error, letter.cause, Data(letter.payload),
                letter.execution?.rawValue, letter.at.milliseconds, letter.nextRedrive?.milliseconds,
                letter.at.milliseconds,
            ])
        return DeadLetterID(rawValue: lastInsertedID)
    }

    package func deadLetter(_ id: DeadLetterID) throws -> DeadLetter? {
        try row(Self.letters + " WHERE id = ?", [id.rawValue]).map(DeadLetter.init(row:))
    }

    package func deadLetters(_ query: DeadLetterQuery) throws -> [DeadLetter] {
        var conditions: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let kind = query.kind {
            conditions.append("kind = ?")
            arguments.append(kind.rawValue)
        }
        if let status = query.status {
            conditions.append("status = ?")
            arguments.append(status.rawValue)
        }
        if let execution = query.execution {
            conditions.append("execution = ?")
            arguments.append(execution.rawValue)
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        arguments.append(max(0, query.limit))
        return try rows(Self.letters + filter + " ORDER BY id DESC LIMIT ?", StatementArguments(arguments))
            .map(DeadLetter.init(row:))
    }

    package func setDeadLetter(
        _ id: DeadLetterID, status: DeadLetterStatus, attempts: Int, nextRedrive: Instant?, at now: Instant
    ) throws {
        let changed = try execute(
            "UPDATE deadLetter SET status = ?, attempts = ?, nextRedrive = ?, updatedAt = ? WHERE id = ?",
            [status.rawValue, attempts, nextRedrive?.milliseconds, now.milliseconds, id.rawValue])
        guard changed == 1 else {
            throw IllegalChange(description: "dead letter \(id.rawValue) can't be changed: there is none of that id")
        }
    }

    package func dueDeadLetters(at now: Instant, limit: Int) throws -> [DeadLetter] {
        try rows(
            Self.letters + " WHERE status = 'open' AND nextRedrive <= ? ORDER BY nextRedrive, id LIMIT ?",
            [now.milliseconds, max(0, limit)]
        ).map(DeadLetter.init(row:))
    }

    private static let letters = """
        SELECT id, kind, status, subject, source, error, cause, payload, execution, at, nextRedrive, attempts, updatedAt
        FROM deadLetter
        """
}

extension DeadLetter {
    fileprivate init(row: Row) throws {
        let payload: Data = row[7]
        let letter = NewDeadLetter(
            kind: try DeadLetterKind(stored: row[1], in: "deadLetter.kind"), subject: row[3], source: row[4],
            error: row[5], cause: row[6], payload: [UInt8](payload),
            execution: (row[8] as Int64?).map(ExecutionID.init(rawValue:)), at: Instant(milliseconds: row[9]),
            nextRedrive: Instant(row[10] as Int64?))
        self.init(
            id: DeadLetterID(rawValue: row[0]), letter: letter,
            status: try DeadLetterStatus(stored: row[2], in: "deadLetter.status"), attempts: row[11],
            updatedAt: Instant(milliseconds: row[12]))
    }
}
