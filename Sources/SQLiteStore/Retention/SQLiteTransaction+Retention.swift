import WallTime

/// Rows that are old enough, found by a reader in the order of their numbers, a window at a time: no index by end is
/// kept up on the way of every execution for what is done once an hour.
struct ExpiredRows {
    /// `rows` counts all that go with one; `count` what it stands for, for kinds that are removed in bunches.
    struct Found {
        let id: Int64
        let rows: Int
        var count = 1
    }

    var found: [Found] = []
    var kept: [RetentionReport.Reason: Int] = [:]
    /// The number after which to go on; nil at the end.
    var next: Int64?
}

extension SQLiteTransaction {
    func expired(_ kind: RetentionKind, before cutoff: Instant, after: Int64, window: Int) throws -> ExpiredRows {
        switch kind {
        case .deadLetters: try expiredLetters(cutoff, after, window)
        case .executions: try expiredExecutions(cutoff, after, window)
        case .outbox: try expiredItems(cutoff, after, window)
        case .usage: try expiredUsage(cutoff, after, window)
        case .useKeys, .labels, .hours, .hoursByTag, .periods, .furtherPeriods, .calls, .latencies, .latenciesByTag,
            .fires, .unreadable, .callEvents:
            try expiredBunches(bunches(of: kind, before: cutoff), after, window)
        }
    }

    /// Removes those of `ids` that are still old enough: what the reader saw may have been redriven since.
    /// - Returns: how many went, and how many rows with them.
    func remove(_ kind: RetentionKind, _ ids: [Int64], before cutoff: Instant) throws -> (removed: Int, rows: Int) {
        if kind == .usage { try markUsage(before: cutoff) }
        if kind == .callEvents { try markCalls(before: cutoff) }
        if kind == .labels { known.forgetPassing() }
        let start = rowsChanged
        var removed = 0
        for id in ids {
            let gone =
                switch kind {
                case .deadLetters: try removeLetter(id, cutoff) ? 1 : 0
                case .executions: try removeExecution(id, cutoff) ? 1 : 0
                case .outbox: try removeItem(id, cutoff) ? 1 : 0
                case .usage: try removeUse(id)
                case .useKeys: try removeKeys(id, bunches(of: kind, before: cutoff))
                case .labels, .hours, .hoursByTag, .periods, .furtherPeriods, .calls, .latencies, .latenciesByTag,
                    .fires, .unreadable, .callEvents:
                    try removeBunch(bunches(of: kind, before: cutoff), id)
                }
            removed += gone
        }
        return (removed, rowsChanged - start)
    }

    // MARK: Dead letters

    private func expiredLetters(_ cutoff: Instant, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var last: Int64?
        var expired = ExpiredRows()
        for (id, isOld, isNewest) in try all(
            """
            SELECT id, status <> 'open' AND updatedAt < ?2, id = (SELECT max(id) FROM deadLetter)
            FROM deadLetter WHERE id > ?1 ORDER BY id LIMIT ?3
            """, .integer(after), .integer(cutoff.milliseconds), SQLValue(window),
            read: { ($0.integer(0), $0.integer(1) == 1, $0.integer(2) == 1) })
        {
            last = id
            if isOld && isNewest { expired.kept[.isNewest, default: 0] += 1 }
            if isOld && !isNewest { expired.found.append(.init(id: id, rows: 1)) }
        }
        expired.next = last
        return expired
    }

    private func removeLetter(_ id: Int64, _ cutoff: Instant) throws -> Bool {
        try change(
            "DELETE FROM deadLetter WHERE id = ? AND status <> 'open' AND updatedAt < ?", .integer(id),
            .integer(cutoff.milliseconds)) == 1
    }

    // MARK: Executions

