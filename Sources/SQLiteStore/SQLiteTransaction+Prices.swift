import Budgets
package import Enforcement
import Engine
package import WallTime

extension SQLiteTransaction {
    package func priceRevision() throws -> Int64 {
        try first("SELECT number FROM priceRevision WHERE id = 1") { $0.integer(0) } ?? 0
    }

    private func countRevision() throws { try change("UPDATE priceRevision SET number = number + 1 WHERE id = 1") }

    package func insertPrice(_ price: StoredPrice) throws -> PriceID {
        let row = price.row
        try change(
            """
            INSERT INTO price (model, geography, region, origin, effectiveFrom, input, output, cacheRead, cacheWrite5m,
                cacheWrite1h, words, source, status, problem, recordedAt, recordedBy, confirmedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(row.model), SQLValue(row.geography), SQLValue(row.region), .text(row.origin.rawValue),
            .integer(row.effectiveFrom.milliseconds), .integer(row.rates.input.rawValue),
            .integer(row.rates.output.rawValue), SQLValue(row.rates.cacheRead?.rawValue),
            SQLValue(row.rates.cacheWrite5m?.rawValue), SQLValue(row.rates.cacheWrite1h?.rawValue), .text(row.words),
            .text(row.source), .text(price.status.rawValue), SQLValue(price.problem),
            .integer(price.recordedAt.milliseconds), .text(price.recordedBy),
            .integer(price.confirmedAt.milliseconds))
        let id = PriceID(rawValue: lastInsertedID)
        try countRevision()
        return id
    }

    package func price(_ id: PriceID) throws -> StoredPrice? {
        try rows(Self.storedPrices + " WHERE id = ?", [.integer(id.rawValue)]) { try StoredPrice($0) }.first
    }

    package func prices(statuses: Set<PriceStatus>, limit: Int) throws -> [StoredPrice] {
        var found: [StoredPrice] = []
        for status in PriceStatus.allCases where statuses.contains(status) {
            found += try rows(
                Self.storedPrices + " WHERE status = ? ORDER BY id LIMIT ?", [.text(status.rawValue), SQLValue(limit)]
            ) { try StoredPrice($0) }
        }
        return Array(found.sorted { $0.id.rawValue < $1.id.rawValue }.prefix(max(0, limit)))
    }

    package func setStatus(_ status: PriceStatus, ofPrice id: PriceID) throws {
        let changed = try change(
            "UPDATE price SET status = ? WHERE id = ?", .text(status.rawValue), .integer(id.rawValue))
        guard changed == 1 else { throw IllegalChange(description: "there is no price \(id.rawValue)") }
        try countRevision()
    }

    package func confirmPrices(_ ids: [PriceID], at: Instant) throws {
        for id in ids {
            try change(
                "UPDATE price SET confirmedAt = ? WHERE id = ?", .integer(at.milliseconds), .integer(id.rawValue))
        }
    }

    package func modelName(_ name: String) throws -> ModelName? {
        try rows(Self.names + " WHERE name = ?", [.text(name)]) { ModelName($0) }.first
    }

    package func saveModelName(_ name: ModelName) throws {
        try change(
            """
            INSERT INTO modelName (name, model, source, firstSeenAt, checkedAt, problem) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET model = excluded.model, source = excluded.source,
                checkedAt = excluded.checkedAt, problem = excluded.problem
            """,
            .text(name.name), SQLValue(name.model), SQLValue(name.source), .integer(name.firstSeenAt.milliseconds),
            SQLValue(name.checkedAt?.milliseconds), SQLValue(name.problem))
        try countRevision()
    }

    package func unresolvedNames(limit: Int) throws -> [ModelName] {
        try rows(Self.names + " WHERE model IS NULL ORDER BY name LIMIT ?", [SQLValue(limit)]) { ModelName($0) }
    }

    package func resolvedNames(limit: Int) throws -> [ModelName] {
        try rows(Self.names + " WHERE model IS NOT NULL ORDER BY name LIMIT ?", [SQLValue(limit)]) { ModelName($0) }
    }

    private static let storedPrices = """
        SELECT id, model, geography, region, origin, effectiveFrom, input, output, cacheRead, cacheWrite5m, cacheWrite1h,
            words, source, status, problem, recordedAt, recordedBy, confirmedAt FROM price
        """
    private static let names = "SELECT name, model, source, firstSeenAt, checkedAt, problem FROM modelName"
}

extension StoredPrice {
    fileprivate init(_ row: PersistentStatement) throws {
        var price = PriceRow(
            model: row.text(1), geography: row.optionalText(2), region: row.optionalText(3),
            effectiveFrom: Instant(milliseconds: row.integer(5)),
            rates: Rates(
                input: TokenPrice(rawValue: row.integer(6)), output: TokenPrice(rawValue: row.integer(7)),
                cacheRead: row.optionalInteger(8).map(TokenPrice.init(rawValue:)),
                cacheWrite5m: row.optionalInteger(9).map(TokenPrice.init(rawValue:)),
                cacheWrite1h: row.optionalInteger(10).map(TokenPrice.init(rawValue:))),
            origin: try PriceSource(stored: row.text(4), in: "price.origin"), source: row.text(12))
        if let bad = price.apply(words: row.text(11)) {
            throw StoreError.damaged("price.words holds \"\(bad)\", which this version of Steward doesn't know")
        }
        self.init(
            id: PriceID(rawValue: row.integer(0)), row: price,
            status: try PriceStatus(stored: row.text(13), in: "price.status"), problem: row.optionalText(14),
            recordedAt: Instant(milliseconds: row.integer(15)), recordedBy: row.text(16),
            confirmedAt: Instant(milliseconds: row.integer(17)))
    }
}

extension ModelName {
    fileprivate init(_ row: PersistentStatement) {
        self.init(
            name: row.text(0), model: row.optionalText(1), source: row.optionalText(2),
            firstSeenAt: Instant(milliseconds: row.integer(3)), checkedAt: Instant(row.optionalInteger(4)),
            problem: row.optionalText(5))
    }
}
