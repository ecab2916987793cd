import GRDB

/// The tables of executions, schedules, dead letters and the audit log. Instants are UTC milliseconds.
enum ExecutionSchema {
    /// "STWD": says that a file is Steward's, whatever its name.
    static let applicationID = 0x5354_5744

    static func register(_ migrations: inout Migrations) {
        migrations.add("state machines") { try $0.execute(sql: stateMachines) }
        migrations.add("executions") { try $0.execute(sql: executions) }
        migrations.add("schedules") { try $0.execute(sql: schedules) }
        migrations.add("dead letters") { try $0.execute(sql: deadLetters) }
        migrations.add("audit") { try $0.execute(sql: audit) }
    }

    private static let stateMachines = """
        CREATE TABLE stateMachine (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            createdAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE stateMachineVersion (
            id INTEGER PRIMARY KEY,
            stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            source TEXT NOT NULL,
            json TEXT NOT NULL,
            hash TEXT NOT NULL,
            file TEXT,
            createdAt INTEGER NOT NULL,
            UNIQUE (stateMachine, number)
        ) STRICT;

        CREATE TRIGGER stateMachineVersionIsPinned BEFORE UPDATE ON stateMachineVersion
        BEGIN SELECT raise(ABORT, 'a state machine version never changes'); END;
        """

    /// `journal` is appended in the order of arrival, whichever execution a record belongs to: one hot page, where a
    /// table clustered by execution would dirty a page for each. `wake` is clustered by due time for the same reason.
    /// The list indexes hold the start time, so that a page of a list is one seek and a short scan.
    private static let executions = """
        CREATE TABLE execution (
            id INTEGER PRIMARY KEY,
            stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
            version INTEGER NOT NULL REFERENCES stateMachineVersion (id),
            name TEXT NOT NULL CHECK (name <> ''),
            workflow TEXT,
            status INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
            parked INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1)),
            wakeAt INTEGER,
            startedAt INTEGER NOT NULL,
            stoppedAt INTEGER,
            redriveCount INTEGER NOT NULL DEFAULT 0 CHECK (redriveCount >= 0),
            error TEXT,
            cause TEXT,
            UNIQUE (stateMachine, name),
            CHECK ((status = 0) = (stoppedAt IS NULL)),
            CHECK (parked = 0 OR status = 0),
            CHECK (wakeAt IS NULL OR parked = 1)
        ) STRICT;

        CREATE INDEX executionByMachine ON execution (stateMachine, status, startedAt);
        CREATE INDEX executionByStatus ON execution (status, startedAt);
        CREATE INDEX executionByWorkflow ON execution (workflow, status, startedAt) WHERE workflow IS NOT NULL;
        CREATE INDEX executionLive ON execution (id) WHERE status = 0 AND parked = 0;

        CREATE TABLE journal (
            id INTEGER PRIMARY KEY,
            execution INTEGER NOT NULL REFERENCES execution (id),
            seq INTEGER NOT NULL CHECK (seq >= 1),
            record BLOB NOT NULL,
            UNIQUE (execution, seq)
        ) STRICT;

        CREATE TRIGGER journalIsAppendOnly BEFORE UPDATE ON journal
        BEGIN SELECT raise(ABORT, 'a journal record never changes'); END;

        CREATE TABLE wake (
            due INTEGER NOT NULL,
            execution INTEGER NOT NULL REFERENCES execution (id),
            PRIMARY KEY (due, execution)
        ) STRICT, WITHOUT ROWID;
        """

    private static let schedules = """
        CREATE TABLE schedule (
            workflow TEXT PRIMARY KEY NOT NULL,
            expression TEXT NOT NULL,
            nextFire INTEGER,
            pausedAt INTEGER,
            pauseReason TEXT,
            buffered TEXT NOT NULL DEFAULT '[]',
            CHECK (pauseReason IS NULL OR pausedAt IS NOT NULL)
        ) STRICT;

        CREATE TABLE scheduleFire (
            workflow TEXT NOT NULL,
            nominal INTEGER NOT NULL,
            firedAt INTEGER NOT NULL,
            result TEXT NOT NULL,
            execution TEXT,
            reason TEXT,
            PRIMARY KEY (workflow, nominal)
        ) STRICT, WITHOUT ROWID;
        """

    private static let deadLetters = """
        CREATE TABLE deadLetter (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'redriven', 'discarded')),
            subject TEXT NOT NULL,
            source TEXT NOT NULL,
            error TEXT NOT NULL,
            cause TEXT NOT NULL,
            payload BLOB NOT NULL,
            execution INTEGER REFERENCES execution (id),
            at INTEGER NOT NULL,
            nextRedrive INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            updatedAt INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX deadLetterByStatus ON deadLetter (status);
        CREATE INDEX deadLetterByKind ON deadLetter (kind, status);
        CREATE INDEX deadLetterByExecution ON deadLetter (execution) WHERE execution IS NOT NULL;
        CREATE INDEX deadLetterDue ON deadLetter (nextRedrive) WHERE status = 'open' AND nextRedrive IS NOT NULL;
        """

    private static let audit = """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;

        CREATE INDEX auditBySubject ON audit (subject);

        CREATE TRIGGER auditIsAppendOnly BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'an audit entry never changes'); END;

        CREATE TRIGGER auditKeepsAll BEFORE DELETE ON audit
        BEGIN SELECT raise(ABORT, 'an audit entry is never removed'); END;
        """
}
