import GRDB

/// Batch jobs, of which CloudTrail tells one half and a manifest in S3 the other.
enum BatchJobSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("batch jobs") { try $0.execute(sql: jobs) }
    }

    private static let jobs = """
        CREATE TABLE batchJob (
            id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
            arn TEXT,
            creator TEXT,
            session TEXT,
            model TEXT,
            input INTEGER,
            output INTEGER,
            records INTEGER,
            failedRecords INTEGER,
            endedAt INTEGER,
            source TEXT,
            place TEXT,
            chargedAt INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX batchJobUnattributed ON batchJob (endedAt) WHERE creator IS NULL;
        """
}
