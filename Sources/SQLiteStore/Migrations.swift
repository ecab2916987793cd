import GRDB

/// The schema's migrations in the order in which they were released. A database's schema version (`user_version`) is
/// how many of them it has had.
///
/// A released migration is never edited and never moved: a change is another one at the end of `all`.
struct Migrations {
    /// GRDB's migrator with everything that was added.
    private(set) var migrator = DatabaseMigrator()
    /// What each is called, the first one first.
    private(set) var names: [String] = []
    /// The version that a database has after all of them.
    var version: Int { names.count }

    /// Everything that this version of Steward knows. The ledger's tables follow those of executions.
    static let all: Migrations = {
        var migrations = Migrations()
        ExecutionSchema.register(&migrations)
        LedgerSchema.register(&migrations)
        ResourceSchema.register(&migrations)
        AccessKeySchema.register(&migrations)
        AuditChainSchema.register(&migrations)
        RetentionSchema.register(&migrations)
        BackupEnforcementSchema.register(&migrations)
        FurtherBudgetSchema.register(&migrations)
        AccessLedgerSchema.register(&migrations)
        IngestSchema.register(&migrations)
        PriceSchema.register(&migrations)
        ReportSchema.register(&migrations)
        RetentionSchema.registerTraces(&migrations)
        BatchJobSchema.register(&migrations)
        AgentRuntimeSchema.register(&migrations)
        LedgerSchema.registerUncheckedUsage(&migrations)
        MembershipSchema.register(&migrations)
        migrations.add("spending by tag, calls and latencies") { database in
            try SpendingByTagSchema.apply(to: database)
            try database.execute(sql: CallSchema.statements)
        }
        migrations.add("hours by tag, ages of labels") { database in
            try HoursByTagSchema.apply(to: database)
            try LabelSchema.apply(to: database)
        }
        migrations.add("uses keyed in runs") { try UsesInRunsSchema.apply(to: $0) }
        migrations.add("offers in the order of their queues") { try $0.execute(sql: OfferSchema.statements) }
        migrations.add("one index of executions") { try $0.execute(sql: ExecutionIndexSchema.statements) }
        migrations.add("what is taken under policy backups") { try $0.execute(sql: BackupEnforcementSchema.taking) }
        migrations.add("texts of workflows, times of redrives") { database in
            try database.execute(sql: WorkflowTextSchema.statements)
            try database.execute(sql: "ALTER TABLE execution ADD COLUMN redrivenAt INTEGER")
        }
        return migrations
    }()

    /// Adds the next migration. `apply` runs in a transaction of its own, which also counts the version up.
    mutating func add(_ name: String, _ apply: @escaping @Sendable (Database) throws -> Void) {
        names.append(name)
        let reached = version
        migrator.registerMigration(Self.identifier(reached, name)) { database in
            try apply(database)
            try database.execute(sql: "PRAGMA user_version = \(reached)")
        }
    }

    /// GRDB's name for the migration that reaches `version`.
    func identifier(reaching version: Int) -> String { Self.identifier(version, names[version - 1]) }

    private static func identifier(_ version: Int, _ name: String) -> String { "\(version) \(name)" }
}
