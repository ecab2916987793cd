package import Engine
package import WallTime

extension SQLiteTransaction {
    /// All keys, revoked ones too, in the order of their making.
    package func accessKeys() throws -> [AccessKey] {
        try all(
            """
            SELECT id, kind, name, role, secret, createdAt, lastUsedAt, revokedAt FROM accessKey ORDER BY createdAt, id
            """, read: AccessKey.init(columns:))
    }

    /// - Throws: `IllegalChange` when a key that is not revoked has the name.
    package func insertAccessKey(_ key: AccessKey) throws {
        let taken = try first(
            "SELECT id FROM accessKey WHERE name = ? AND revokedAt IS NULL", .text(key.name)
        ) { $0.text(0) }
        if let taken { throw IllegalChange(description: "the key \(taken) is named \(key.name) already") }
        try change(
            "INSERT INTO accessKey (id, kind, name, role, secret, createdAt) VALUES (?, ?, ?, ?, ?, ?)",
            .text(key.id), .text(key.kind.rawValue), .text(key.name), .text(key.role.rawValue), .blob(key.secret),
            .integer(key.createdAt.milliseconds))
    }

    /// Whether there was such a key that was not revoked before.
    package func revokeAccessKey(_ id: String, at: Instant) throws -> Bool {
        try change(
            "UPDATE accessKey SET revokedAt = ? WHERE id = ? AND revokedAt IS NULL", .integer(at.milliseconds),
            .text(id)
        ) > 0
    }

    package func noteUse(ofAccessKey id: String, at: Instant) throws {
        try change("UPDATE accessKey SET lastUsedAt = ? WHERE id = ?", .integer(at.milliseconds), .text(id))
    }
}

extension AccessKey {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            id: columns.text(0), kind: try Kind(stored: columns.text(1), in: "accessKey.kind"), name: columns.text(2),
            role: try Role(stored: columns.text(3), in: "accessKey.role"), secret: columns.blob(4),
            createdAt: Instant(milliseconds: columns.integer(5)), lastUsedAt: Instant(columns.optionalInteger(6)),
            revokedAt: Instant(columns.optionalInteger(7)))
    }
}
