package import Engine
package import WallTime

extension SQLiteTransaction {
    package func insertDeadLetter(_ letter: NewDeadLetter) throws -> DeadLetterID {
        noteWritten(letter.payload.count)
        try change(
            """
            INSERT INTO deadLetter (kind, subject, source, error, cause, payload, execution, at, nextRedrive, updatedAt)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8)
            """,
            .text(letter.kind.rawValue), .text(letter.subject), .text(letter.source), .text(letter.error),
            .text(letter.cause), .blob(letter.payload), SQLValue(letter.execution?.rawValue),
            .integer(letter.at.milliseconds), SQLValue(letter.nextRedrive?.milliseconds))
        return DeadLetterID(rawValue: lastInsertedID)
    }

    package func deadLetter(_ id: DeadLetterID) throws -> DeadLetter? {
        try letters(where: ["id = ?"], [.integer(id.rawValue)], order: "id", limit: 1).first
    }

    package func deadLetters(_ query: DeadLetterQuery) throws -> [DeadLetter] {
        var conditions: [String] = []
        var values: [SQLValue] = []
        if let kind = query.kind {
            conditions.append("kind = ?")
            values.append(.text(kind.rawValue))
        }
        if let status = query.status {
            conditions.append("status = ?")
            values.append(.text(status.rawValue))
        }
        if let execution = query.execution {
            conditions.append("execution = ?")
            values.append(.integer(execution.rawValue))
        }
        return try letters(where: conditions, values, order: "id DESC", limit: query.limit)
    }

    package func openDeadLetters(upTo limit: Int) throws -> Int {
        let count = try first(
            "SELECT count(*) FROM (SELECT 1 FROM deadLetter WHERE status = 'open' LIMIT ?)", SQLValue(max(0, limit))
        ) { Int($0.integer(0)) }
        return count ?? 0
    }

    package func setDeadLetter(
        _ id: DeadLetterID, status: DeadLetterStatus, attempts: Int, nextRedrive: Instant?, at now: Instant
    ) throws {
        let changed = try change(
            "UPDATE deadLetter SET status = ?2, attempts = ?3, nextRedrive = ?4, updatedAt = ?5 WHERE id = ?1",
            .integer(id.rawValue), .text(status.rawValue), SQLValue(attempts), SQLValue(nextRedrive?.milliseconds),
            .integer(now.milliseconds))
        guard changed == 1 else {
            throw IllegalChange(description: "dead letter \(id.rawValue) can't be changed: there is none of that id")
        }
    }

    package func dueDeadLetters(at now: Instant, limit: Int) throws -> [DeadLetter] {
        try rows(
            Self.dueLetters, [.integer(now.milliseconds), SQLValue(max(0, limit))], read: DeadLetter.init(columns:))
    }

    package func redriveTimes(limit: Int) throws -> [Instant] {
        try all(
            """
            SELECT nextRedrive FROM deadLetter INDEXED BY deadLetterDue
            WHERE status = 'open' AND nextRedrive IS NOT NULL ORDER BY nextRedrive LIMIT ?
            """, SQLValue(max(0, limit))
        ) { Instant(milliseconds: $0.integer(0)) }
    }

    /// Asked at each look at the timers. SQLite itself would read all open letters, each past its payload, and there
    /// may be millions of them that wait for people; the index holds only those that are to be redriven.
    static let dueLetters =
        columns
            + """
             FROM deadLetter INDEXED BY deadLetterDue WHERE status = 'open' AND nextRedrive <= ?
            ORDER BY nextRedrive, id LIMIT ?
            """

    private static let columns = """
        SELECT id, kind, status, subject, source, error, cause, payload, execution, at, nextRedrive, attempts, updatedAt
        """

    private func letters(
        where conditions: [String], _ values: [SQLValue], order: String, limit: Int
    ) throws -> [DeadLetter] {
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try rows(
            "\(Self.columns) FROM deadLetter \(filter) ORDER BY \(order) LIMIT ?",
            values + [SQLValue(max(0, limit))], read: DeadLetter.init(columns:))
    }
}

extension DeadLetter {
    fileprivate init(columns: PersistentStatement) throws {
        let letter = NewDeadLetter(
            kind: try DeadLetterKind(stored: columns.text(1), in: "deadLetter.kind"), subject: columns.text(3),
            source: columns.text(4), error: columns.text(5), cause: columns.text(6), payload: columns.blob(7),
            execution: columns.optionalInteger(8).map(ExecutionID.init(rawValue:)),
            at: Instant(milliseconds: columns.integer(9)), nextRedrive: Instant(columns.optionalInteger(10)))
        self.init(
            id: DeadLetterID(rawValue: columns.integer(0)), letter: letter,
            status: try DeadLetterStatus(stored: columns.text(2), in: "deadLetter.status"),
            attempts: Int(columns.integer(11)), updatedAt: Instant(milliseconds: columns.integer(12)))
    }
}
