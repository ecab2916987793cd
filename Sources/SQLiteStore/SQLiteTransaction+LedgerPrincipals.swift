package import Budgets
package import Enforcement
import JSONModel
import WallTime

extension SQLiteTransaction {
    package func principal(_ id: PrincipalID) throws -> PrincipalRecord? {
        try first(
            """
            SELECT account, kind, name, partition, path, firstSeenAt, discovered, team, tags, purpose, tier
            FROM principal
            WHERE name = ? AND kind = ? AND account = ?
            """,
            .text(id.name), .text(id.kind.rawValue), .text(id.account)
        ) { try PrincipalRecord($0) }
    }

    package func savePrincipal(_ record: PrincipalRecord) throws {
        let principal = record.principal
        known.forget(accountOf: principal.id)
        try change(
            """
            INSERT INTO principal (account, kind, name, partition, path, firstSeenAt, discovered, team, tags, purpose,
                tier)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name, kind, account) DO UPDATE SET partition = excluded.partition, path = excluded.path,
                firstSeenAt = excluded.firstSeenAt, discovered = excluded.discovered, team = excluded.team,
                tags = excluded.tags, purpose = excluded.purpose, tier = excluded.tier
            """,
            .text(principal.id.account), .text(principal.id.kind.rawValue), .text(principal.id.name),
            .text(principal.partition), .text(principal.path), .integer(record.firstSeenAt.milliseconds),
            .integer(record.isDiscovered ? 1 : 0), SQLValue(record.team), .text(Self.stored(record.tags)),
            SQLValue(record.purpose), SQLValue(record.tier))
    }

    package func principals(named name: String, limit: Int) throws -> [PrincipalRecord] {
        try all(
            """
            SELECT account, kind, name, partition, path, firstSeenAt, discovered, team, tags, purpose, tier
            FROM principal
            WHERE name = ? ORDER BY account, kind LIMIT ?
            """,
            .text(name), SQLValue(max(0, limit))
        ) { try PrincipalRecord($0) }
    }

    private static func stored(_ tags: [String: String]) -> String {
        JSONValue.object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).jsonString
    }

    /// The row number of a principal.
    /// - Throws: `IllegalChange` when it isn't there.
    func principalNumber(_ id: PrincipalID) throws -> Int64 {
        if let known = known.principals[id] { return known }
        guard let number = try numberOfPrincipal(id) else {
            throw IllegalChange(description: "there is no principal \(id) to refer to")
        }
        known.note(principal: id, number)
        return number
    }

    /// The row number of a principal; nil for one that was never seen.
    func numberOfPrincipal(_ id: PrincipalID) throws -> Int64? {
        try first(
            "SELECT id FROM principal WHERE name = ? AND kind = ? AND account = ?", .text(id.name),
            .text(id.kind.rawValue), .text(id.account)
        ) { $0.integer(0) }
    }
}

extension PrincipalRecord {
    fileprivate init(_ row: PersistentStatement) throws {
        let id = PrincipalID(
            account: row.text(0), kind: try PrincipalID.Kind(stored: row.text(1), in: "principal.kind"),
            name: row.text(2))
        let tags = Self.tags(try JSONValue(stored: row.text(8), in: "principal.tags"))
        self.init(
            principal: Principal(id: id, partition: row.text(3), path: row.text(4)),
            firstSeenAt: Instant(milliseconds: row.integer(5)), isDiscovered: row.integer(6) == 1,
            team: row.optionalText(7), tags: tags, purpose: row.optionalText(9), tier: row.optionalText(10))
    }

    /// The tags that a principal's row holds.
    static func tags(_ stored: JSONValue) -> [String: String] {
        let members = stored.objectValue ?? [:]
        return Dictionary(zip(members.keys, members.values)) { $1 }.compactMapValues(\.stringValue)
    }
}
