import Budgets
package import Enforcement
import WallTime

extension SQLiteTransaction {
    package func usageGroups(_ query: UsageQuery) throws -> [UsageGroup] {
        guard query.from < query.to, query.limit > 0 else { return [] }
        let (sql, values) = Self.select(query)
        return try rows(sql, values) { try UsageGroup($0) }
    }

    /// The text of a report, and its values. Adds up first and looks up names after, only of what is given.
    static func select(_ query: UsageQuery) -> (sql: String, values: [SQLValue]) {
        var (source, values) = Self.source(of: query)
        var conditions: [String] = []
        for (column, text) in [("model", query.model), ("region", query.region)] {
            guard let text else { continue }
            conditions.append("u.\(column) = (SELECT id FROM usageLabel WHERE text = ?)")
            values.append(.text(text))
        }
        if !conditions.isEmpty { source += " AND " + conditions.joined(separator: " AND ") }
        let keys = UsageDimension.allCases.filter(query.dimensions.contains)
        let selected = UsageDimension.allCases.map { keys.contains($0) ? "\($0.column) AS \($0)" : "NULL AS \($0)" }
        let sums = ReportSchema.sums.map { "sum(u.\($0)) AS \($0)" }
        let order =
            switch query.order {
            case .cost: "cost DESC, requests DESC"
            case .requests: "requests DESC, cost DESC"
            case .tokens: "sum(u.input + u.output + u.cacheRead + u.cacheWrite5m + u.cacheWrite1h) DESC, cost DESC"
            }
        let group = keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY " + keys.map(\.column).joined(separator: ", ")
        let ties = keys.map { "g.\($0)" }
        values.append(SQLValue(query.limit))
        let sql = """
            WITH RECURSIVE span (hour) AS (VALUES (?) UNION ALL SELECT hour + 1 FROM span WHERE hour + 1 < ?)
            SELECT p.account, p.kind, p.name, p.partition, p.path, g.team, g.purpose, g.tier, m.text, r.text, o.text,
                \(ReportSchema.sums.map { "g.\($0)" }.joined(separator: ", "))
            FROM (
                SELECT \((selected + sums).joined(separator: ", ")) \(source) \(group) ORDER BY \(order) LIMIT ?
            ) AS g
            LEFT JOIN principal AS p ON p.id = g.principal
            LEFT JOIN usageLabel AS m ON m.id = g.model
            LEFT JOIN usageLabel AS r ON r.id = g.region
            LEFT JOIN usageLabel AS o ON o.id = g.operation
            ORDER BY \(Self.outer(query.order)), \((ties.isEmpty ? ["1"] : ties).joined(separator: ", "))
            """
        return (sql, values)
    }

    private static func outer(_ order: UsageQuery.Order) -> String {
        switch order {
        case .cost: "g.cost DESC, g.requests DESC"
        case .requests: "g.requests DESC, g.cost DESC"
        case .tokens: "g.input + g.output + g.cacheRead + g.cacheWrite5m + g.cacheWrite1h DESC, g.cost DESC"
        }
    }

    /// Where the rows come from: a range of hours, or, for one principal or a team's members, a seek for each hour.
    private static func source(of query: UsageQuery) -> (String, [SQLValue]) {
        let span: [SQLValue] = [.integer(query.from), .integer(query.to)]
        let tags = query.asksForTags ? " JOIN principal AS t ON t.id = u.principal" : ""
        if let principal = query.principal {
            return (
                """
                FROM span CROSS JOIN principal AS w CROSS JOIN usageHour AS u\(tags)
                WHERE w.name = ? AND w.kind = ? AND w.account = ? AND u.hour = span.hour AND u.principal = w.id\(
                    query.team == nil ? "" : " AND w.team = ?")
                """,
                span + [.text(principal.name), .text(principal.kind.rawValue), .text(principal.account)]
                    + (query.team.map { [.text($0)] } ?? [])
            )
        }
        if let name = query.team {
            return (
                """
                FROM span CROSS JOIN principal AS w INDEXED BY principalByTeam CROSS JOIN usageHour AS u\(tags)
                WHERE w.team = ? AND u.hour = span.hour AND u.principal = w.id
                """, span + [.text(name)]
            )
        }
        let table = query.needsPrincipals ? "usageHour" : "usageHourTotal"
        return (
            "FROM \(table) AS u\(tags) WHERE u.hour >= ? AND u.hour < ?", span + span
        )
    }
}

extension UsageDimension {
    /// Of the hours; what tags say stands with the principal.
    fileprivate var column: String {
        switch self {
        case .team, .purpose, .tier: "t.\(rawValue)"
        default: "u.\(rawValue)"
        }
    }
}

extension UsageGroup {
    fileprivate init(_ row: PersistentStatement) throws {
        var principal: Principal?
        if let account = row.optionalText(0) {
            let id = PrincipalID(
                account: account, kind: try PrincipalID.Kind(stored: row.text(1), in: "principal.kind"),
                name: row.text(2))
            principal = Principal(id: id, partition: row.text(3), path: row.text(4))
        }
        self.init(
            principal: principal, team: row.optionalText(5), purpose: row.optionalText(6), tier: row.optionalText(7),
            model: row.optionalText(8), region: row.optionalText(9), operation: row.optionalText(10),
            sums: UsageSums(row, from: 11))
    }
}
