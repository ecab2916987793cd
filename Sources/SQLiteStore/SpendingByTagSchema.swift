import Enforcement
import GRDB
import JSONModel

/// What was charged since ever by team, purpose and tier, for the metrics: a million principals' hours would take too long
/// to add up for each scrape.
enum SpendingByTagSchema {
    /// Begins with nothing: what principals were tagged with when they were charged before is not known.
    static func apply(to database: Database) throws {
        try database.execute(sql: columns + table)
        try fillTags(database)
    }

    /// As `team` is: what the tags say, read once, when they are saved. They come with the account that a use is charged to.
    private static let columns = """
        ALTER TABLE principal ADD COLUMN purpose TEXT CHECK (purpose <> '');
        ALTER TABLE principal ADD COLUMN tier TEXT CHECK (tier <> '');

        """

    /// `value` is empty for principals without such a tag. The ids stand in the order in which values first appeared.
    private static let table = """
        CREATE TABLE spendingByTag (
            id INTEGER PRIMARY KEY,
            tag TEXT NOT NULL,
            value TEXT NOT NULL,
            \(ReportSchema.sumColumns),
            UNIQUE (tag, value)
        ) STRICT;
        """

    private static let pageSize = 1000

    /// Goes by the namespaces of tags that are the default ones: those of an installation are in no database. Whoever is
    /// tagged by others gets its values when its tags are next seen.
    private static func fillTags(_ database: Database) throws {
        let settings = TrailSettings()
        var after: Int64 = 0
        while true {
            let rows = try Row.fetchAll(
                database, sql: "SELECT id, tags FROM principal WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [after, pageSize])
            guard let last = rows.last else { return }
            after = last["id"]
            for row in rows {
                let id: Int64 = row["id"]
                let text: String = row["tags"]
                // Tags that don't read say neither purpose nor tier; the upgrade is no place to stop for them.
                guard text != "{}", let json = try? JSONValue(parsing: text) else { continue }
                let tags = PrincipalRecord.tags(json)
                let (purpose, tier) = (settings.purpose(tags), settings.tier(tags))
                guard purpose != nil || tier != nil else { continue }
                try database.execute(
                    sql: "UPDATE principal SET purpose = ?, tier = ? WHERE id = ?", arguments: [purpose, tier, id])
            }
        }
    }
}
