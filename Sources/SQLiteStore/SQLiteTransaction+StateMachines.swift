package import Engine
import GRDB
import JSONModel
package import WallTime

extension SQLiteTransaction: ExecutionTransaction {
    package func stateMachine(named name: String) throws -> StateMachineRecord? {
        try row(Self.machines + " WHERE m.name = ? ORDER BY v.number DESC LIMIT 1", [name])
            .map(StateMachineRecord.init(row:))
    }

    package func stateMachines() throws -> [StateMachineRecord] {
        let newest = """
             WHERE v.number = (SELECT max(number) FROM stateMachineVersion WHERE stateMachine = m.id) ORDER BY m.name
            """
        return try rows(Self.machines + newest).map(StateMachineRecord.init(row:))
    }

    package func saveStateMachine(
        name: String, definition: MachineDefinition, at now: Instant
    ) throws -> StateMachineVersion {
        let newest = try stateMachine(named: name)?.current
        if let newest, newest.definition.hash == definition.hash { return newest }
        let json = definition.json.jsonString
        noteWritten(definition.source.utf8.count + json.utf8.count)
        if newest == nil {
            try execute("INSERT INTO stateMachine (name, createdAt) VALUES (?, ?)", [name, now.milliseconds])
        }
        let number = (newest?.number ?? 0) + 1
        try execute(
            """
            INSERT INTO stateMachineVersion (stateMachine, number, source, json, hash, file, createdAt)
            SELECT id, ?, ?, ?, ?, ?, ? FROM stateMachine WHERE name = ?
            """,
            [number, definition.source, json, definition.hash, definition.file, now.milliseconds, name])
        return StateMachineVersion(
            id: StateMachineVersionID(rawValue: lastInsertedID), stateMachine: name, number: number,
            definition: definition, createdAt: now)
    }

    package func stateMachineVersion(_ id: StateMachineVersionID) throws -> StateMachineVersion? {
        try row(Self.machines + " WHERE v.id = ?", [id.rawValue]).map(StateMachineVersion.init(row:))
    }

    private static let machines = """
        SELECT v.id, m.name, v.number, v.source, v.json, v.hash, v.file, v.createdAt, m.createdAt
        FROM stateMachine m JOIN stateMachineVersion v ON v.stateMachine = m.id
        """
}

extension StateMachineRecord {
    fileprivate init(row: Row) throws {
        self.init(
            name: row[1], createdAt: Instant(milliseconds: row[8]), current: try StateMachineVersion(row: row))
    }
}

extension StateMachineVersion {
    fileprivate init(row: Row) throws {
        let definition = MachineDefinition(
            source: row[3], json: try JSONValue(stored: row[4], in: "stateMachineVersion \(row[0] as Int64)"),
            hash: row[5], file: row[6])
        self.init(
            id: StateMachineVersionID(rawValue: row[0]), stateMachine: row[1], number: row[2], definition: definition,
            createdAt: Instant(milliseconds: row[7]))
    }
}