    private func expiredExecutions(_ cutoff: Instant, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var expired = ExpiredRows()
        let rows = try all(
            """
            SELECT id, startedAt, stoppedAt, id = (SELECT max(id) FROM execution),
                EXISTS (SELECT 1 FROM deadLetter WHERE deadLetter.execution = execution.id),
                EXISTS (SELECT 1 FROM nestedExecution n WHERE n.child = execution.id OR n.parent = execution.id),
                CASE WHEN stoppedAt < ?2 THEN (SELECT count(*) FROM journal WHERE journal.execution = execution.id) END
            FROM execution WHERE id > ?1 ORDER BY id LIMIT ?3
            """, .integer(after), .integer(cutoff.milliseconds), SQLValue(window)
        ) { row in
            (
                id: row.integer(0), startedAt: row.integer(1), stoppedAt: row.optionalInteger(2),
                isNewest: row.integer(3) == 1, hasLetter: row.integer(4) == 1, isNested: row.integer(5) == 1,
                journal: Int(row.integer(6))
            )
        }
        for row in rows {
            // What started later can't have ended earlier, and numbers are given in the order of the starts.
            guard row.startedAt < cutoff.milliseconds else { return ended(expired) }
            expired.next = row.id
            guard let stoppedAt = row.stoppedAt, stoppedAt < cutoff.milliseconds else { continue }
            if row.isNewest {
                expired.kept[.isNewest, default: 0] += 1
            } else if row.hasLetter {
                expired.kept[.hasDeadLetter, default: 0] += 1
            } else if row.isNested {
                expired.kept[.isNested, default: 0] += 1
            } else {
                expired.found.append(.init(id: row.id, rows: row.journal + 1))
            }
        }
        return rows.isEmpty ? ended(expired) : expired
    }

    /// The whole history goes at once: half of one would be a lie.
    private func removeExecution(_ id: Int64, _ cutoff: Instant) throws -> Bool {
        let mayGo = try first(
            """
            SELECT 1 FROM execution WHERE id = ?1 AND status <> 0 AND stoppedAt < ?2
                AND id < (SELECT max(id) FROM execution)
                AND NOT EXISTS (SELECT 1 FROM deadLetter WHERE deadLetter.execution = ?1)
                AND NOT EXISTS (SELECT 1 FROM nestedExecution n WHERE n.child = ?1 OR n.parent = ?1)
            """, .integer(id), .integer(cutoff.milliseconds)
        ) { _ in true }
        guard mayGo == true else { return false }
        try change("DELETE FROM journal WHERE execution = ?", .integer(id))
        try change("DELETE FROM inputText WHERE execution = ?", .integer(id))
        try change("DELETE FROM mapRun WHERE execution = ?", .integer(id))
        return try change("DELETE FROM execution WHERE id = ?", .integer(id)) == 1
    }

    // MARK: Outbox

    /// `?1` is the number after which to go on, `?2` the cutoff, `?3` the window. What may be redriven is read once for
    /// a window, not once for each item: a channel that is gone for good may have left many letters that nobody closes.
    static let itemsByAge: StaticString = """
        SELECT i.id, i.status <> 'waiting' AND i.settledAt < ?2,
            notice.id IN (SELECT subject FROM deadLetter WHERE kind = 'notification' AND status = 'open'),
            i.id = (SELECT max(id) FROM outboxItem)
        FROM outboxItem i JOIN notice ON notice.number = i.notice WHERE i.id > ?1 ORDER BY i.id LIMIT ?3
        """

    private func expiredItems(_ cutoff: Instant, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var last: Int64?
        var expired = ExpiredRows()
        for (id, isOld, hasLetter, isNewest) in try all(
            Self.itemsByAge, .integer(after), .integer(cutoff.milliseconds), SQLValue(window),
            read: { ($0.integer(0), $0.integer(1) == 1, $0.integer(2) == 1, $0.integer(3) == 1) })
        {
            last = id
            guard isOld else { continue }
            if isNewest {
                expired.kept[.isNewest, default: 0] += 1
            } else if hasLetter {
                expired.kept[.mayBeRedriven, default: 0] += 1
            } else {
                expired.found.append(.init(id: id, rows: 2))
            }
        }
        expired.next = last
        return expired
    }

