package import Budgets
package import Enforcement

extension SQLiteTransaction {
    package func addLatencies(_ hours: [LatencyHour]) throws {
        guard !hours.isEmpty else { return }
        try requireWritable()
        var byTag: [[Int64]: LatencySums] = [:]
        let statement = try composed(Self.addLatencyHour)
        for hour in hours {
            let model = try label(hour.slot.model)
            let key = [hour.slot.hour, try principalNumber(hour.slot.principal), model]
            try statement.run(Self.values(key, hour.sums))
            byTag[[hour.slot.hour, try tagSetNumber(hour.tags), model], default: LatencySums()].add(hour.sums)
        }
        for (key, sums) in byTag { try composed(Self.addLatencyHourByTag).run(Self.values(key, sums)) }
    }

    private static func values(_ key: [Int64], _ sums: LatencySums) -> [SQLValue] {
        (key + [sums.count, sums.milliseconds, sums.longestMilliseconds]).map(SQLValue.integer)
    }

    private static let addLatencyHour = adding(to: "latencyHour", "hour, principal, model")
    private static let addLatencyHourByTag = adding(to: "latencyHourByTag", "hour, tags, model")

    private static func adding(to table: String, _ key: String) -> String {
        """
        INSERT INTO \(table) (\(key), count, milliseconds, longest) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (\(key)) DO UPDATE SET count = count + excluded.count,
            milliseconds = milliseconds + excluded.milliseconds, longest = max(longest, excluded.longest)
        """
    }

    package func latencies(_ query: UsageQuery, of asked: Set<LatencyKey>?) throws -> [LatencyKey: LatencySums] {
        guard query.from < query.to, query.tellsLatencies else { return [:] }
        let known: [UsageDimension] = [.principal, .team, .purpose, .tier, .model]
        let keys = known.filter(query.dimensions.contains)
        // Without tags the table by tags is the smallest, too.
        let source = HourRows(query, of: "latencyHour", byTag: "latencyHourByTag", whole: "latencyHourByTag")
        let selected = known.map { "\(keys.contains($0) ? $0.column : "NULL") AS \($0.rawValue)" }
        let group = keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY " + keys.map(\.column).joined(separator: ", ")
        var found: [LatencyKey: LatencySums] = [:]
        // Only those that are asked for are kept: there may be as many others as there are principals.
        _ = try rows(
            """
            \(source.with)
            SELECT p.account, p.kind, p.name, g.team, g.purpose, g.tier, m.text, g.count, g.milliseconds, g.longest
            FROM (
                SELECT \(selected.joined(separator: ", ")), sum(u.count) AS count,
                    sum(u.milliseconds) AS milliseconds, max(u.longest) AS longest
                \(source.from) \(group)
            ) AS g
            LEFT JOIN principal AS p ON p.id = g.principal
            LEFT JOIN usageLabel AS m ON m.id = g.model
            """, source.values
        ) { row -> Void in
            let key = LatencyKey(
                principal: try row.principalID(0), team: row.optionalText(3), purpose: row.optionalText(4),
                tier: row.optionalText(5), model: row.optionalText(6))
            guard asked?.contains(key) ?? true else { return }
            found[key] = LatencySums(
                count: row.integer(7), milliseconds: row.integer(8), longestMilliseconds: row.integer(9))
        }
        return found
    }
}
