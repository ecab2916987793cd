import Engine
import GRDB

/// Uses are keyed in runs (ADR 0015): `usage` loses both of its random indexes.
enum UsesInRunsSchema {
    /// Uses of one run. Few enough that closing one takes no longer than another commit, and so many that the filters of ten
    /// million uses are few. All filters have the size that goes with it.
    static let usesPerRun = 32_768

    static func apply(to database: Database) throws {
        try database.execute(sql: tables)
        let transaction = try SQLiteTransaction(database, isReadOnly: false)
        do {
            defer { transaction.close() }
            try closeRuns(transaction)
        }
        try dropIndexes(database)
    }

    private static let tables = """
        CREATE TABLE usageRun (
            id INTEGER PRIMARY KEY,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL CHECK (last >= first),
            filter BLOB NOT NULL
        ) STRICT;

        CREATE TABLE usageKey (
            run INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            use INTEGER NOT NULL,
            PRIMARY KEY (run, hash, use)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usageOf (
            principal INTEGER NOT NULL,
            at INTEGER NOT NULL,
            use INTEGER NOT NULL,
            PRIMARY KEY (principal, at, use)
        ) STRICT, WITHOUT ROWID;
        """

    /// The uses that there are, as the writer would have closed them; the last ones, too few for a run, stay the tail.
    private static func closeRuns(_ transaction: SQLiteTransaction) throws {
        var last: Int64 = 0
        while true {
            let entries = try transaction.all(
                "SELECT id, requestID, region, account FROM usage WHERE id > ? ORDER BY id LIMIT ?", .integer(last),
                SQLValue(transaction.usesPerRun), read: transaction.entry(of:))
            guard entries.count == transaction.usesPerRun, let newest = entries.last else { break }
            _ = try transaction.writeRun(entries, from: last + 1, through: newest.use)
            last = newest.use
        }
        // In one go, in the order of the index that has them: run by run it would be a page for each principal and run.
        try transaction.change(
            """
            INSERT INTO usageOf (principal, at, use)
            SELECT principal, at, id FROM usage INDEXED BY usageByPrincipal WHERE id <= ? ORDER BY principal, at, id
            """, .integer(last))
    }

    /// A constraint's index can't be dropped, and a table that loses the constraint would be written anew: gigabytes for ten
    /// million uses. So the definition is edited in place, as that of schema 26 was (ADR 0011), and the index is made
    /// one like any other, which can be dropped.
    private static func dropIndexes(_ database: Database) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA schema_version") ?? 0
        let definition = try String.fetchOne(
            database, sql: "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'usage'")
        guard let definition, let constraint = definition.firstRange(of: constraint) else {
            throw StoreError.damaged("the table usage isn't defined as any version of Steward has defined it")
        }
        try database.execute(sql: "PRAGMA writable_schema = ON")
        try database.execute(
            sql: "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'usage'",
            arguments: [definition.replacingCharacters(in: constraint)])
        try database.execute(
            sql: """
                UPDATE sqlite_schema SET name = 'usageByKey',
                    sql = 'CREATE UNIQUE INDEX usageByKey ON usage (requestID, region, account)'
                WHERE type = 'index' AND name = 'sqlite_autoindex_usage_1';
                PRAGMA schema_version = \(version + 1);
                PRAGMA writable_schema = RESET;
                """)
        // Debian's SQLite overwrites what is deleted: all pages of both indexes would go through memory and the log, half a
        // gigabyte for ten million uses. They hold nothing that the table doesn't.
        let overwrites = try Int.fetchOne(database, sql: "PRAGMA secure_delete") ?? 0
        try database.execute(
            sql: """
                PRAGMA secure_delete = OFF;
                DROP INDEX usageByKey;
                DROP INDEX usageByPrincipal;
                PRAGMA secure_delete = \(overwrites);
                """)
    }

    private static let constraint = ",\n    UNIQUE (requestID, region, account)"
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
        String(self[..<range.lowerBound]) + String(self[range.upperBound...])
    }
}
