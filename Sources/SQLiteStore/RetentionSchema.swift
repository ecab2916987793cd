import GRDB

/// What the removal of old rows needs.
enum RetentionSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("retention") { try $0.execute(sql: wake + outbox + marks) }
    }

    static func registerTraces(_ migrations: inout Migrations) {
        migrations.add("ages of traces") { try $0.execute(sql: traces) }
    }

    /// `wake` loses its reference to `execution`: it has no index by execution, so each execution that is removed would
    /// read all of it to see that none is left behind. Rows of `wake` go with the end of their execution.
    private static let wake = """
        CREATE TABLE wakeAnew (
            due INTEGER NOT NULL,
            execution INTEGER NOT NULL,
            PRIMARY KEY (due, execution)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO wakeAnew (due, execution) SELECT due, execution FROM wake ORDER BY due, execution;
        DROP TABLE wake;
        ALTER TABLE wakeAnew RENAME TO wake;

        """

    private static let outbox = """
        CREATE INDEX outboxItemByNotice ON outboxItem (notice);

        """

    /// Instants before which rows of a kind have been removed; they only grow. Besides, while a run is under way, how many
    /// it has removed (`SQLiteTransaction+RemovedCounts`).
    private static let marks = """
        CREATE TABLE retentionMark (
            kind TEXT PRIMARY KEY NOT NULL,
            before INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let traces = """
        CREATE INDEX scheduleFireByTime ON scheduleFire (firedAt);
        CREATE INDEX unreadableUsageByTime ON unreadableUsage (at);
        """
}
