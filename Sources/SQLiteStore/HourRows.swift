import Budgets
import Enforcement

/// Where the rows of a table come from whose key begins with the hour: a range of hours, or, for one principal or a team's
/// members, a seek for each hour. The table is `u`; `t` has the team, purpose and tier.
struct HourRows {
    /// What stands before `SELECT`; empty for a range.
    private(set) var with = ""
    /// From `FROM` on, with its conditions.
    private(set) var from: String
    /// The values of both, in their order: those of `with` come first.
    private(set) var values: [SQLValue]

    /// Of the smallest of three tables of sums that tells what is asked for.
    /// - Parameters:
    ///   - table: by principal.
    ///   - byTag: by the tags under which uses were charged.
    ///   - whole: by neither.
    init(_ query: UsageQuery, of table: String, byTag: String, whole: String) {
        if query.needsPrincipals {
            self.init(
                of: table, from: query.from, to: query.to, principal: query.principal, team: query.team,
                namesTags: query.tellsTags)
        } else if query.asksForTags {
            self.init(ofTagged: byTag, from: query.from, to: query.to, team: query.team)
        } else {
            self.init(of: whole, from: query.from, to: query.to, principal: nil, team: nil, namesTags: false)
        }
        for (column, text) in [("model", query.model), ("region", query.region)] {
            guard let text else { continue }
            require("u.\(column) = (SELECT id FROM usageLabel WHERE text = ?)", .text(text))
        }
    }

    /// Of a table by tags.
    private init(ofTagged table: String, from start: Int64, to end: Int64, team: String?) {
        // In this order: the range of hours is read once, and the tags are looked up.
        from = "FROM \(table) AS u CROSS JOIN tagSet AS t WHERE t.id = u.tags AND u.hour >= ? AND u.hour < ?"
        values = [.integer(start), .integer(end)]
        if let team { require("nullif(t.team, '') = ?", .text(team)) }
    }

    /// Of a table by principal.
    /// - Parameter namesTags: whether what the principal's row says of tags is asked for, too.
    init(
        of table: String, from start: Int64, to end: Int64, principal: PrincipalID?, team: String?, namesTags: Bool
    ) {
        let hours: [SQLValue] = [.integer(start), .integer(end)]
        guard principal != nil || team != nil else {
            let join = namesTags ? " JOIN principal AS t ON t.id = u.principal" : ""
            from = "FROM \(table) AS u\(join) WHERE u.hour >= ? AND u.hour < ?"
            values = hours
            return
        }
        with = "WITH RECURSIVE span (hour) AS (VALUES (?) UNION ALL SELECT hour + 1 FROM span WHERE hour + 1 < ?)"
        values = hours
        let index = principal == nil ? " INDEXED BY principalByTeam" : ""
        from = """
            FROM span CROSS JOIN principal AS t\(index) CROSS JOIN \(table) AS u
            WHERE u.hour = span.hour AND u.principal = t.id
            """
        if let principal {
            from += " AND t.name = ? AND t.kind = ? AND t.account = ?"
            values += [.text(principal.name), .text(principal.kind.rawValue), .text(principal.account)]
        }
        if let team {
            from += " AND t.team = ?"
            values.append(.text(team))
        }
    }

    private mutating func require(_ condition: String, _ value: SQLValue) {
        from += " AND \(condition)"
        values.append(value)
    }
}
