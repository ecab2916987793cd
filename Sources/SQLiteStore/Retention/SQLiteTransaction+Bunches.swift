import Budgets
import WallTime

/// Rows without a number of their own that age out: they are found by the leading number of their key (an hour, a budget)
/// and removed in bunches of one leading number.
struct Bunches {
    /// The table, its leading column, and its whole key.
    let table: String
    let leading: String
    let key: String
    /// What makes a row old enough; `?2` is the cutoff, in milliseconds where it is an instant.
    let isOld: String
    let cutoff: Int64
    /// Where the leading numbers are listed: in the table itself, or each once in the one that it belongs to.
    private(set) var numbers: (table: String, column: String)
    /// From this leading number on, rows are too young. Nothing of them is read: they are nearly all that there are.
    let firstYoung: Int64

    /// Of a table whose leading column is an instant, or an hour.
    init(
        _ table: String, _ leading: String, _ key: String, _ isOld: String, before cutoff: Instant, firstYoung: Int64
    ) {
        self.table = table
        self.leading = leading
        self.key = key
        self.isOld = isOld
        self.cutoff = cutoff.milliseconds
        numbers = (table, leading)
        self.firstYoung = firstYoung
    }

    /// Keys of runs whose uses are gone.
    init(keysOfRunsBefore run: Int64) {
        table = "usageKey"
        leading = "run"
        key = "run, hash, use"
        isOld = "run < ?2"
        cutoff = run
        numbers = ("usageRun", "id")
        firstYoung = run
    }

    /// Periods of the budgets that stand in a table.
    init(_ table: String, of budgets: String, before cutoff: Instant) {
        // The period that a budget stands in stays, however long ago it ended: nobody has used anything since.
        let isPast = """
            start < ?2 AND end <= ?2
            AND NOT EXISTS (SELECT 1 FROM \(budgets) b WHERE b.id = budget AND b.periodStart = start)
            """
        self.init(table, "budget", "budget, start", isPast, before: cutoff, firstYoung: .max)
        numbers = (budgets, "id")
    }

    /// Whether a row's leading number lies after `?1` and not after `?3`.
    var isInWindow: String {
        let range = "\(numbers.column) > ?1 AND \(numbers.column) <= ?3"
        if numbers.table == table { return range }
        // One seek for each number, instead of all rows of all of them.
        return "\(leading) IN (SELECT \(numbers.column) FROM \(numbers.table) WHERE \(range))"
    }
}

extension SQLiteTransaction {
    func bunches(of kind: RetentionKind, before cutoff: Instant) throws -> Bunches {
        func hours(_ table: String, _ key: String) -> Bunches {
            Bunches(table, "hour", "hour, " + key, Self.isPastHour, before: cutoff, firstYoung: cutoff.hour)
        }
        func instants(_ table: String, _ column: String, _ key: String, _ isOld: String) -> Bunches {
            Bunches(table, column, key, isOld, before: cutoff, firstYoung: cutoff.milliseconds)
        }
        switch kind {
        case .hours: return hours("usageHour", "principal, model, region, operation")
        case .hoursByTag: return hours("usageHourByTag", "tags, model, region, operation")
        case .calls: return hours("callHour", "principal, agent, address, operation")
        case .latencies: return hours("latencyHour", "principal, model")
        case .latenciesByTag: return hours("latencyHourByTag", "tags, model")
        case .labels:
            // A use that a label is kept for (`SQLiteTransaction+Labels`) is gone when the oldest has a higher number.
            let oldest = try first("SELECT min(id) FROM usage") { $0.optionalInteger(0) } ?? nil
            return Bunches(
                "usageLabel", "keptTo", "id", "keptTo < coalesce((SELECT min(id) FROM usage), \(Int64.max))",
                before: cutoff, firstYoung: oldest ?? .max)
        case .useKeys:
            // Uses go nearly in the order of their numbers: runs before that of the oldest have none.
            let oldest = try first(
                """
                SELECT id FROM usageRun WHERE last >= coalesce((SELECT min(id) FROM usage), 9223372036854775807)
                ORDER BY id LIMIT 1
                """
            ) { $0.integer(0) }
            return Bunches(keysOfRunsBefore: oldest ?? .max)
        case .callEvents: return hours("callEvent", "event")
        case .periods: return Bunches("budgetPeriod", of: "budget", before: cutoff)
        case .furtherPeriods: return Bunches("furtherPeriod", of: "furtherBudget", before: cutoff)
        case .fires:
            return instants(
                "scheduleFire", "firedAt", "workflow, nominal",
                // The last fire of a workflow is what `schedule list` shows.
                """
                firedAt < ?2 AND nominal < (
                    SELECT max(nominal) FROM scheduleFire f WHERE f.workflow = scheduleFire.workflow)
                """)
        case .unreadable: return instants("unreadableUsage", "at", "source, fingerprint", "at < ?2")
        case .deadLetters, .executions, .outbox, .usage: preconditionFailure("\(kind.rawValue) have numbers")
        }
    }

    /// Some of an hour that has not ended by then is younger.
    private static let isPastHour = "(hour + 1) * 3600000 <= ?2"

    func expiredBunches(_ bunches: Bunches, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var expired = ExpiredRows()
        // Two steps, so that a reader never looks through more rows than a window's.
        expired.next =
            try rows(
                """
                SELECT max(number) FROM (
                    SELECT \(bunches.numbers.column) AS number FROM \(bunches.numbers.table)
                    WHERE \(bunches.numbers.column) > ?1 AND \(bunches.numbers.column) < ?3
                    ORDER BY \(bunches.numbers.column) LIMIT ?2)
                """, [.integer(after), SQLValue(window), .integer(bunches.firstYoung)]
            ) { $0.optionalInteger(0) }.first ?? nil
        guard let last = expired.next else { return expired }
        for (id, rows) in try rows(
            """
            SELECT \(bunches.leading), count(*) FROM \(bunches.table)
            WHERE \(bunches.isInWindow) AND \(bunches.isOld) GROUP BY 1 ORDER BY 1
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
