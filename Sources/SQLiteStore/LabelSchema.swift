import GRDB

/// Labels that only single uses name go with them (`SQLiteTransaction+Labels`).
enum LabelSchema {
    /// Corrections lose their references to labels, which they name for as long as they are there: each label that goes
    /// would look through all of them. The definition is edited in place, as that of uses was (ADR 0011).
    static func apply(to database: Database) throws {
        try database.execute(sql: age)
        let version = try Int.fetchOne(database, sql: "PRAGMA schema_version") ?? 0
        try database.execute(sql: withoutForeignKeys + "PRAGMA schema_version = \(version + 1);")
    }

    /// `keptTo` is empty for what stays. Those that no sum, call or correction names stay for all uses that there are; what
    /// the next use names as its account or so stays for ever from then on.
    private static let age = """
        ALTER TABLE usageLabel ADD COLUMN keptTo INTEGER;
        UPDATE usageLabel SET keptTo = (SELECT coalesce(max(id), 0) + 1 FROM usage)
        WHERE id NOT IN (
            SELECT model FROM usageTotal UNION SELECT region FROM usageTotal UNION SELECT operation FROM usageTotal
            UNION SELECT model FROM usageHourTotal UNION SELECT region FROM usageHourTotal
            UNION SELECT operation FROM usageHourTotal UNION SELECT operation FROM callHour
            UNION SELECT model FROM latencyHour UNION SELECT actor FROM usageCorrection
            UNION SELECT priceSource FROM usageCorrection);
        CREATE INDEX usageLabelByEnd ON usageLabel (keptTo) WHERE keptTo IS NOT NULL;

        """

    private static let withoutForeignKeys = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES usageLabel (id)', '')
        WHERE type = 'table' AND name = 'usageCorrection';
        PRAGMA writable_schema = OFF;

        """
}
