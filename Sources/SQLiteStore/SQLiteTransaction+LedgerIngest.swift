package import Enforcement
package import WallTime

extension SQLiteTransaction {
    package func ingestSource(_ name: String) throws -> IngestSource? {
        try first(
            """
            SELECT name, kind, detail, since, lastReceivedAt, lastRecordAt, records, recorded, duplicates, ignored,
                unreadable, events, lastErrorAt, lastError
            FROM ingestSource WHERE name = ?
            """, .text(name)
        ) { try IngestSource($0) }
    }

    package func ingestSources() throws -> [IngestSource] {
        try all(
            """
            SELECT name, kind, detail, since, lastReceivedAt, lastRecordAt, records, recorded, duplicates, ignored,
                unreadable, events, lastErrorAt, lastError
            FROM ingestSource ORDER BY name
            """
        ) { try IngestSource($0) }
    }

    package func saveIngestSource(_ source: IngestSource) throws {
        let counts = source.counts
        try change(
            """
            INSERT INTO ingestSource (name, kind, detail, since, lastReceivedAt, lastRecordAt, records, recorded,
                duplicates, ignored, unreadable, events, lastErrorAt, lastError)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, detail = excluded.detail, since = excluded.since,
                lastReceivedAt = excluded.lastReceivedAt, lastRecordAt = excluded.lastRecordAt,
                records = excluded.records, recorded = excluded.recorded, duplicates = excluded.duplicates,
                ignored = excluded.ignored, unreadable = excluded.unreadable, events = excluded.events,
                lastErrorAt = excluded.lastErrorAt, lastError = excluded.lastError
            """,
            .text(source.origin.name), .text(source.origin.kind.rawValue), SQLValue(source.origin.detail),
            .integer(source.since.milliseconds), SQLValue(source.lastReceivedAt?.milliseconds),
            SQLValue(source.lastRecordAt?.milliseconds), .integer(counts.records), .integer(counts.recorded),
            .integer(counts.duplicates), .integer(counts.ignored), .integer(counts.unreadable),
            .integer(counts.events), SQLValue(source.lastErrorAt?.milliseconds), SQLValue(source.lastError))
    }

    package func ingestCursor(_ source: String, item: String) throws -> IngestCursor? {
        try first(
            "SELECT version, records, done, movedAt FROM ingestCursor WHERE source = ? AND item = ?", .text(source),
            .text(item)
        ) {
            IngestCursor(
                source: source, item: item, version: $0.text(0), records: Int($0.integer(1)),
                isDone: $0.integer(2) == 1, movedAt: Instant(milliseconds: $0.integer(3)))
        }
    }

    package func saveIngestCursor(_ cursor: IngestCursor) throws {
        try change(
            """
            INSERT INTO ingestCursor (source, item, version, records, done, movedAt) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, item) DO UPDATE SET version = excluded.version, records = excluded.records,
                done = excluded.done, movedAt = excluded.movedAt
            """,
            .text(cursor.source), .text(cursor.item), .text(cursor.version), SQLValue(cursor.records),
            .integer(cursor.isDone ? 1 : 0), .integer(cursor.movedAt.milliseconds))
    }

    package func forgetIngestCursors(of source: String, movedBefore instant: Instant, limit: Int) throws -> Int {
        try change(
            """
            DELETE FROM ingestCursor WHERE source = ?1 AND item IN (
                SELECT item FROM ingestCursor WHERE source = ?1 AND movedAt < ?2 ORDER BY movedAt LIMIT ?3)
            """, .text(source), .integer(instant.milliseconds), SQLValue(max(0, limit)))
    }

    package func countIngest(_ name: String, by count: Int64) throws {
        try change(
            """
            INSERT INTO ingestCount (name, count) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET count = count + excluded.count
            """, .text(name), .integer(count))
    }

    package func ingestCounts() throws -> [IngestCount] {
        try all("SELECT name, count FROM ingestCount ORDER BY name") {
            IngestCount(name: $0.text(0), count: $0.integer(1))
        }
    }
}

extension IngestSource {
    fileprivate init(_ row: PersistentStatement) throws {
        self.init(
            origin: IngestOrigin(
                name: row.text(0), kind: try IngestKind(stored: row.text(1), in: "ingestSource.kind"),
                detail: row.optionalText(2)), since: Instant(milliseconds: row.integer(3)))
        lastReceivedAt = Instant(row.optionalInteger(4))
        lastRecordAt = Instant(row.optionalInteger(5))
        counts.records = row.integer(6)
        counts.recorded = row.integer(7)
        counts.duplicates = row.integer(8)
        counts.ignored = row.integer(9)
        counts.unreadable = row.integer(10)
        counts.events = row.integer(11)
        lastErrorAt = Instant(row.optionalInteger(12))
        lastError = row.optionalText(13)
    }
}
