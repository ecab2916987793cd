package import Engine
import JSONModel
package import WallTime

extension SQLiteTransaction: ExecutionTransaction {
    package func stateMachine(named name: String) throws -> StateMachineRecord? {
        try first(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, v.settings, m.createdAt,
                m.firstNumber
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE m.name = ? AND m.deletedAt IS NULL ORDER BY v.number DESC LIMIT 1
            """,
            .text(name), read: StateMachineRecord.init(columns:))
    }

    package func currentVersion(ofStateMachine name: String) throws -> StateMachineVersionID? {
        try first(
            """
            SELECT v.id FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE m.name = ? AND m.deletedAt IS NULL ORDER BY v.number DESC LIMIT 1
            """,
            .text(name)
        ) { StateMachineVersionID(rawValue: $0.integer(0)) }
    }

    package func deletingStateMachine(named name: String) throws -> StateMachineRecord? {
        try first(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, v.settings, m.createdAt,
                m.firstNumber
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE m.name = ? AND m.deletedAt IS NOT NULL
                AND EXISTS (SELECT 1 FROM execution WHERE stateMachine = m.id AND status = 0)
            ORDER BY v.number DESC LIMIT 1
            """,
            .text(name), read: StateMachineRecord.init(columns:))
    }

    package func stateMachineCount() throws -> Int {
        try first("SELECT count(*) FROM stateMachine WHERE deletedAt IS NULL") { Int($0.integer(0)) } ?? 0
    }

    package func stateMachines() throws -> [StateMachineRecord] {
        try all(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, v.settings, m.createdAt,
                m.firstNumber
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE m.deletedAt IS NULL
                AND v.number = (SELECT max(number) FROM stateMachineVersion WHERE stateMachine = m.id)
            ORDER BY m.name
            """,
            read: StateMachineRecord.init(columns:))
    }

    package func saveStateMachine(
        name: String, definition: MachineDefinition, settings: MachineSettings?, at now: Instant
    ) throws -> StateMachineVersion {
        let newest = try stateMachine(named: name)?.current
        let settings = settings ?? newest?.settings ?? .standard
        if let newest, newest.definition.hash == definition.hash, newest.settings == settings { return newest }
        let json = definition.json.jsonString
        noteWritten(definition.source.utf8.count + json.utf8.count)
        let number = try newest.map { $0.number + 1 } ?? makeStateMachine(name, at: now)
        try change(
            """
            INSERT INTO stateMachineVersion (id, stateMachine, number, source, json, hash, file, settings, createdAt)
            SELECT max(?9, (SELECT coalesce(max(id), 0) FROM stateMachineVersion)) + 1, id, ?2, ?3, ?4, ?5, ?6, ?7, ?8
            FROM stateMachine WHERE name = ?1
            """,
            .text(name), SQLValue(number), .text(definition.source), .text(json), .text(definition.hash),
            SQLValue(definition.file), SQLValue(settings.stored), .integer(now.milliseconds),
            .integer(lastVersionGiven))
        lastVersionGiven = lastInsertedID
        return StateMachineVersion(
            id: StateMachineVersionID(rawValue: lastInsertedID), stateMachine: name, number: number,
            definition: definition, settings: settings, createdAt: now)
    }

    /// Makes a machine, or brings a deleted one of that name back, and returns the number of its next revision.
    private func makeStateMachine(_ name: String, at now: Instant) throws -> Int {
        let last = try first(
            """
            SELECT max(v.number) FROM stateMachineVersion v JOIN stateMachine m ON m.id = v.stateMachine WHERE m.name = ?
            """, .text(name)
        ) { $0.integer(0) }
        let number = (last ?? 0) + 1
        try change(
            """
            INSERT INTO stateMachine (name, createdAt) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET createdAt = ?2, deletedAt = NULL, firstNumber = ?3
            """,
            .text(name), .integer(now.milliseconds), .integer(number))
        return Int(number)
    }

    package func stateMachineVersion(_ id: StateMachineVersionID) throws -> StateMachineVersion? {
        try first(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, v.settings
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id WHERE v.id = ?
            """,
            .integer(id.rawValue), read: StateMachineVersion.init(columns:))
    }
}

extension StateMachineRecord {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            name: columns.text(1), createdAt: Instant(milliseconds: columns.integer(9)),
            current: try StateMachineVersion(columns: columns), firstNumber: Int(columns.integer(10)))
    }
}

extension StateMachineVersion {
    fileprivate init(columns: PersistentStatement) throws {
        let definition = MachineDefinition(
            source: columns.text(3),
            json: try JSONValue(stored: columns.text(4), in: "stateMachineVersion \(columns.integer(0))"),
            hash: columns.text(5), file: columns.optionalText(6))
        self.init(
            id: StateMachineVersionID(rawValue: columns.integer(0)), stateMachine: columns.text(1),
            number: Int(columns.integer(2)), definition: definition,
            settings: try MachineSettings(stored: columns.optionalText(8)),
            createdAt: Instant(milliseconds: columns.integer(7)))
    }
}
