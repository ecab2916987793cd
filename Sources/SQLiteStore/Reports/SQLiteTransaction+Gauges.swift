import Budgets
package import Enforcement
import Engine
package import WallTime

extension SQLiteTransaction {
    package func countIngest(_ report: IngestReport) throws {
        for (key, count) in report.outcomes where count > 0 {
            try change(
                """
                INSERT INTO tally (kind, key, count) VALUES ('ingest', ?, ?)
                ON CONFLICT (kind, key) DO UPDATE SET count = count + excluded.count
                """, .text(key), SQLValue(count))
        }
    }

    package func topAccounts(_ order: AccountOrder, limit: Int, at now: Instant) throws -> [BudgetAccount] {
        let keys =
            switch order {
            case .spent: "spent DESC, name"
            case .percent: "\(Self.share) DESC, spent DESC, name"
            }
        let names = try rows(
            "SELECT name FROM (SELECT name, limitNanos, \(Self.spentNow) AS spent FROM budget) ORDER BY \(keys) LIMIT ?",
            [
                .integer(now.milliseconds), .text(AccessStatus.active.rawValue), .text(AccessStatus.closed.rawValue),
                SQLValue(max(0, limit)),
            ]
        ) { $0.text(0) }
        return try names.compactMap { try account(BudgetID(rawValue: $0)) }
    }

    /// Nothing, where a new period has begun and only access that was taken away would keep the old one.
    private static let spentNow = "CASE WHEN periodEnd <= ? AND status IN (?, ?) THEN 0 ELSE budget.spent END"

    /// Anything above nothing is all of a limit of nothing. Only for an order: money itself is never reckoned so.
    private static let share = """
        CASE WHEN limitNanos > 0 THEN CAST(spent AS REAL) / limitNanos ELSE spent > 0 END
        """

    package func gauges(_ limits: GaugeLimits) throws -> LedgerGauges {
        var gauges = LedgerGauges()
        gauges.models = try charged(limit: limits.models)
        gauges.tagged = try tagged().bounded(limits.tagValues)
        gauges.tallies = try tallies(limit: limits.tallies)
        gauges.endings = try endings()
        gauges.parkedExecutions = try count(Self.parked)
        gauges.runningExecutions = try count(Self.live) + gauges.parkedExecutions
        gauges.openDeadLetters = try DeadLetterKind.allCases.map { kind in
            LedgerGauges.Count(
                kind,
                try first(
                    "SELECT count(*) FROM deadLetter WHERE kind = ? AND status = 'open'", .text(kind.rawValue)
                ) { $0.integer(0) } ?? 0)
        }
        let all = try count("SELECT count(*) FROM budget")
        gauges.budgets = try budgets(all: all)
        gauges.thresholds = try thresholds()
        gauges.top = try top(limits.principals, of: all)
        gauges.further = try furtherBudgetsSharedFirst(limit: limits.furtherBudgets)
        gauges.waitingNotices = try count("SELECT count(*) FROM outboxItem WHERE status = 'waiting'")
        gauges.oldestNotice = try first(
            """
            SELECT min(n.at) FROM outboxItem AS i INDEXED BY outboxDue JOIN notice AS n ON n.number = i.notice
            WHERE i.status = 'waiting'
            """
        ) { $0.optionalInteger(0) }?.map { Instant(milliseconds: $0) }
        gauges.sources = try sources(limit: limits.sources)
        return gauges
    }

    /// By machine, as the index has them, which holds all that is asked for.
    static let live: StaticString = """
        SELECT count(*) FROM stateMachine m CROSS JOIN execution e INDEXED BY executionByMachine
            ON e.stateMachine = m.id AND e.status = 0 AND e.parked = 0
        """
    static let parked: StaticString = """
        SELECT count(*) FROM stateMachine m CROSS JOIN execution e INDEXED BY executionByMachine
            ON e.stateMachine = m.id AND e.status = 0 AND e.parked = 1
        """

    private func count(_ sql: StaticString) throws -> Int64 { try first(sql) { $0.integer(0) } ?? 0 }

    private func charged(limit: Int) throws -> [UsageGroup] {
        let columns = ReportSchema.sums.map { "u.\($0)" }.joined(separator: ", ")
        var other = UsageSums()
        var isCut = false
        var models: [String: Void] = [:]
        var groups: [UsageGroup] = []
        for (model, region, operation, sums) in try rows(
            """
            SELECT m.text, r.text, o.text, \(columns) FROM usageTotal AS u JOIN usageLabel AS m ON m.id = u.model
            JOIN usageLabel AS r ON r.id = u.region JOIN usageLabel AS o ON o.id = u.operation
            ORDER BY u.model, u.region, u.operation
            """, [], read: { ($0.text(0), $0.text(1), $0.text(2), UsageSums($0, from: 3)) })
        {
            if models[model] == nil, models.count >= limit {
                other.add(sums)
                isCut = true
                continue
            }
            models[model] = ()
            groups.append(UsageGroup(model: model, region: region, operation: operation, sums: sums))
        }
        if isCut { groups.append(UsageGroup(model: "other", region: "other", operation: "other", sums: other)) }
        return groups
    }

