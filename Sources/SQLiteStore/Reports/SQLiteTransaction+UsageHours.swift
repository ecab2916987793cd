package import Budgets
package import Enforcement
import WallTime

extension SQLiteTransaction: ReportLedger {
    package func addUsageHours(_ hours: [UsageHour]) throws {
        try requireWritable()
        var byTag: [HourKey: UsageSums] = [:]
        let statement = try composed(Self.addHour)
        for row in try rows(of: hours) {
            try statement.run { row.key.give(row.sums, to: &$0) }
            byTag[row.key.with(row.tags), default: UsageSums()].add(row.sums)
        }
        let tagged = Dictionary(uniqueKeysWithValues: byTag.map { ($0.key.columns, $0.value) })
        let totals = try add(tagged, Self.addHourByTag, without: 1)
        let sinceEver = try add(totals, Self.addHourTotal, without: 0)
        for (key, sums) in sinceEver {
            try composed(Self.addTotal).run { values in
                for number in key { values.add(number) }
                sums.give(to: &values)
            }
        }
    }

    /// In the order of the key: neighbours share their pages.
    private func rows(of hours: [UsageHour]) throws -> [(key: HourKey, tags: Int64, sums: UsageSums)] {
        var rows: [(key: HourKey, tags: Int64, sums: UsageSums)] = []
        rows.reserveCapacity(hours.count)
        var last: (slot: UsageSlot, tags: CostTags)?
        for hour in hours {
            let slot = hour.slot
            // Most often the same as before: to compare is cheaper than to look up.
            if let last, let row = rows.last, last.slot.model == slot.model, last.slot.region == slot.region,
                last.slot.operation == slot.operation, last.tags == hour.tags
            {
                let key = row.key.with(hour: slot.hour, try principalNumber(slot.principal))
                rows.append((key, row.tags, hour.sums))
            } else {
                rows.append((try key(of: slot), try tagSetNumber(hour.tags), hour.sums))
                last = (slot, hour.tags)
            }
        }
        rows.sort { $0.key < $1.key }
        return rows
    }

    /// Adds sums to the rows of their keys.
    /// - Returns: what they add up to without the key's column at `place`.
    private func add(_ sums: [[Int64]: UsageSums], _ sql: String, without place: Int) throws -> [[Int64]: UsageSums] {
        var rest: [[Int64]: UsageSums] = [:]
        let statement = try composed(sql)
        for (key, sums) in sums.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            try statement.run { values in
                for number in key { values.add(number) }
                sums.give(to: &values)
            }
            var shorter = key
            shorter.remove(at: place)
            rest[shorter, default: UsageSums()].add(sums)
        }
        return rest
    }

    package func adjustUsageHour(_ slot: UsageSlot, tags: CostTags, by change: UsageSums) throws {
        try requireWritable()
        let key = try key(of: slot)
        let numbers = key.columns
        try composed(Self.addHour).run { key.give(change, to: &$0) }
        let (tagSet, rest) = (try tagSetNumber(tags), numbers[2...])
        let byTag = [numbers[0], tagSet] + rest
        try composed(Self.addHourByTag).run { values in
            for number in byTag { values.add(number) }
            change.give(to: &values)
        }
        let total = [numbers[0]] + rest
        try composed(Self.addHourTotal).run { values in
            for number in total { values.add(number) }
            change.give(to: &values)
        }
    }

    package func addTaggedSums(_ sums: [TaggedSums]) throws {
        try requireWritable()
        guard !sums.isEmpty else { return }
        let statement = try composed(Self.addTagged)
        for row in sums {
            try statement.run { values in
                values.add(row.tag.rawValue)
                values.add(row.value)
                row.sums.give(to: &values)
            }
        }
    }

    package func hoursWithUsage(from: Int64, to: Int64) throws -> [HourLoad] {
        try all(
            """
            SELECT hour, sum(requests) FROM usageHourTotal WHERE hour >= ? AND hour < ? GROUP BY hour ORDER BY hour
            """,
            .integer(from), .integer(to)
        ) { HourLoad(hour: $0.integer(0), requests: $0.integer(1)) }
    }

    /// The row number of tags that stand together. There are as many as people have made.
    func tagSetNumber(_ tags: CostTags) throws -> Int64 {
        if let known = known.tagSet(tags) { return known }
        let (team, purpose, tier) = (tags.team ?? "", tags.purpose ?? "", tags.tier ?? "")
        let number = try first(
            "SELECT id FROM tagSet WHERE team = ? AND purpose = ? AND tier = ?", .text(team), .text(purpose),
            .text(tier)
        ) { $0.integer(0) }
        if number == nil {
            try change(
                "INSERT INTO tagSet (team, purpose, tier) VALUES (?, ?, ?)", .text(team), .text(purpose), .text(tier))
        }
        let found = number ?? lastInsertedID
        known.note(tagSet: tags, found)
        return found
    }

    private func key(of slot: UsageSlot) throws -> HourKey {
        HourKey(
            hour: slot.hour, who: try principalNumber(slot.principal), model: try label(slot.model),
            region: try label(slot.region), operation: try label(slot.operation))
    }

    private static let addHour = adding(to: "usageHour", ["hour", "principal", "model", "region", "operation"])
    private static let addHourByTag = adding(to: "usageHourByTag", ["hour", "tags", "model", "region", "operation"])
    private static let addHourTotal = adding(to: "usageHourTotal", ["hour", "model", "region", "operation"])
    private static let addTotal = adding(to: "usageTotal", ["model", "region", "operation"])
    private static let addTagged = adding(to: "spendingByTag", ["tag", "value"])

    /// Adds to a row, or makes it. Sums stop at the largest number, and stay there (`UsageSums`): SQLite's own would turn into
    /// fractions.
    private static func adding(to table: String, _ key: [String]) -> String {
        let names = (key + ReportSchema.sums).joined(separator: ", ")
        let marks = Array(repeating: "?", count: key.count + ReportSchema.sums.count).joined(separator: ", ")
        let sums = ReportSchema.sums.map { name in
            """
            \(name) = CASE
                WHEN \(name) = \(Int64.max) OR excluded.\(name) > 0 AND \(name) > \(Int64.max) - excluded.\(name)
                THEN \(Int64.max) ELSE \(name) + excluded.\(name) END
            """
        }
        return """
            INSERT INTO \(table) (\(names)) VALUES (\(marks))
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(sums.joined(separator: ", "))
            """
    }
}

