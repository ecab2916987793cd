package import Budgets
package import Enforcement
package import WallTime

extension SQLiteTransaction {
    package func insertCall(_ id: String, at: Instant) throws -> Bool {
        // Old ones that are not there may have been removed by retention, and count as known.
        if Instant(hour: at.hour + 1).milliseconds <= (try callMark()) { return false }
        return try change(
            "INSERT OR IGNORE INTO callEvent (hour, event) VALUES (?, ?)", .integer(at.hour),
            .blob(Self.stored(requestID: id))) == 1
    }

    /// The instant before which the hours of calls that were counted may have been removed.
    private func callMark() throws -> Int64 {
        if let known = known.callMark { return known }
        let mark = try first("SELECT before FROM retentionMark WHERE kind = 'callEvents'") { $0.integer(0) } ?? .min
        known.callMark = mark
        return mark
    }

    /// From now on calls of hours that had ended by `cutoff` count as known (`insertCall`).
    func markCalls(before cutoff: Instant) throws {
        try change(
            """
            INSERT INTO retentionMark (kind, before) VALUES ('callEvents', ?1)
            ON CONFLICT (kind) DO UPDATE SET before = max(before, ?1)
            """, .integer(cutoff.milliseconds))
        known.callMark = nil
    }

    package func addCalls(_ hours: [CallHour]) throws {
        try requireWritable()
        for hour in hours {
            let principal = try principalNumber(hour.slot.principal)
            let operation = try label(hour.slot.operation)
            if try addCall(hour, principal, operation) { continue }
            let slots = try first(
                "SELECT count(*) FROM callHour WHERE hour = ? AND principal = ?", .integer(hour.slot.hour),
                .integer(principal)
            ) { $0.integer(0) }
            let sums = hour.sums
            var slot = hour.slot
            if (slots ?? 0) >= Int64(CallSlot.mostOfPrincipal - 1) {
                (slot.agent, slot.address) = (CallSlot.other, CallSlot.other)
                if try addCall(CallHour(slot: slot, sums: sums), principal, operation) { continue }
            }
            try change(
                """
                INSERT INTO callHour (hour, principal, agent, address, operation, requests, errors, firstAt, lastAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .integer(slot.hour), .integer(principal), .text(slot.agent), .text(slot.address), .integer(operation),
                .integer(sums.requests), .integer(sums.errors), .integer(sums.firstAt.milliseconds),
                .integer(sums.lastAt.milliseconds))
        }
    }

    /// - Returns: false when there is no such row to add to.
    private func addCall(_ hour: CallHour, _ principal: Int64, _ operation: Int64) throws -> Bool {
        let (slot, sums) = (hour.slot, hour.sums)
        return try change(
            """
            UPDATE callHour SET requests = requests + ?, errors = errors + ?, firstAt = min(firstAt, ?),
                lastAt = max(lastAt, ?)
            WHERE hour = ? AND principal = ? AND agent = ? AND address = ? AND operation = ?
            """,
            .integer(sums.requests), .integer(sums.errors), .integer(sums.firstAt.milliseconds),
            .integer(sums.lastAt.milliseconds), .integer(slot.hour), .integer(principal), .text(slot.agent),
            .text(slot.address), .integer(operation)) == 1
    }

    package func callGroups(_ query: CallQuery) throws -> [CallGroup] {
        guard query.from < query.to, query.limit > 0 else { return [] }
        let keys = CallDimension.allCases.filter(query.dimensions.contains)
        let source = HourRows(
            of: "callHour", from: query.from, to: query.to, principal: query.principal, team: query.team,
            namesTags: keys.contains(.team))
        let selected = CallDimension.allCases.map { "\(keys.contains($0) ? $0.column : "NULL") AS \($0.name)" }
        let group = keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY " + keys.map(\.column).joined(separator: ", ")
        let ties = keys.map { ", g.\($0.name)" }.joined()
        // Adds up first and looks up names after, only of what is given.
        return try rows(
            """
            \(source.with)
            SELECT p.account, p.kind, p.name, p.partition, p.path, g.team, g.agent, g.address, o.text, g.requests,
                g.errors, g.firstAt, g.lastAt
            FROM (
                SELECT \(selected.joined(separator: ", ")), sum(u.requests) AS requests, sum(u.errors) AS errors,
                    min(u.firstAt) AS firstAt, max(u.lastAt) AS lastAt
                \(source.from) \(group)
                ORDER BY sum(u.requests) DESC\(keys.map { ", \($0.column)" }.joined()) LIMIT ?
            ) AS g
            LEFT JOIN principal AS p ON p.id = g.principal
            LEFT JOIN usageLabel AS o ON o.id = g.operation
            ORDER BY g.requests DESC\(ties)
            """, source.values + [SQLValue(query.limit)]
        ) { try CallGroup($0) }
    }
}

extension CallDimension {
    /// Of the hours; the team stands with the principal.
    fileprivate var column: String { self == .team ? "t.team" : "u.\(name)" }

    fileprivate var name: String { self == .userAgent ? "agent" : rawValue }
}

extension PersistentStatement {
    /// Account, kind and name beginning at `column`; nil when there are none.
    func principalID(_ column: Int32) throws -> PrincipalID? {
        guard let account = optionalText(column) else { return nil }
        return PrincipalID(
            account: account, kind: try PrincipalID.Kind(stored: text(column + 1), in: "principal.kind"),
            name: text(column + 2))
    }
}

extension CallGroup {
    fileprivate init(_ row: PersistentStatement) throws {
        let id = try row.principalID(0)
        self.init(
            principal: id.map { Principal(id: $0, partition: row.text(3), path: row.text(4)) },
            team: row.optionalText(5), agent: row.optionalText(6), address: row.optionalText(7),
            operation: row.optionalText(8),
            sums: CallSums(
                requests: row.integer(9), errors: row.integer(10), firstAt: Instant(milliseconds: row.integer(11)),
                lastAt: Instant(milliseconds: row.integer(12))))
    }
}
