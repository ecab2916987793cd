package import Enforcement
package import WallTime

/// The outbox as people look at it, and what they keep back from it.
extension SQLiteTransaction {
    package func mute(_ id: OutboxItemID, at: Instant, why: String) throws {
        let changed = try change(
            """
            UPDATE outboxItem SET status = 'muted', nextTry = NULL, lastError = ?, settledAt = ?, isClaimed = 0
            WHERE id = ?
            """,
            .text(why), .integer(at.milliseconds), .integer(id.rawValue))
        guard changed == 1 else {
            throw IllegalChange(description: "outbox item \(id.rawValue) can't be muted: there is none of that id")
        }
    }

    package func outboxStandings() throws -> [OutboxStanding] {
        try all(
            """
            SELECT channel, count(*) FILTER (WHERE status = 'waiting'),
                min(CASE WHEN status = 'waiting' THEN (SELECT at FROM notice WHERE number = outboxItem.notice) END),
                count(*) FILTER (WHERE status = 'muted'),
                coalesce(max(id) FILTER (WHERE status = 'sent'), 0),
                max(id) FILTER (WHERE status = 'waiting' AND lastError IS NOT NULL),
                max(id) FILTER (WHERE status = 'abandoned')
            FROM outboxItem GROUP BY channel ORDER BY channel
            """
        ) { row in
            let lastSent = row.integer(4)
            let refused = [row.optionalInteger(5), row.optionalInteger(6).flatMap { $0 > lastSent ? $0 : nil }]
            let newest = refused.compactMap(\.self).max().map(OutboxItemID.init(rawValue:))
            return OutboxStanding(
                channel: row.text(0), waiting: Int(row.integer(1)), oldest: Instant(row.optionalInteger(2)),
                muted: Int(row.integer(3)), lastError: try newest.flatMap { try outboxItem($0)?.lastError })
        }
    }

    package func outboxItems(_ query: OutboxQuery) throws -> [OutboxItem] {
        try all(
            """
            SELECT id FROM outboxItem WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR status = ?2)
            ORDER BY id DESC LIMIT ?3
            """,
            SQLValue(query.channel), SQLValue(query.status?.rawValue), SQLValue(max(0, query.limit))
        ) { OutboxItemID(rawValue: $0.integer(0)) }
        .compactMap { try outboxItem($0) }
    }
}