/// The key of a row of hours, in numbers. No array: a batch may have as many as it has uses.
private struct HourKey: Hashable, Comparable {
    let hour: Int64
    /// The principal, or the tags.
    let who: Int64
    let model: Int64
    let region: Int64
    let operation: Int64

    /// In the order of the table's key.
    var columns: [Int64] { [hour, who, model, region, operation] }

    static func < (left: HourKey, right: HourKey) -> Bool {
        (left.hour, left.who, left.model, left.region, left.operation)
            < (right.hour, right.who, right.model, right.region, right.operation)
    }

    /// The same of others.
    func with(_ who: Int64) -> HourKey { with(hour: hour, who) }

    /// The same in another hour, of others.
    func with(hour: Int64, _ who: Int64) -> HourKey {
        HourKey(hour: hour, who: who, model: model, region: region, operation: operation)
    }

    /// Gives the values of a whole row.
    func give(_ sums: UsageSums, to values: inout PersistentStatement.Values) {
        values.add(hour)
        values.add(who)
        values.add(model)
        values.add(region)
        values.add(operation)
        sums.give(to: &values)
    }
}

extension UsageSums {
    /// In the order of `ReportSchema.sums`.
    fileprivate func give(to values: inout PersistentStatement.Values) {
        values.add(requests)
        values.add(errors)
        values.add(unmetered)
        values.add(fallbackRequests)
        values.add(tokens.input)
        values.add(tokens.output)
        values.add(tokens.cacheRead)
        values.add(tokens.cacheWrite5m)
        values.add(tokens.cacheWrite1h)
        values.add(images)
        values.add(cost.rawValue)
        values.add(fallbackCost.rawValue)
    }

    /// Reads the columns of `ReportSchema.sums`, beginning at `first`.
    init(_ row: PersistentStatement, from first: Int32) {
        self.init(
            requests: row.integer(first), errors: row.integer(first + 1), unmetered: row.integer(first + 2),
            fallbackRequests: row.integer(first + 3),
            tokens: TokenCounts(
                input: row.integer(first + 4), output: row.integer(first + 5), cacheRead: row.integer(first + 6),
                cacheWrite5m: row.integer(first + 7), cacheWrite1h: row.integer(first + 8)),
            images: row.integer(first + 9), cost: NanoDollars(rawValue: row.integer(first + 10)),
            fallbackCost: NanoDollars(rawValue: row.integer(first + 11)))
    }
}
