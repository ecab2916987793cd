import GRDB

/// Hours by the tags of who paid, as they were then: what reports by team, purpose and tier are read from, however many
/// principals there are.
enum HoursByTagSchema {
    static func apply(to database: Database) throws {
        try database.execute(sql: tables + fillTags)
        // An hour at a time: all at once would be sorted on the disk, and there may be more hours than it has room for.
        for hour in try Int64.fetchAll(database, sql: "SELECT DISTINCT hour FROM usageHourTotal ORDER BY hour") {
            try database.execute(sql: fillUsage, arguments: [hour])
            try database.execute(sql: fillLatencies, arguments: [hour])
        }
    }

    /// `tagSet` is a row for each team, purpose and tier that stood together, with empty texts for none. A use keeps the
    /// number of its own, since a correction of it has to find the hour that it is counted in. `earlierTags` is that of a
    /// principal's uses that have none: those from before this schema, which are counted under the tags of the upgrade.
    private static let tables = """
        CREATE TABLE tagSet (
            id INTEGER PRIMARY KEY,
            team TEXT NOT NULL,
            purpose TEXT NOT NULL,
            tier TEXT NOT NULL,
            UNIQUE (team, purpose, tier)
        ) STRICT;

        CREATE TABLE usageHourByTag (
            hour INTEGER NOT NULL,
            tags INTEGER NOT NULL,
            model INTEGER NOT NULL,
            region INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            \(ReportSchema.sumColumns),
            PRIMARY KEY (hour, tags, model, region, operation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE latencyHourByTag (
            hour INTEGER NOT NULL,
            tags INTEGER NOT NULL,
            model INTEGER NOT NULL,
            count INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            longest INTEGER NOT NULL,
            PRIMARY KEY (hour, tags, model)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE usage ADD COLUMN tags INTEGER;
        ALTER TABLE principal ADD COLUMN earlierTags INTEGER;

        """

    private static let fillTags = """
        INSERT INTO tagSet (team, purpose, tier)
        SELECT DISTINCT coalesce(team, ''), coalesce(purpose, ''), coalesce(tier, '') FROM principal ORDER BY 1, 2, 3;
        UPDATE principal SET earlierTags = (
            SELECT id FROM tagSet AS t WHERE t.team = coalesce(principal.team, '')
                AND t.purpose = coalesce(principal.purpose, '') AND t.tier = coalesce(principal.tier, ''));

        """

    /// Absurd sums are cut off here, as one that overflows would leave the database without its upgrade.
    private static func added(_ column: String) -> String { "sum(min(u.\(column), 1000000000000000))" }

    private static let fillUsage = """
        INSERT INTO usageHourByTag
        SELECT u.hour, p.earlierTags, u.model, u.region, u.operation,
            \(ReportSchema.sums.map(added).joined(separator: ", "))
        FROM usageHour AS u JOIN principal AS p ON p.id = u.principal WHERE u.hour = ? GROUP BY 1, 2, 3, 4, 5
        """

    private static let fillLatencies = """
        INSERT INTO latencyHourByTag
        SELECT u.hour, p.earlierTags, u.model, \(added("count")), \(added("milliseconds")), max(u.longest)
        FROM latencyHour AS u JOIN principal AS p ON p.id = u.principal WHERE u.hour = ? GROUP BY 1, 2, 3
        """
}
