import GRDB

/// Prices, what model ids stand for, and corrections of charges. Token prices are pico-dollars, amounts nano-dollars.
enum PriceSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("prices") { try $0.execute(sql: prices + names) }
        migrations.add("usage corrections") { try $0.execute(sql: corrections) }
    }

    /// `words` holds what else a row says, as the last column of a price table does (`surcharge`, `long>…`, `image=…`).
    /// Terms never change: a new price is a new row. `priceRevision` tells in one read whether a price book is current.
    private static let prices = """
        CREATE TABLE price (
            id INTEGER PRIMARY KEY,
            model TEXT NOT NULL CHECK (model <> ''),
            geography TEXT,
            region TEXT,
            origin TEXT NOT NULL,
            effectiveFrom INTEGER NOT NULL,
            input INTEGER NOT NULL CHECK (input >= 0),
            output INTEGER NOT NULL CHECK (output >= 0),
            cacheRead INTEGER,
            cacheWrite5m INTEGER,
            cacheWrite1h INTEGER,
            words TEXT NOT NULL,
            source TEXT NOT NULL,
            status TEXT NOT NULL,
            problem TEXT,
            recordedAt INTEGER NOT NULL,
            recordedBy TEXT NOT NULL,
            confirmedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX priceByStatus ON price (status, id);

        CREATE TRIGGER priceStays
        BEFORE UPDATE OF model, geography, region, origin, effectiveFrom, input, output, cacheRead, cacheWrite5m,
            cacheWrite1h, words, source, recordedAt, recordedBy ON price
        BEGIN SELECT raise(ABORT, 'the terms of a price never change'); END;

        CREATE TABLE priceRevision (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL
        ) STRICT;
        INSERT INTO priceRevision (id, number) VALUES (1, 0);

        """

    private static let names = """
        CREATE TABLE modelName (
            name TEXT PRIMARY KEY NOT NULL,
            model TEXT,
            source TEXT,
            firstSeenAt INTEGER NOT NULL,
            checkedAt INTEGER,
            problem TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX modelNameUnresolved ON modelName (name) WHERE model IS NULL;

        """

    /// Corrections go with their use when that ages out. `usageCharge` is what reports show: every use with what it is
    /// charged after all corrections.
    private static let corrections = """
        CREATE TABLE usageCorrection (
            id INTEGER PRIMARY KEY,
            usage INTEGER NOT NULL REFERENCES usage (id) ON DELETE CASCADE,
            amount INTEGER NOT NULL,
            basis INTEGER NOT NULL,
            at INTEGER NOT NULL,
            actor INTEGER NOT NULL REFERENCES usageLabel (id),
            priceSource INTEGER NOT NULL REFERENCES usageLabel (id)
        ) STRICT;
        CREATE INDEX usageCorrectionByUsage ON usageCorrection (usage, id);

        CREATE TRIGGER usageCorrectionStays BEFORE UPDATE ON usageCorrection
        BEGIN SELECT raise(ABORT, 'a correction never changes'); END;

        CREATE VIEW usageCharge AS
        SELECT usage.*,
            usage.amount + coalesce(
                (SELECT sum(c.amount) FROM usageCorrection AS c WHERE c.usage = usage.id), 0) AS charge,
            coalesce(
                (SELECT c.basis FROM usageCorrection AS c WHERE c.usage = usage.id ORDER BY c.id DESC LIMIT 1),
                usage.basis) AS chargeBasis
        FROM usage;
        """
}
