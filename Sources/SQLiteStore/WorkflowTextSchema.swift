/// The texts of workflow files that were in force: a file with an error keeps what was loaded before, also over a restart.
enum WorkflowTextSchema {
    static let statements = """
        CREATE TABLE workflowText (
            file TEXT PRIMARY KEY NOT NULL,
            source TEXT NOT NULL
        ) STRICT;
        """
}