    /// In the order in which values first appeared. There are as many rows as people have made teams, purposes and tiers.
    private func tagged() throws -> [TaggedSums] {
        try rows("SELECT tag, value, \(ReportSchema.sums.joined(separator: ", ")) FROM spendingByTag ORDER BY id") {
            TaggedSums(
                tag: try CostTag(stored: $0.text(0), in: "spendingByTag.tag"), value: $0.text(1),
                sums: UsageSums($0, from: 2))
        }
    }

    private func tallies(limit: Int) throws -> [LedgerGauges.Tally] {
        try all("SELECT kind, key, count FROM tally ORDER BY kind, key LIMIT ?", SQLValue(limit)) { row in
            LedgerGauges.Tally(
                kind: try LedgerGauges.Tally.Kind(stored: row.text(0), in: "tally.kind"), key: row.text(1),
                count: row.integer(2))
        }
    }

    private func endings() throws -> [LedgerGauges.Endings] {
        var endings: [LedgerGauges.Endings] = []
        for (name, status, bucket, count, milliseconds) in try all(
            """
            SELECT m.name, t.status, t.bucket, t.count, t.milliseconds FROM executionTally AS t
            JOIN stateMachine AS m ON m.id = t.stateMachine ORDER BY m.name, t.status, t.bucket
            """,
            read: {
                (
                    $0.text(0), try ExecutionStatus(code: $0.integer(1)), Int($0.integer(2)), $0.integer(3),
                    $0.integer(4)
                )
            })
        {
            if endings.last?.stateMachine != name || endings.last?.status != status {
                endings.append(LedgerGauges.Endings(stateMachine: name, status: status))
            }
            let last = endings.count - 1
            guard endings[last].counts.indices.contains(bucket) else { continue }
            endings[last].counts[bucket] += count
            endings[last].milliseconds += milliseconds
        }
        return endings
    }

    /// Most are active: those are what is left of all.
    private func budgets(all: Int64) throws -> [LedgerGauges.Count<AccessStatus>] {
        var rest = all
        var counts: [LedgerGauges.Count<AccessStatus>] = []
        for status in AccessStatus.allCases where status != .active {
            let count =
                try first(
                    "SELECT count(*) FROM budget INDEXED BY budgetByStatus WHERE status = ?", .text(status.rawValue)
                ) { $0.integer(0) } ?? 0
            rest -= count
            counts.append(LedgerGauges.Count(status, count))
        }
        return [LedgerGauges.Count(.active, rest)] + counts
    }

    private func thresholds() throws -> [LedgerGauges.Count<Threshold>] {
        let announced = try all(
            """
            SELECT announced, count(*) FROM budget INDEXED BY budgetAnnounced WHERE announced > 0 GROUP BY announced
            """, read: { (Set<Threshold>(code: $0.integer(0)), $0.integer(1)) })
        // Who is gone keeps what was announced, and is beyond nothing. Those are few: they are looked up and taken off,
        // so that all others need only be counted in their index.
        let ofClosed = try all(
            """
            SELECT announced, count(*) FROM budget INDEXED BY budgetByStatus WHERE status = ? AND announced > 0
            GROUP BY announced
            """, .text(AccessStatus.closed.rawValue)
        ) { (Set<Threshold>(code: $0.integer(0)), -$0.integer(1)) }
        var counts: [Threshold: Int64] = [:]
        for (thresholds, count) in announced + ofClosed {
            guard let highest = Threshold.allCases.last(where: thresholds.contains) else { continue }
            counts[highest, default: 0] += count
        }
        return Threshold.allCases.map { LedgerGauges.Count($0, counts[$0] ?? 0) }
    }

    /// Budgets that are looked through for the highest: more than there are of a small installation, and of a large one
    /// those that have crossed a threshold.
    private static let lookedThrough: Int64 = 2000

    private func top(_ limit: Int, of all: Int64) throws -> [BudgetAccount] {
        // As the rows stand: no period has ended by then.
        guard all > Self.lookedThrough else {
            return try topAccounts(.percent, limit: limit, at: Instant(milliseconds: .min))
        }
        let names = try rows(
            """
            SELECT name FROM (
                SELECT name, spent, limitNanos FROM budget INDEXED BY budgetAnnounced WHERE announced > 0 LIMIT ?
            ) ORDER BY \(Self.share) DESC, spent DESC, name LIMIT ?
            """, [.integer(Self.lookedThrough), SQLValue(limit)]
        ) { $0.text(0) }
        return try names.compactMap { try account(BudgetID(rawValue: $0)) }
    }

    private func sources(limit: Int) throws -> [LedgerGauges.Source] {
        try all(
            """
            SELECT name, lastReceivedAt, lastRecordAt FROM ingestSource WHERE lastReceivedAt IS NOT NULL
            ORDER BY lastReceivedAt DESC, name LIMIT ?
            """, SQLValue(limit)
        ) { row in
            LedgerGauges.Source(
                name: row.text(0), heardAt: Instant(milliseconds: row.integer(1)),
                latestUse: Instant(row.optionalInteger(2)))
        }
    }
}
