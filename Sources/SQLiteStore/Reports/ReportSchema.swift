import Enforcement
import GRDB

/// The tables that reports and metrics are read from, so that nobody has to look through single uses, executions or the
/// audit log for them.
enum ReportSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("usage by the hour") { try $0.execute(sql: hours + fillHours) }
        migrations.add("tallies") { try $0.execute(sql: tallies + endings + fillTallies + indexes) }
    }

    /// What is added up, in the order of `UsageSums`' columns.
    static let sums = [
        "requests", "errors", "unmetered", "fallbackRequests", "input", "output", "cacheRead", "cacheWrite5m",
        "cacheWrite1h", "images", "cost", "fallbackCost",
    ]

    static let sumColumns = sums.map { "\($0) INTEGER NOT NULL" }.joined(separator: ", ")

    /// `hour` counts from 1970 and comes first: what is written now lies together, a report over a period is one range,
    /// and one over a principal's period a seek for each hour. `usageHourTotal` is the same without the principal, for
    /// reports that need none, and `usageTotal` without the hour, for the metrics: it only grows, whatever is corrected.
    private static let hours = """
        CREATE TABLE usageHour (
            hour INTEGER NOT NULL,
            principal INTEGER NOT NULL,
            model INTEGER NOT NULL,
            region INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            \(sumColumns),
            PRIMARY KEY (hour, principal, model, region, operation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usageHourTotal (
            hour INTEGER NOT NULL,
            model INTEGER NOT NULL,
            region INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            \(sumColumns),
            PRIMARY KEY (hour, model, region, operation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usageTotal (
            model INTEGER NOT NULL,
            region INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            \(sumColumns),
            PRIMARY KEY (model, region, operation)
        ) STRICT, WITHOUT ROWID;

        """

    /// Absurd counts and amounts are cut off here, as a sum that overflows would leave the database without its upgrade.
    private static let fillHours: String = {
        let tokens = ["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h", "images"]
            .map { "sum(min(max(\($0), 0), 1000000000000000))" }.joined(separator: ", ")
        let added = sums.map { "sum(\($0))" }.joined(separator: ", ")
        return """
            INSERT INTO usageHour
            SELECT (at - ((at % 3600000) + 3600000) % 3600000) / 3600000, principal, model, region, operation, count(*),
                sum(errorCode IS NOT NULL), sum(basis = 4), sum(basis = 2), \(tokens),
                sum(min(amount, 1000000000000000)),
                sum(CASE WHEN basis = 2 THEN min(amount, 1000000000000000) ELSE 0 END)
            FROM usage GROUP BY 1, 2, 3, 4, 5;
            INSERT INTO usageHourTotal
            SELECT hour, model, region, operation, \(added) FROM usageHour GROUP BY 1, 2, 3, 4;
            INSERT INTO usageTotal
            SELECT model, region, operation, \(added) FROM usageHourTotal GROUP BY 1, 2, 3;
            """
    }()

    /// Counted by triggers, so that whoever writes such a row, now or later, is counted.
    private static let tallies = """
        CREATE TABLE tally (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER auditIsCounted AFTER INSERT ON audit BEGIN
            INSERT INTO tally (kind, key, count) VALUES ('audit', new.action, 1)
            ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER noticeIsCounted AFTER INSERT ON notice BEGIN
            INSERT INTO tally (kind, key, count) VALUES ('notice', new.kind, 1)
            ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER deadLetterIsCounted AFTER INSERT ON deadLetter BEGIN
            INSERT INTO tally (kind, key, count) VALUES ('dead-letter', new.kind, 1)
            ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
        END;

        """

    /// `bucket` is the place of the first bound that an execution's duration keeps to.
    private static let endings: String = {
        let cases = LedgerGauges.Endings.bounds.enumerated().map { place, seconds in
            "WHEN new.stoppedAt - new.startedAt <= \(seconds * 1000) THEN \(place)"
        }.joined(separator: " ")
        let bucket = "CASE \(cases) ELSE \(LedgerGauges.Endings.bounds.count) END"
        return """
            CREATE TABLE executionTally (
                stateMachine INTEGER NOT NULL,
                status INTEGER NOT NULL,
                bucket INTEGER NOT NULL,
                count INTEGER NOT NULL,
                milliseconds INTEGER NOT NULL,
                PRIMARY KEY (stateMachine, status, bucket)
            ) STRICT, WITHOUT ROWID;

            CREATE TRIGGER executionEndIsCounted AFTER UPDATE OF status ON execution
            WHEN new.status <> 0 AND old.status = 0 BEGIN
                INSERT INTO executionTally (stateMachine, status, bucket, count, milliseconds)
                VALUES (new.stateMachine, new.status, \(bucket), 1, max(0, new.stoppedAt - new.startedAt))
                ON CONFLICT (stateMachine, status, bucket) DO UPDATE
                SET count = count + 1, milliseconds = milliseconds + excluded.milliseconds;
            END;

            INSERT INTO executionTally
            SELECT stateMachine, status, \(bucket.replacing("new.", with: "")), count(*),
                sum(max(0, stoppedAt - startedAt))
            FROM execution WHERE status <> 0 GROUP BY 1, 2, 3;

            """
    }()

    private static let fillTallies = """
        INSERT INTO tally SELECT 'audit', action, count(*) FROM audit GROUP BY action;
        INSERT INTO tally SELECT 'notice', kind, count(*) FROM notice GROUP BY kind;
        INSERT INTO tally SELECT 'dead-letter', kind, count(*) FROM deadLetter GROUP BY kind;
        INSERT INTO tally SELECT 'ingest', 'recorded', count(*) FROM usage HAVING count(*) > 0;

        """

    /// Holds only budgets that have crossed a threshold in their period: those that the metrics name. `budgetShare` is not
    /// kept, since each charge would move it.
    private static let indexes = """
        CREATE INDEX budgetAnnounced ON budget (announced) WHERE announced > 0;
        """
}
