package import Engine
import JSONModel
import StatesLanguage
package import WallTime

// Published versions, aliases and tags of state machines.

extension SQLiteTransaction {
    package func deleteStateMachine(named name: String, at now: Instant) throws {
        try change(
            "DELETE FROM publishedVersion WHERE stateMachine = (SELECT id FROM stateMachine WHERE name = ?)",
            .text(name))
        try change(
            "DELETE FROM stateMachineAlias WHERE stateMachine = (SELECT id FROM stateMachine WHERE name = ?)",
            .text(name))
        let changed = try change(
            "UPDATE stateMachine SET deletedAt = ?2 WHERE name = ?1 AND deletedAt IS NULL", .text(name),
            .integer(now.milliseconds))
        guard changed == 1 else {
            throw IllegalChange(description: "state machine \(name) can't be deleted: there is none of that name")
        }
    }

    package func publishVersion(
        of stateMachine: String, revision: StateMachineVersionID, description: String?, at now: Instant
    ) throws -> PublishedVersion {
        let counted = try change(
            "UPDATE stateMachine SET lastPublished = lastPublished + 1 WHERE name = ? AND deletedAt IS NULL",
            .text(stateMachine))
        let number = try first("SELECT lastPublished FROM stateMachine WHERE name = ?", .text(stateMachine)) {
            Int($0.integer(0))
        }
        guard counted == 1, let number else {
            throw IllegalChange(description: "state machine \(stateMachine) can't publish: there is none of that name")
        }
        try change(
            """
            INSERT INTO publishedVersion (stateMachine, number, revision, description, createdAt)
            SELECT id, ?2, ?3, ?4, ?5 FROM stateMachine WHERE name = ?1
            """,
            .text(stateMachine), SQLValue(number), .integer(revision.rawValue), SQLValue(description),
            .integer(now.milliseconds))
        return PublishedVersion(
            stateMachine: stateMachine, number: number, revision: revision, description: description, createdAt: now)
    }

    package func publishedVersion(_ number: Int, of stateMachine: String) throws -> PublishedVersion? {
        try first(
            """
            SELECT m.name, p.number, p.revision, p.description, p.createdAt
            FROM publishedVersion p JOIN stateMachine m ON m.id = p.stateMachine WHERE m.name = ? AND p.number = ?
            """,
            .text(stateMachine), SQLValue(number), read: PublishedVersion.init(columns:))
    }

    package func publishedVersions(of stateMachine: String) throws -> [PublishedVersion] {
        try all(
            """
            SELECT m.name, p.number, p.revision, p.description, p.createdAt
            FROM publishedVersion p JOIN stateMachine m ON m.id = p.stateMachine
            WHERE m.name = ? ORDER BY p.number DESC
            """,
            .text(stateMachine), read: PublishedVersion.init(columns:))
    }

    package func deletePublishedVersion(_ number: Int, of stateMachine: String) throws {
        try change(
            """
            DELETE FROM publishedVersion
            WHERE stateMachine = (SELECT id FROM stateMachine WHERE name = ?) AND number = ?
            """, .text(stateMachine), SQLValue(number))
    }
}

extension SQLiteTransaction {
    package func alias(named name: String, of stateMachine: String) throws -> StateMachineAlias? {
        try first(
            """
            SELECT m.name, a.name, a.description, a.routes, a.createdAt, a.updatedAt
            FROM stateMachineAlias a JOIN stateMachine m ON m.id = a.stateMachine WHERE m.name = ? AND a.name = ?
            """,
            .text(stateMachine), .text(name), read: StateMachineAlias.init(columns:))
    }

    package func aliases(of stateMachine: String) throws -> [StateMachineAlias] {
        try all(
            """
            SELECT m.name, a.name, a.description, a.routes, a.createdAt, a.updatedAt
            FROM stateMachineAlias a JOIN stateMachine m ON m.id = a.stateMachine WHERE m.name = ? ORDER BY a.name
            """,
            .text(stateMachine), read: StateMachineAlias.init(columns:))
    }

