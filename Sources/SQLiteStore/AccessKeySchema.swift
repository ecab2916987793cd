import GRDB

/// The keys that Steward issued. Rows stay after a revocation, so that an id never names two keys.
enum AccessKeySchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("access keys") { try $0.execute(sql: keys) }
    }

    private static let keys = """
        CREATE TABLE accessKey (
            id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 20),
            kind TEXT NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            role TEXT NOT NULL,
            secret BLOB NOT NULL,
            createdAt INTEGER NOT NULL,
            lastUsedAt INTEGER,
            revokedAt INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE UNIQUE INDEX accessKeyByName ON accessKey (name) WHERE revokedAt IS NULL;
        """
}
