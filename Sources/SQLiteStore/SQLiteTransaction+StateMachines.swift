package import Engine
import JSONModel
package import WallTime

extension SQLiteTransaction: ExecutionTransaction {
    package func stateMachine(named name: String) throws -> StateMachineRecord? {
        try first(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, m.createdAt
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE m.name = ? ORDER BY v.number DESC LIMIT 1
            """,
            .text(name), read: StateMachineRecord.init(columns:))
    }

    package func stateMachines() throws -> [StateMachineRecord] {
        try all(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, m.createdAt
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
            WHERE v.number = (SELECT max(number) FROM stateMachineVersion WHERE stateMachine = m.id) ORDER BY m.name
            """,
            read: StateMachineRecord.init(columns:))
    }

    package func saveStateMachine(
        name: String, definition: MachineDefinition, at now: Instant
    ) throws -> StateMachineVersion {
        let newest = try stateMachine(named: name)?.current
        if let newest, newest.definition.hash == definition.hash { return newest }
        let json = definition.json.jsonString
        noteWritten(definition.source.utf8.count + json.utf8.count)
        if newest == nil {
            try change(
                "INSERT INTO stateMachine (name, createdAt) VALUES (?, ?)", .text(name), .integer(now.milliseconds))
        }
        let number = (newest?.number ?? 0) + 1
        try change(
            """
            INSERT INTO stateMachineVersion (stateMachine, number, source, json, hash, file, createdAt)
            SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM stateMachine WHERE name = ?1
            """,
            .text(name), SQLValue(number), .text(definition.source), .text(json), .text(definition.hash),
            SQLValue(definition.file), .integer(now.milliseconds))
        return StateMachineVersion(
            id: StateMachineVersionID(rawValue: lastInsertedID), stateMachine: name, number: number,
            definition: definition, createdAt: now)
    }

    package func stateMachineVersion(_ id: StateMachineVersionID) throws -> StateMachineVersion? {
        try first(
            """
            SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt
            FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id WHERE v.id = ?
            """,
            .integer(id.rawValue), read: StateMachineVersion.init(columns:))
    }
}

extension StateMachineRecord {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            name: columns.text(1), createdAt: Instant(milliseconds: columns.integer(8)),
            current: try StateMachineVersion(columns: columns))
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
            createdAt: Instant(milliseconds: columns.integer(7)))
    }
}
