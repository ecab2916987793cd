import GRDB

/// What suspensions under a backup were told to do, and what they were about to take: a restoration follows that, not what
/// the budget, or the backup alone, says by then.
enum BackupEnforcementSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("enforcement of policy backups") { try $0.execute(sql: enforcement) }
    }

    private static let enforcement = """
        ALTER TABLE policyBackup ADD COLUMN enforcement TEXT NOT NULL DEFAULT 'both';
        UPDATE policyBackup SET enforcement = coalesce(
            (SELECT enforcement FROM budget WHERE budget.name = policyBackup.budget), 'both');
        """

    /// A JSON array of ARNs and ids of keys. Of backups from before, nobody has noted it.
    static let taking = "ALTER TABLE policyBackup ADD COLUMN taking TEXT"
}
