import GRDB

/// Where usage comes from, how far it was read, and what CloudTrail tells of principals.
enum IngestSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("ingest sources") { try $0.execute(sql: sources) }
        migrations.add("trails of principals") { try $0.execute(sql: trails) }
    }

    private static let sources = """
        CREATE TABLE ingestSource (
            name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
            kind TEXT NOT NULL,
            detail TEXT,
            since INTEGER NOT NULL,
            lastReceivedAt INTEGER,
            lastRecordAt INTEGER,
            records INTEGER NOT NULL,
            recorded INTEGER NOT NULL,
            duplicates INTEGER NOT NULL,
            ignored INTEGER NOT NULL,
            unreadable INTEGER NOT NULL,
            events INTEGER NOT NULL,
            lastErrorAt INTEGER,
            lastError TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ingestCursor (
            source TEXT NOT NULL,
            item TEXT NOT NULL,
            version TEXT NOT NULL,
            records INTEGER NOT NULL CHECK (records >= 0),
            done INTEGER NOT NULL CHECK (done IN (0, 1)),
            movedAt INTEGER NOT NULL,
            PRIMARY KEY (source, item)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ingestCursorByTime ON ingestCursor (source, movedAt);

        CREATE TABLE ingestCount (
            name TEXT PRIMARY KEY NOT NULL,
            count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let trails = """
        CREATE TABLE trailEvent (
            id TEXT PRIMARY KEY NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX trailEventByTime ON trailEvent (at);

        CREATE TABLE principalTrail (
            principal INTEGER PRIMARY KEY REFERENCES principal (id),
            uniqueID TEXT,
            createdAt INTEGER,
            deletedAt INTEGER,
            taggedAt INTEGER,
            rogueSince INTEGER
        ) STRICT;

        CREATE TABLE sighting (
            principal INTEGER NOT NULL REFERENCES principal (id),
            endpoint TEXT NOT NULL,
            region TEXT NOT NULL,
            operation TEXT NOT NULL,
            count INTEGER NOT NULL,
            firstAt INTEGER NOT NULL,
            lastAt INTEGER NOT NULL,
            PRIMARY KEY (principal, endpoint, region)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sightingByTime ON sighting (lastAt);
        """
}
