package import Budgets
package import Enforcement
package import WallTime

extension SQLiteTransaction {
    package func insertTrailEvent(_ id: String, at: Instant) throws -> Bool {
        try change("INSERT OR IGNORE INTO trailEvent (id, at) VALUES (?, ?)", .text(id), .integer(at.milliseconds)) == 1
    }

    package func forgetTrailEvents(before instant: Instant, limit: Int) throws -> Int {
        try change(
            "DELETE FROM trailEvent WHERE id IN (SELECT id FROM trailEvent WHERE at < ? ORDER BY at LIMIT ?)",
            .integer(instant.milliseconds), SQLValue(max(0, limit)))
    }

    package func noteDeletion(of principal: PrincipalID, at: Instant) throws {
        try change(
            """
            INSERT INTO trailEvent (id, at) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET at = max(at, excluded.at)
            """, .text(principal.deletionMark), .integer(at.milliseconds))
    }

    package func deletion(of principal: PrincipalID) throws -> Instant? {
        try first("SELECT at FROM trailEvent WHERE id = ?", .text(principal.deletionMark)) {
            Instant(milliseconds: $0.integer(0))
        }
    }

    package func noteOwner(_ owner: NameOwner) throws {
        try change(
            """
            INSERT INTO trailEvent (id, at) VALUES (?, ?)
            ON CONFLICT (id) DO UPDATE SET at = max(at, excluded.at)
            """, .text(owner.name.ownerMark + owner.userName), .integer(owner.at.milliseconds))
    }

    package func owners(of name: PrincipalID) throws -> [NameOwner] {
        let mark = name.ownerMark
        return try all(
            "SELECT id, at FROM trailEvent WHERE id > ? AND id < ? ORDER BY at, id", .text(mark),
            .text(Self.end(of: mark))
        ) {
            NameOwner(
                name: name, userName: String($0.text(0).dropFirst(mark.count)),
                at: Instant(milliseconds: $0.integer(1)))
        }
    }

    package func hasNameOwners() throws -> Bool {
        let marks = PrincipalID.ownerMarks
        return try first(
            "SELECT 1 FROM trailEvent WHERE id > ? AND id < ? LIMIT 1", .text(marks), .text(Self.end(of: marks))
        ) { _ in true } ?? false
    }

    /// What comes after all texts that begin with a mark, which ends with a slash.
    private static func end(of mark: String) -> String { "\(mark.dropLast())0" }

    package func trail(of principal: PrincipalID) throws -> PrincipalTrail? {
        try first(
            """
            SELECT uniqueID, createdAt, deletedAt, taggedAt, rogueSince FROM principalTrail
            JOIN principal AS p ON p.id = principalTrail.principal
            WHERE p.name = ? AND p.kind = ? AND p.account = ?
            """, .text(principal.name), .text(principal.kind.rawValue), .text(principal.account)
        ) {
            PrincipalTrail(
                principal: principal, uniqueID: $0.optionalText(0), createdAt: Instant($0.optionalInteger(1)),
                deletedAt: Instant($0.optionalInteger(2)), taggedAt: Instant($0.optionalInteger(3)),
                rogueSince: Instant($0.optionalInteger(4)))
        }
    }

    package func saveTrail(_ trail: PrincipalTrail) throws {
        try change(
            """
            INSERT INTO principalTrail (principal, uniqueID, createdAt, deletedAt, taggedAt, rogueSince)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (principal) DO UPDATE SET uniqueID = excluded.uniqueID, createdAt = excluded.createdAt,
                deletedAt = excluded.deletedAt, taggedAt = excluded.taggedAt, rogueSince = excluded.rogueSince
            """,
            .integer(try principalNumber(trail.principal)), SQLValue(trail.uniqueID),
            SQLValue(trail.createdAt?.milliseconds), SQLValue(trail.deletedAt?.milliseconds),
            SQLValue(trail.taggedAt?.milliseconds), SQLValue(trail.rogueSince?.milliseconds))
    }

    package func noteSighting(_ sighting: Sighting) throws {
        try change(
            """
            INSERT INTO sighting (principal, endpoint, region, operation, count, firstAt, lastAt)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (principal, endpoint, region) DO UPDATE SET count = count + excluded.count,
                operation = iif(excluded.lastAt >= lastAt, excluded.operation, operation),
                firstAt = min(firstAt, excluded.firstAt), lastAt = max(lastAt, excluded.lastAt)
            """,
            .integer(try principalNumber(sighting.principal)), .text(sighting.endpoint), .text(sighting.region),
            .text(sighting.operation), .integer(sighting.count), .integer(sighting.firstAt.milliseconds),
            .integer(sighting.lastAt.milliseconds))
    }

    package func sightings(_ query: SightingQuery) throws -> [Sighting] {
        var conditions: [String] = []
        var values: [SQLValue] = []
        if let principal = query.principal {
            conditions.append("p.name = ? AND p.kind = ? AND p.account = ?")
            values += [.text(principal.name), .text(principal.kind.rawValue), .text(principal.account)]
        }
        if let endpoint = query.endpoint {
            conditions.append("endpoint = ?")
            values.append(.text(endpoint))
        }
        if let since = query.since {
            conditions.append("lastAt >= ?")
            values.append(.integer(since.milliseconds))
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try rows(
            """
            SELECT p.account, p.kind, p.name, endpoint, region, operation, count, firstAt, lastAt
            FROM sighting JOIN principal AS p ON p.id = sighting.principal \(filter)
            ORDER BY lastAt DESC, p.name, endpoint, region LIMIT ?
            """, values + [SQLValue(max(0, query.limit))]
        ) { try Sighting($0) }
    }
}

extension Sighting {
    fileprivate init(_ row: PersistentStatement) throws {
        self.init(
            principal: PrincipalID(
                account: row.text(0), kind: try PrincipalID.Kind(stored: row.text(1), in: "principal.kind"),
                name: row.text(2)),
            endpoint: row.text(3), region: row.text(4), operation: row.text(5), count: row.integer(6),
            firstAt: Instant(milliseconds: row.integer(7)), lastAt: Instant(milliseconds: row.integer(8)))
    }
}
