import GRDB

/// Runtimes of Bedrock AgentCore, as CloudTrail tells of them.
enum AgentRuntimeSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("agent runtimes") { try $0.execute(sql: runtimes) }
    }

    private static let runtimes = """
        CREATE TABLE agentRuntime (
            id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
            arn TEXT,
            name TEXT,
            role TEXT,
            roleARN TEXT,
            region TEXT NOT NULL,
            changedAt INTEGER NOT NULL,
            deletedAt INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX agentRuntimeByRole ON agentRuntime (role, id) WHERE deletedAt IS NULL;
        """
}
