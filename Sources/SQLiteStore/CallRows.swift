import Budgets

/// Where the rows of a table come from whose key begins with the hour and the principal: a range of hours, or, for one
/// principal or a team's members, a seek for each hour. The table is `u`, the principal `t`.
struct CallRows {
    /// What stands before `SELECT`; empty for a range.
    private(set) var with = ""
    /// From `FROM` on, with its conditions.
    private(set) var from: String
    /// The values of both, in their order: those of `with` come first.
    private(set) var values: [SQLValue]

    /// - Parameter namesTeams: whether the principal's row is asked for, too.
    init(
        of table: String, from start: Int64, to end: Int64, principal: PrincipalID?, team: String?, namesTeams: Bool
    ) {
        let hours: [SQLValue] = [.integer(start), .integer(end)]
        guard principal != nil || team != nil else {
            let join = namesTeams ? " JOIN principal AS t ON t.id = u.principal" : ""
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

    mutating func require(_ condition: String, _ value: SQLValue) {
        from += " AND \(condition)"
        values.append(value)
    }
}
