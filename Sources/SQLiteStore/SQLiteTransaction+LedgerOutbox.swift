import Budgets
package import Enforcement
import Engine
import JSONModel
package import WallTime

extension SQLiteTransaction {
    package func enqueue(_ notice: Notice, channels: [String]) throws -> Bool {
        let data = notice.data.jsonString
        noteWritten(data.utf8.count)
        let inserted = try change(
            "INSERT OR IGNORE INTO notice (id, kind, severity, principal, data, at) VALUES (?, ?, ?, ?, ?, ?)",
            .text(notice.id), .text(notice.kind.rawValue), .text(notice.severity.rawValue),
            SQLValue(notice.principal?.description), .text(data), .integer(notice.at.milliseconds))
        guard inserted == 1 else { return false }
        let number = lastInsertedID
        for channel in channels {
            try change(
                "INSERT INTO outboxItem (notice, channel, nextTry) VALUES (?, ?, ?)", .integer(number), .text(channel),
                .integer(notice.at.milliseconds))
        }
        return true
    }

    package func claimOutbox(at now: Instant, limit: Int, leaseUntil: Instant) throws -> [OutboxItem] {
        let due = try rows(
            Self.items + " WHERE status = 'waiting' AND nextTry <= ? ORDER BY nextTry, outboxItem.id LIMIT ?",
            [.integer(now.milliseconds), SQLValue(max(0, limit))]
        ) { try OutboxItem($0) }
        return try due.map { try claim($0, until: leaseUntil) }
    }

    package func claimOutbox(_ ids: [OutboxItemID], at now: Instant, leaseUntil: Instant) throws -> [OutboxItem] {
        try ids.compactMap { id in
            guard let item = try outboxItem(id), item.status == .waiting, let due = item.nextTry, due <= now else {
                return nil
            }
            return try claim(item, until: leaseUntil)
        }
    }

    private func claim(_ item: OutboxItem, until lease: Instant) throws -> OutboxItem {
        try change(
            "UPDATE outboxItem SET attempts = attempts + 1, nextTry = ?, isClaimed = 1 WHERE id = ?",
            .integer(lease.milliseconds), .integer(item.id.rawValue))
        var claimed = item
        claimed.attempts += 1
        claimed.nextTry = lease
        claimed.isClaimed = true
        return claimed
    }

    package func dueOutbox(at now: Instant, behind place: OutboxPlace?, limit: Int) throws -> [OutboxPlace] {
        let start = place.flatMap { $0.nextTry <= now ? $0 : nil }
        return try all(
            Self.duePlaces, .integer(start?.nextTry.milliseconds ?? now.milliseconds + 1),
            .integer(start?.id.rawValue ?? .min), SQLValue(max(0, limit))
        ) {
            OutboxPlace(
                nextTry: Instant(milliseconds: $0.integer(0)), id: OutboxItemID(rawValue: $0.integer(1)),
                channel: $0.text(2))
        }
    }

    /// With one upper bound and no more: of two, SQLite seeks by the first, and reads again what lies before the place.
    static let duePlaces: StaticString = """
        SELECT nextTry, id, channel FROM outboxItem WHERE status = 'waiting' AND (nextTry, id) < (?, ?)
        ORDER BY nextTry DESC, id DESC LIMIT ?
        """

    package func releaseOutboxClaims(at now: Instant) throws {
        try change(
            "UPDATE outboxItem SET nextTry = ?, isClaimed = 0 WHERE status = 'waiting' AND isClaimed = 1",
            .integer(now.milliseconds))
    }

    package func pendingOutboxItems(limit: Int) throws -> [OutboxItem] {
        try rows(
            Self.items + " WHERE status = 'waiting' ORDER BY nextTry, outboxItem.id LIMIT ?", [SQLValue(max(0, limit))]
        ) { try OutboxItem($0) }
    }

    package func outboxItem(_ id: OutboxItemID) throws -> OutboxItem? {
        try rows(Self.items + " WHERE outboxItem.id = ?", [.integer(id.rawValue)]) { try OutboxItem($0) }.first
    }

    package func markSent(_ id: OutboxItemID, at: Instant) throws {
        try requireItem(
            id,
            try change(
                """
                UPDATE outboxItem SET status = 'sent', nextTry = NULL, lastError = NULL, settledAt = ?, isClaimed = 0
                WHERE id = ?
                """,
                .integer(at.milliseconds), .integer(id.rawValue)))
    }

    package func postpone(_ id: OutboxItemID, attempts: Int, until nextTry: Instant, error: String) throws {
        try requireItem(
            id,
            try change(
                "UPDATE outboxItem SET attempts = ?, nextTry = ?, lastError = ?, isClaimed = 0 WHERE id = ?",
                SQLValue(attempts), .integer(nextTry.milliseconds), .text(error), .integer(id.rawValue)))
    }

    package func abandon(_ id: OutboxItemID, at: Instant, error: String) throws {
        try requireItem(
            id,
            try change(
                """
                UPDATE outboxItem SET status = 'abandoned', nextTry = NULL, lastError = ?, settledAt = ?, isClaimed = 0
                WHERE id = ?
                """,
                .text(error), .integer(at.milliseconds), .integer(id.rawValue)))
    }

    package func revive(_ id: OutboxItemID, at: Instant) throws -> Bool {
        try change(
            """
            UPDATE outboxItem SET status = 'waiting', attempts = 0, nextTry = ?, settledAt = NULL
            WHERE id = ? AND status = 'abandoned'
            """,
            .integer(at.milliseconds), .integer(id.rawValue)) == 1
    }

    package func earliestOutbox() throws -> Instant? {
        try first("SELECT nextTry FROM outboxItem WHERE status = 'waiting' ORDER BY nextTry LIMIT 1") {
            Instant(milliseconds: $0.integer(0))
        }
    }

    package func notices(limit: Int) throws -> [Notice] {
        try all(
            "SELECT id, kind, severity, principal, data, at FROM notice ORDER BY number DESC LIMIT ?",
            SQLValue(max(0, limit))
        ) { try Notice($0, from: 0) }
    }

    private func requireItem(_ id: OutboxItemID, _ changed: Int) throws {
        guard changed == 1 else {
            throw IllegalChange(description: "outbox item \(id.rawValue) can't be changed: there is none of that id")
        }
    }

    private static let items = """
        SELECT outboxItem.id, channel, status, attempts, nextTry, lastError, isClaimed, notice.id, kind, severity,
            principal, data, at
        FROM outboxItem JOIN notice ON notice.number = outboxItem.notice
        """
}

extension OutboxItem {
    fileprivate init(_ row: PersistentStatement) throws {
        self.init(
            id: OutboxItemID(rawValue: row.integer(0)), notice: try Notice(row, from: 7), channel: row.text(1),
            status: try Status(stored: row.text(2), in: "outboxItem.status"), attempts: Int(row.integer(3)),
            nextTry: Instant(row.optionalInteger(4)), lastError: row.optionalText(5),
            isClaimed: row.integer(6) == 1)
    }
}

extension Notice {
    /// Reads the six columns of a notice that begin at `column`.
    fileprivate init(_ row: PersistentStatement, from column: Int32) throws {
        self.init(
            id: row.text(column), kind: try Kind(stored: row.text(column + 1), in: "notice.kind"),
            severity: try Severity(stored: row.text(column + 2), in: "notice.severity"),
            principal: row.optionalText(column + 3).flatMap(PrincipalID.init),
            data: try JSONValue(stored: row.text(column + 4), in: "notice.data"),
            at: Instant(milliseconds: row.integer(column + 5)))
    }
}
