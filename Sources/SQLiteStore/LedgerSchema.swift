import GRDB

/// The tables of usage, budgets, backups and the outbox. Instants are UTC milliseconds, amounts nano-dollars.
enum LedgerSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("principals and budgets") { try $0.execute(sql: principals + budgets) }
        migrations.add("usage") { try $0.execute(sql: usage) }
        migrations.add("policy backups") { try $0.execute(sql: backups) }
        migrations.add("outbox") { try $0.execute(sql: outbox) }
    }

    static func registerUncheckedUsage(_ migrations: inout Migrations) {
        migrations.add("uses without foreign keys") { database in
            let version = try Int.fetchOne(database, sql: "PRAGMA schema_version") ?? 0
            try database.execute(sql: withoutForeignKeys + "PRAGMA schema_version = \(version + 1);")
        }
    }

    /// Eight rows had to be looked up for each use, a quarter of the work (ADR 0011), though no row of `usageLabel` or of
    /// `principal` goes before its uses. No row of the table changes, so its definition is edited in place, as SQLite's
    /// documentation of ALTER TABLE shows for constraints: ten million uses would take minutes to write anew.
    private static let withoutForeignKeys = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql =
            replace(replace(sql, ' REFERENCES usageLabel (id)', ''), ' REFERENCES principal (id)', '')
        WHERE type = 'table' AND name = 'usage';
        PRAGMA writable_schema = OFF;

        """

    private static let principals = """
        CREATE TABLE principal (
            id INTEGER PRIMARY KEY,
            account TEXT NOT NULL CHECK (account <> ''),
            kind TEXT NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            partition TEXT NOT NULL,
            path TEXT NOT NULL,
            firstSeenAt INTEGER NOT NULL,
            discovered INTEGER NOT NULL CHECK (discovered IN (0, 1)),
            UNIQUE (name, kind, account)
        ) STRICT;

        """

    /// `budget` holds where each budget stands in its current period: a projection of that period's row in
    /// `budgetPeriod`, changed with it. The partial indexes hold only what the monitor and the circuit breaker ask for,
    /// so that their work depends on how many budgets are beyond their limits, not on how many there are.
    private static let budgets = """
        CREATE TABLE budget (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            principal INTEGER NOT NULL REFERENCES principal (id),
            limitNanos INTEGER NOT NULL CHECK (limitNanos >= 0),
            warningPerMille INTEGER NOT NULL,
            criticalPerMille INTEGER NOT NULL,
            periodRule TEXT NOT NULL,
            mode TEXT NOT NULL,
            enforcement TEXT NOT NULL,
            graceSeconds INTEGER NOT NULL CHECK (graceSeconds >= 0),
            protected INTEGER NOT NULL CHECK (protected IN (0, 1)),
            periodStart INTEGER NOT NULL,
            periodEnd INTEGER NOT NULL CHECK (periodEnd > periodStart),
            spent INTEGER NOT NULL CHECK (spent >= 0),
            spentAtFallback INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            unmetered INTEGER NOT NULL,
            announced INTEGER NOT NULL CHECK (announced BETWEEN 0 AND 7),
            arming INTEGER NOT NULL,
            status TEXT NOT NULL,
            statusSince INTEGER NOT NULL,
            statusReason TEXT,
            graceUntil INTEGER,
            refreshCount INTEGER NOT NULL,
            workflows TEXT NOT NULL,
            suspensionStartedAt INTEGER,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX budgetExceeded ON budget (name) WHERE spent >= limitNanos AND spent > 0;
        CREATE INDEX budgetByPeriodEnd ON budget (periodEnd);
        CREATE INDEX budgetByStatus ON budget (status, name);
        CREATE INDEX budgetBySuspension ON budget (suspensionStartedAt) WHERE suspensionStartedAt IS NOT NULL;

        CREATE TABLE budgetPeriod (
            budget INTEGER NOT NULL REFERENCES budget (id),
            start INTEGER NOT NULL,
            end INTEGER NOT NULL CHECK (end > start),
            spent INTEGER NOT NULL CHECK (spent >= 0),
            spentAtFallback INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            unmetered INTEGER NOT NULL,
            PRIMARY KEY (budget, start)
        ) STRICT, WITHOUT ROWID;

        """

    /// Uses come in thousands, so what repeats (a Region, a model, a source) is a number into `usageLabel`, and a request
    /// id that is a UUID takes 17 bytes. `tier` says besides whether it is unknown for how long the cache was written
    /// (`UsageEvent.tierCode`). The unique index is what makes a second delivery change nothing.
    private static let usage = """
        CREATE TABLE usageLabel (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE usage (
            id INTEGER PRIMARY KEY,
            requestID BLOB NOT NULL,
            account INTEGER NOT NULL REFERENCES usageLabel (id),
            region INTEGER NOT NULL REFERENCES usageLabel (id),
            at INTEGER NOT NULL,
            recordedAt INTEGER NOT NULL,
            principal INTEGER NOT NULL REFERENCES principal (id),
            session INTEGER REFERENCES usageLabel (id),
            model INTEGER NOT NULL REFERENCES usageLabel (id),
            operation INTEGER NOT NULL REFERENCES usageLabel (id),
            source INTEGER NOT NULL REFERENCES usageLabel (id),
            errorCode INTEGER REFERENCES usageLabel (id),
            input INTEGER NOT NULL,
            output INTEGER NOT NULL,
            cacheRead INTEGER NOT NULL,
            cacheWrite5m INTEGER NOT NULL,
            cacheWrite1h INTEGER NOT NULL,
            images INTEGER NOT NULL,
            metered INTEGER NOT NULL CHECK (metered IN (0, 1)),
            tier INTEGER NOT NULL,
            basis INTEGER NOT NULL,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            UNIQUE (requestID, region, account)
        ) STRICT;
        CREATE INDEX usageByPrincipal ON usage (principal, at);

        CREATE TRIGGER usageStays BEFORE UPDATE ON usage
        BEGIN SELECT raise(ABORT, 'a use that was charged never changes'); END;

        CREATE TABLE unreadableUsage (
            source TEXT NOT NULL,
            fingerprint INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (source, fingerprint)
        ) STRICT, WITHOUT ROWID;
        """

    private static let backups = """
        CREATE TABLE policyBackup (
            id INTEGER PRIMARY KEY,
            principal INTEGER NOT NULL REFERENCES principal (id),
            budget TEXT NOT NULL,
            snapshot TEXT NOT NULL,
            hash TEXT NOT NULL,
            takenUnderSuspension INTEGER NOT NULL CHECK (takenUnderSuspension IN (0, 1)),
            takenAt INTEGER NOT NULL,
            consumedAt INTEGER
        ) STRICT;
        CREATE INDEX policyBackupOpen ON policyBackup (principal, id) WHERE consumedAt IS NULL;

        CREATE TRIGGER policyBackupStays BEFORE UPDATE OF principal, snapshot, hash, takenAt ON policyBackup
        BEGIN SELECT raise(ABORT, 'a policy backup never changes'); END;
        """

    private static let outbox = """
        CREATE TABLE notice (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            severity TEXT NOT NULL,
            principal TEXT,
            data TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE outboxItem (
            id INTEGER PRIMARY KEY,
            notice INTEGER NOT NULL REFERENCES notice (number),
            channel TEXT NOT NULL,
            status TEXT NOT NULL DEFAULT 'waiting',
            attempts INTEGER NOT NULL DEFAULT 0,
            nextTry INTEGER,
            lastError TEXT,
            settledAt INTEGER,
            isClaimed INTEGER NOT NULL DEFAULT 0 CHECK (isClaimed IN (0, 1)),
            CHECK ((status = 'waiting') = (nextTry IS NOT NULL))
        ) STRICT;
        CREATE INDEX outboxDue ON outboxItem (nextTry, id) WHERE status = 'waiting';
        """
}
