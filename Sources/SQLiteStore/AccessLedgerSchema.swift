import GRDB

/// Which policies of a backup a person has given up.
enum AccessLedgerSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("accepted losses of policy backups") { try $0.execute(sql: acceptedLoss) }
    }

    private static let acceptedLoss = """
        CREATE TABLE acceptedLoss (
            backup INTEGER NOT NULL REFERENCES policyBackup (id),
            policy TEXT NOT NULL CHECK (policy <> ''),
            at INTEGER NOT NULL,
            PRIMARY KEY (backup, policy)
        ) STRICT, WITHOUT ROWID;
        """
}
