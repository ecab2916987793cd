import WallTime

/// Rows without a number of their own that age out: they are found by the leading number of their key (an hour, a budget)
/// and removed in bunches of one leading number.
struct Bunches {
    /// The table, its leading column, and its whole key.
    let table: String
    let leading: String
    let key: String
    /// What makes a row old enough; `?2` is the cutoff in milliseconds.
    let isOld: String
    let cutoff: Int64
}

extension SQLiteTransaction {
    func bunches(of kind: RetentionKind, before cutoff: Instant) -> Bunches {
        func bunches(_ table: String, _ leading: String, _ key: String, _ isOld: String) -> Bunches {
            Bunches(table: table, leading: leading, key: key, isOld: isOld, cutoff: cutoff.milliseconds)
        }
        switch kind {
        case .hours:
            return bunches("usageHour", "hour", "hour, principal, model, region, operation", Self.isPastHour)
        case .calls:
            return bunches("callHour", "hour", "hour, principal, agent, address, operation", Self.isPastHour)
        case .latencies: return bunches("latencyHour", "hour", "hour, principal, model", Self.isPastHour)
        case .callEvents: return bunches("callEvent", "hour", "hour, event", Self.isPastHour)
        case .periods: return bunches("budgetPeriod", "budget", "budget, start", Self.isPast("budget"))
        case .furtherPeriods: return bunches("furtherPeriod", "budget", "budget, start", Self.isPast("furtherBudget"))
        case .fires:
            return bunches(
                "scheduleFire", "firedAt", "workflow, nominal",
                // The last fire of a workflow is what `schedule list` shows.
                """
                firedAt < ?2 AND nominal < (
                    SELECT max(nominal) FROM scheduleFire f WHERE f.workflow = scheduleFire.workflow)
                """)
        case .unreadable: return bunches("unreadableUsage", "at", "source, fingerprint", "at < ?2")
        case .deadLetters, .executions, .outbox, .usage: preconditionFailure("\(kind.rawValue) have numbers")
        }
    }

    /// Some of an hour that has not ended by then is younger.
    private static let isPastHour = "(hour + 1) * 3600000 <= ?2"

    /// The period that a budget stands in stays, however long ago it ended: nobody has used anything since.
    private static func isPast(_ budgets: String) -> String {
        "end <= ?2 AND NOT EXISTS (SELECT 1 FROM \(budgets) b WHERE b.id = budget AND b.periodStart = start)"
    }

    func expiredBunches(_ bunches: Bunches, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var expired = ExpiredRows()
        // Two steps, so that a reader never looks through more rows than a window's.
        expired.next =
            try rows(
                """
                SELECT max(\(bunches.leading)) FROM (
                    SELECT \(bunches.leading) FROM \(bunches.table) WHERE \(bunches.leading) > ?1
                    ORDER BY \(bunches.leading) LIMIT ?2)
                """, [.integer(after), SQLValue(window)]
            ) { $0.optionalInteger(0) }.first ?? nil
        guard let last = expired.next else { return expired }
        for (id, rows) in try rows(
            """
            SELECT \(bunches.leading), count(*) FROM \(bunches.table)
            WHERE \(bunches.leading) > ?1 AND \(bunches.leading) <= ?3 AND \(bunches.isOld) GROUP BY 1 ORDER BY 1
            """, [.integer(after), .integer(bunches.cutoff), .integer(last)],
            read: { ($0.integer(0), Int($0.integer(1))) })
        {
            for rest in stride(from: rows, to: 0, by: -Retention.rowsPerCommit) {
                let count = min(rest, Retention.rowsPerCommit)
                expired.found.append(.init(id: id, rows: count, count: count))
            }
        }
        return expired
    }

    /// - Returns: how many rows went, at most as many as one commit removes.
    func removeBunch(_ bunches: Bunches, _ id: Int64) throws -> Int {
        try execute(
            """
            DELETE FROM \(bunches.table) WHERE (\(bunches.key)) IN (
                SELECT \(bunches.key) FROM \(bunches.table)
                WHERE \(bunches.leading) = ?1 AND \(bunches.isOld) LIMIT ?3)
            """, [.integer(id), .integer(bunches.cutoff), SQLValue(Retention.rowsPerCommit)])
    }
}
