import GRDB

/// The tables of what clients of the Step Functions API make besides executions: published versions, aliases, tags,
/// activities with the tasks on offer, Map Runs.
enum ResourceSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("step functions resources") { try $0.execute(sql: columns + versions + activities) }
    }

    private static let columns = """
        ALTER TABLE stateMachine ADD COLUMN deletedAt INTEGER;
        ALTER TABLE stateMachine ADD COLUMN firstNumber INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE stateMachine ADD COLUMN lastPublished INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE stateMachineVersion ADD COLUMN settings TEXT;
        ALTER TABLE execution ADD COLUMN published INTEGER;
        ALTER TABLE execution ADD COLUMN alias TEXT;

        """

    private static let versions = """
        CREATE TABLE publishedVersion (
            stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            revision INTEGER NOT NULL REFERENCES stateMachineVersion (id),
            description TEXT,
            createdAt INTEGER NOT NULL,
            PRIMARY KEY (stateMachine, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE stateMachineAlias (
            stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
            name TEXT NOT NULL CHECK (name <> ''),
            description TEXT,
            routes TEXT NOT NULL,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER NOT NULL,
            PRIMARY KEY (stateMachine, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE resourceTags (
            resource TEXT PRIMARY KEY NOT NULL,
            tags TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// `offeredTask` was a queue for each activity in the order of the row numbers, until `OfferSchema`.
    private static let activities = """
        CREATE TABLE activity (
            name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
            encryption TEXT,
            createdAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE offeredTask (
            id INTEGER PRIMARY KEY,
            activity TEXT NOT NULL,
            execution INTEGER NOT NULL REFERENCES execution (id),
            task INTEGER NOT NULL,
            input TEXT NOT NULL,
            UNIQUE (execution, task)
        ) STRICT;

        CREATE INDEX offeredTaskByActivity ON offeredTask (activity);

        CREATE TABLE inputText (
            execution INTEGER PRIMARY KEY REFERENCES execution (id),
            text TEXT NOT NULL
        ) STRICT;

        CREATE TABLE nestedExecution (
            child INTEGER PRIMARY KEY REFERENCES execution (id),
            parent INTEGER NOT NULL REFERENCES execution (id),
            task INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX nestedByParent ON nestedExecution (parent);

        CREATE TABLE mapRun (
            id INTEGER PRIMARY KEY,
            arn TEXT NOT NULL UNIQUE,
            label TEXT NOT NULL,
            execution INTEGER NOT NULL REFERENCES execution (id)
        ) STRICT;

        CREATE INDEX mapRunByLabel ON mapRun (label);
        CREATE INDEX mapRunByExecution ON mapRun (execution);
        """
}
