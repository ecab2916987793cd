package import Budgets
package import Enforcement
import GRDB
import WallTime

extension SQLiteTransaction {
    package func usageGroups(_ query: UsageQuery) throws -> [UsageGroup] {
        guard query.from < query.to, query.limit > 0 else { return [] }
        return try groups(query) { try UsageGroup($0) }
    }

    package func usageSums(of groups: Set<UsageGroup>, _ query: UsageQuery) throws -> [UsageGroup: UsageSums] {
        guard query.from < query.to, !groups.isEmpty else { return [:] }
        var all = query
        all.limit = .max
        var sums: [UsageGroup: UsageSums] = [:]
        // Only those that are asked for are kept: there may be as many others as there are principals.
        _ = try self.groups(all) { row -> Void in
            let group = try UsageGroup(row)
            if groups.contains(group.key) { sums[group.key] = group.sums }
        }
        return sums
    }

    /// The rows of a report. SQLite's own sums fail where they overflow, and those that don't take half as long again: so
    /// these are asked only then.
    private func groups<Row>(_ query: UsageQuery, read: (PersistentStatement) throws -> Row) throws -> [Row] {
        do {
            let (sql, values) = Self.select(query)
            return try rows(sql, values, read: read)
        } catch let error as DatabaseError where error.message?.hasPrefix("integer overflow") == true {
            // All is added up before the first row is given, so nothing was read yet.
            let (sql, values) = Self.select(query, stopping: true)
            return try rows(sql, values, read: read)
        }
    }

    /// The text of a report, and its values. Adds up first and looks up names after, only of what is given.
    /// - Parameter stopping: whether sums stop at the largest number.
    static func select(_ query: UsageQuery, stopping: Bool = false) -> (sql: String, values: [SQLValue]) {
        let source = HourRows(query, of: "usageHour", byTag: "usageHourByTag", whole: "usageHourTotal")
        let keys = UsageDimension.allCases.filter(query.dimensions.contains)
        let selected = UsageDimension.allCases.map { keys.contains($0) ? "\($0.column) AS \($0)" : "NULL AS \($0)" }
        let sums = ReportSchema.sums.map { "\(stopping ? Self.sum(of: "u.\($0)") : "sum(u.\($0))") AS \($0)" }
        let order =
            switch query.order {
            case .cost: "cost DESC, requests DESC"
            case .requests: "requests DESC, cost DESC"
            case .tokens: "total(u.input + u.output + u.cacheRead + u.cacheWrite5m + u.cacheWrite1h) DESC, cost DESC"
            }
        let group = keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY " + keys.map(\.column).joined(separator: ", ")
        let ties = keys.map { "g.\($0)" }
        let sql = """
            \(source.with)
            SELECT p.account, p.kind, p.name, p.partition, p.path, g.team, g.purpose, g.tier, m.text, r.text, o.text,
                \(ReportSchema.sums.map { "g.\($0)" }.joined(separator: ", "))
            FROM (
                SELECT \((selected + sums).joined(separator: ", ")) \(source.from) \(group) ORDER BY \(order) LIMIT ?
            ) AS g
            LEFT JOIN principal AS p ON p.id = g.principal
            LEFT JOIN usageLabel AS m ON m.id = g.model
            LEFT JOIN usageLabel AS r ON r.id = g.region
            LEFT JOIN usageLabel AS o ON o.id = g.operation
            ORDER BY \(Self.outer(query.order)), \((ties.isEmpty ? ["1"] : ties).joined(separator: ", "))
            """
        return (sql, source.values + [SQLValue(query.limit)])
    }

    /// A sum that stops at the largest number, as those of rows do, from the halves of its numbers: SQLite's own fails
    /// there, and damaged records would leave nobody a report for as long as their hours are there.
    static func sum(of column: String) -> String {
        let (high, low) = ("sum(\(column) >> 32)", "sum(\(column) & 4294967295)")
        return """
            CASE WHEN \(high) + (\(low) >> 32) > 2147483647 THEN \(Int64.max) ELSE (\(high) << 32) + \(low) END
            """
    }

    private static func outer(_ order: UsageQuery.Order) -> String {
        switch order {
        case .cost: "g.cost DESC, g.requests DESC"
        case .requests: "g.requests DESC, g.cost DESC"
        case .tokens: "g.input + g.output + g.cacheRead + g.cacheWrite5m + g.cacheWrite1h DESC, g.cost DESC"
        }
    }
}

extension UsageDimension {
    /// Of `HourRows`. A set of tags has an empty text for one that is missing.
    var column: String {
        switch self {
        case .team, .purpose, .tier: "nullif(t.\(rawValue), '')"
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