    /// The last channel's item takes the notice with it.
    private func removeItem(_ id: Int64, _ cutoff: Instant) throws -> Bool {
        guard
            let notice = try first(
                "SELECT notice FROM outboxItem WHERE id = ? AND status <> 'waiting' AND settledAt < ?", .integer(id),
                .integer(cutoff.milliseconds), read: { $0.integer(0) })
        else { return false }
        try change("DELETE FROM outboxItem WHERE id = ?", .integer(id))
        try change(
            """
            DELETE FROM notice WHERE number = ?1 AND number < (SELECT max(number) FROM notice)
                AND NOT EXISTS (SELECT 1 FROM outboxItem WHERE notice = ?1)
            """, .integer(notice))
        return true
    }

    // MARK: Usage

    private func expiredUsage(_ cutoff: Instant, _ after: Int64, _ window: Int) throws -> ExpiredRows {
        var expired = ExpiredRows()
        let rows = try all(
            "SELECT id, at, recordedAt FROM usage WHERE id > ? ORDER BY id LIMIT ?", .integer(after), SQLValue(window)
        ) { (id: $0.integer(0), at: $0.integer(1), recordedAt: $0.integer(2)) }
        let lastClosed = try self.rows("SELECT \(Self.lastClosed)") { $0.integer(0) }.first ?? 0
        for row in rows {
            guard row.recordedAt < cutoff.milliseconds else { return ended(expired) }
            expired.next = row.id
            // Those of a closed run have one in `usageOf`, too.
            if row.at < cutoff.milliseconds {
                expired.found.append(.init(id: row.id, rows: row.id > lastClosed ? 1 : 2))
            }
        }
        return rows.isEmpty ? ended(expired) : expired
    }

    private func ended(_ rows: ExpiredRows) -> ExpiredRows {
        var rows = rows
        rows.next = nil
        return rows
    }

    private func removeUse(_ id: Int64) throws -> Int {
        try change(
            """
            DELETE FROM usageOf WHERE (principal, at, use) = (SELECT principal, at, id FROM usage WHERE id = ?)
            """, .integer(id))
        return try change("DELETE FROM usage WHERE id = ?", .integer(id))
    }

    /// Keys of a run that has no uses any more; with the last of them goes the run.
    private func removeKeys(_ run: Int64, _ bunches: Bunches) throws -> Int {
        let gone = try removeBunch(bunches, run)
        let isEmpty = try change(
            "DELETE FROM usageRun WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM usageKey WHERE run = ?1)", .integer(run))
        if isEmpty == 1 { knownUses.remove(run) }
        return gone
    }

    /// From now on uses before `cutoff` count as known (`insertUsage`), and numbers up to the newest one's as given.
    private func markUsage(before cutoff: Instant) throws {
        try change(
            """
            INSERT INTO retentionMark (kind, before) VALUES ('usage', ?1)
            ON CONFLICT (kind) DO UPDATE SET before = max(before, ?1)
            """, .integer(cutoff.milliseconds))
        try change(
            """
            INSERT INTO retentionMark (kind, before) SELECT 'useNumber', id + 1 FROM usage WHERE true ORDER BY id DESC LIMIT 1
            ON CONFLICT (kind) DO UPDATE SET before = max(before, excluded.before)
            """)
        known.usageMark = nil
    }

    // MARK: Pages

    /// Pages of the file, those of them that hold nothing, and whether they can be given back a few at a time.
    func pages() throws -> (all: Int, free: Int, canShrink: Bool, size: Int) {
        (
            Int(try first("PRAGMA page_count") { $0.integer(0) } ?? 0),
            Int(try first("PRAGMA freelist_count") { $0.integer(0) } ?? 0),
            try first("PRAGMA auto_vacuum") { $0.integer(0) } == 2,
            Int(try first("PRAGMA page_size") { $0.integer(0) } ?? 0)
        )
    }

    /// Moves the last pages into free ones and cuts the file off, at most so many of them.
    func shrink(pages: Int) throws { try execute("PRAGMA incremental_vacuum(\(pages))") }
}