    package func saveAlias(_ alias: StateMachineAlias) throws {
        let saved = try change(
            """
            INSERT INTO stateMachineAlias (stateMachine, name, description, routes, createdAt, updatedAt)
            SELECT id, ?2, ?3, ?4, ?5, ?6 FROM stateMachine WHERE name = ?1 AND deletedAt IS NULL
            ON CONFLICT (stateMachine, name) DO UPDATE SET description = excluded.description,
                routes = excluded.routes, updatedAt = excluded.updatedAt
            """,
            .text(alias.stateMachine), .text(alias.name), SQLValue(alias.description),
            .text(alias.storedRoutes), .integer(alias.createdAt.milliseconds),
            .integer(alias.updatedAt.milliseconds))
        guard saved == 1 else {
            throw IllegalChange(
                description: "alias \(alias.name) can't be saved: there is no state machine \(alias.stateMachine)")
        }
    }

    package func deleteAlias(named name: String, of stateMachine: String) throws {
        try change(
            """
            DELETE FROM stateMachineAlias
            WHERE stateMachine = (SELECT id FROM stateMachine WHERE name = ?) AND name = ?
            """, .text(stateMachine), .text(name))
    }
}

extension SQLiteTransaction {
    package func tags(of resource: String) throws -> [ResourceTag] {
        let stored = try first("SELECT tags FROM resourceTags WHERE resource = ?", .text(resource)) {
            try JSONValue(stored: $0.text(0), in: "resourceTags of \(resource)")
        }
        return (stored?.arrayValue ?? []).map { tag in
            ResourceTag(key: tag[0]?.stringValue ?? "", value: tag[1]?.stringValue ?? "")
        }
    }

    package func saveTags(_ tags: [ResourceTag], of resource: String) throws {
        if tags.isEmpty {
            try change("DELETE FROM resourceTags WHERE resource = ?", .text(resource))
            return
        }
        let stored = JSONValue.array(tags.map { [.string($0.key), .string($0.value)] }).jsonString
        try change(
            """
            INSERT INTO resourceTags (resource, tags) VALUES (?, ?)
            ON CONFLICT (resource) DO UPDATE SET tags = excluded.tags
            """, .text(resource), .text(stored))
    }
}

extension PublishedVersion {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            stateMachine: columns.text(0), number: Int(columns.integer(1)),
            revision: StateMachineVersionID(rawValue: columns.integer(2)), description: columns.optionalText(3),
            createdAt: Instant(milliseconds: columns.integer(4)))
    }
}

extension StateMachineAlias {
    fileprivate init(columns: PersistentStatement) throws {
        let name = columns.text(1)
        let routes = try JSONValue(stored: columns.text(3), in: "stateMachineAlias \(name)").arrayValue ?? []
        self.init(
            stateMachine: columns.text(0), name: name, description: columns.optionalText(2),
            routes: routes.map { route in
                Route(version: Int(route[0]?.intValue ?? 0), weight: Int(route[1]?.intValue ?? 0))
            }, createdAt: Instant(milliseconds: columns.integer(4)),
            updatedAt: Instant(milliseconds: columns.integer(5)))
    }

    fileprivate var storedRoutes: String {
        JSONValue.array(routes.map { [.int(Int64($0.version)), .int(Int64($0.weight))] }).jsonString
    }
}

extension MachineSettings {
    /// Nil for the standard settings.
    var stored: String? {
        guard self != .standard else { return nil }
        var object: JSONObject = ["type": .string(type.rawValue)]
        object["roleArn"] = roleARN.map { .string($0) }
        object["logging"] = logging
        object["tracing"] = tracing
        object["encryption"] = encryption
        return JSONValue.object(object).jsonString
    }

    init(stored text: String?) throws {
        guard let text else {
            self = .standard
            return
        }
        let object = try JSONValue(stored: text, in: "stateMachineVersion.settings")
        self.init(
            type: try StateMachineType(stored: object["type"]?.stringValue ?? "", in: "stateMachineVersion.settings"),
            roleARN: object["roleArn"]?.stringValue, logging: object["logging"], tracing: object["tracing"],
            encryption: object["encryption"])
    }
}
