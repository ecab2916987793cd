import GRDB

/// The audit log's hash chain and its anchor. Entries from before it are chained as they are found.
enum AuditChainSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("audit chain") { database in
            try database.execute(sql: columns)
            try fill(database)
            try database.execute(sql: guards)
        }
    }

    /// Rows chained at a time: bounds the memory, not the transaction, which holds the whole migration.
    private static let batch = 1000

    private static func fill(_ database: Database) throws {
        let transaction = try SQLiteTransaction(database, isReadOnly: false)
        defer { transaction.close() }
        var anchor = AuditAnchor()
        while true {
            let rows = try transaction.auditRows(after: anchor.last, limit: batch)
            for row in rows {
                let hash = AuditChain.hash(row, after: anchor.head)
                try transaction.change("UPDATE audit SET hash = ?2 WHERE id = ?1", .integer(row.number), .blob(hash))
                anchor.add(row.number, hash)
            }
            guard !rows.isEmpty else { break }
        }
        try transaction.change(
            "INSERT INTO auditAnchor (id, first, last, count, head) VALUES (1, ?, ?, ?, ?)", .integer(anchor.first),
            .integer(anchor.last), .integer(anchor.count), .blob(anchor.head))
    }

    private static let columns = """
        DROP TRIGGER auditIsAppendOnly;

        ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';

        CREATE TABLE auditAnchor (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            head BLOB NOT NULL CHECK (length(head) = 32)
        ) STRICT;
        """

    private static let guards = """
        CREATE TRIGGER auditIsAppendOnly BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'an audit entry never changes'); END;

        CREATE TRIGGER auditIsChained BEFORE INSERT ON audit WHEN length(new.hash) <> 32
        BEGIN SELECT raise(ABORT, 'an audit entry has a hash'); END;

        CREATE TRIGGER auditAnchorFollows BEFORE UPDATE ON auditAnchor
        WHEN new.count <> old.count + 1 OR new.last <= old.last
        BEGIN SELECT raise(ABORT, 'the audit anchor moves on by one entry'); END;

        CREATE TRIGGER auditAnchorStays BEFORE DELETE ON auditAnchor
        BEGIN SELECT raise(ABORT, 'the audit anchor is never removed'); END;
        """
}
