import Budgets

/// A use is known by its key: its request id, Region and account. An index of these is random, so that on a large table
/// each use dirtied a page of its own (ADR 0015). So uses are keyed in runs: as many as `usesPerRun` in a row, whose hashes
/// are sorted and appended when the run is full. `usageRun` has a row for each run that is closed, `usageKey` its hashes, and
/// `usageOf` the order by principal and time. Those after the last closed run are the *tail*: they are in `usage` only, and the
/// writer has their hashes in memory.
extension SQLiteTransaction {
    /// The key of a use as its row has it.
    struct StoredKey {
        let requestID: [UInt8]
        let region: Int64
        let account: Int64
    }

    /// Where the tail begins, as a part of queries: tail rows have higher numbers.
    static let lastClosed = "coalesce((SELECT last FROM usageRun ORDER BY id DESC LIMIT 1), 0)"

    // MARK: For the writer

    /// The number for a use that is not in the ledger; nil for one that is. `noteUse` has to follow its row.
    func numberOfNewUse(_ key: StoredKey, _ hash: Int64) throws -> Int64? {
        if !knownUses.isWhole { try readUses() }
        for use in knownUses.tail.uses(hash) where try isUse(use, key) { return nil }
        for run in knownUses.filters.runs(mayHolding: hash) {
            let uses = try all(
                "SELECT use FROM usageKey WHERE run = ? AND hash = ?", .integer(run), .integer(hash)
            ) { $0.integer(0) }
            for use in uses where try isUse(use, key) { return nil }
        }
        if knownUses.tail.entries.count >= usesPerRun { try closeRun() }
        return knownUses.next
    }

    /// A use with the number that `numberOfNewUse` gave is in the database.
    func noteUse(_ hash: Int64) { knownUses.append(hash) }

    /// Another key may have the same hash, and retention may have removed the row.
    private func isUse(_ number: Int64, _ key: StoredKey) throws -> Bool {
        try first(
            "SELECT 1 FROM usage WHERE id = ? AND requestID = ? AND region = ? AND account = ?", .integer(number),
            .blob(key.requestID), .integer(key.region), .integer(key.account)
        ) { _ in true } ?? false
    }

    /// Makes a run of the tail.
    private func closeRun() throws {
        let last = knownUses.next - 1
        let (run, filter) = try writeRun(knownUses.tail.entries, from: knownUses.lastClosed + 1, through: last)
        try change(
            """
            INSERT INTO usageOf (principal, at, use)
            SELECT principal, at, id FROM usage WHERE id > ? AND id <= ? ORDER BY principal, at, id
            """, .integer(knownUses.lastClosed), .integer(last))
        knownUses.close(run, filter)
    }

    /// Writes the keys of a run, and that it is closed.
    func writeRun(
        _ entries: [UseTail.Entry], from firstUse: Int64, through last: Int64
    ) throws -> (run: Int64, RunFilter) {
        let run = (try first("SELECT max(id) FROM usageRun") { $0.integer(0) } ?? 0) + 1
        let filter = RunFilter(entries.lazy.map(\.hash), room: usesPerRun)
        let statement = try prepared("INSERT INTO usageKey (run, hash, use) VALUES (?, ?, ?)")
        for entry in entries.sorted(by: { ($0.hash, $0.use) < ($1.hash, $1.use) }) {
            try statement.run { values in
                values.add(run)
                values.add(entry.hash)
                values.add(entry.use)
            }
        }
        try change(
            "INSERT INTO usageRun (id, first, last, filter) VALUES (?, ?, ?, ?)", .integer(run), .integer(firstUse),
            .integer(last), .blob(filter.bytes))
        return (run, filter)
    }

    /// Brings the memory to what the rows are.
    private func readUses() throws {
        if !knownUses.hasRuns { try readRuns() }
        var next =
            try first(
                """
                SELECT max(coalesce((SELECT max(id) + 1 FROM usage), 1), coalesce((SELECT max(last) + 1 FROM usageRun), 1),
                    coalesce((SELECT before FROM retentionMark WHERE kind = 'useNumber'), 1))
                """
            ) { $0.integer(0) } ?? 1
        next = max(next, knownUses.covered + 1)
        for entry in try tailEntries(after: knownUses.covered) { knownUses.tail.append(entry) }
        knownUses.complete(next: next)
    }

    private func tailEntries(after use: Int64) throws -> [UseTail.Entry] {
        try all(
            "SELECT id, requestID, region, account FROM usage WHERE id > ? ORDER BY id", .integer(use),
            read: entry(of:))
    }

    /// Of a row with the number, request id, Region and account.
    func entry(of row: PersistentStatement) -> UseTail.Entry {
        UseTail.Entry(hash: useHash(row.blob(1), row.integer(2), row.integer(3)), use: row.integer(0))
    }

    private func readRuns() throws {
        let count = try first("SELECT count(*) FROM usageRun") { Int($0.integer(0)) } ?? 0
        var filters = RunFilters()
        var lastClosed: Int64 = 0
        if count > 0 { filters = RunFilters(expecting: count, slots: RunFilter.slots(room: usesPerRun)) }
        var run: Int64 = 0
        while true {
            // No more than these are in memory twice.
            let group = try all(
                "SELECT id, last, filter FROM usageRun WHERE id > ? ORDER BY id LIMIT 64", .integer(run)
            ) { (run: $0.integer(0), last: $0.integer(1), filter: RunFilter(bytes: $0.blob(2))) }
            guard let last = group.last else { break }
            filters.addGroup(group.map { ($0.run, $0.filter) })
            (run, lastClosed) = (last.run, last.last)
        }
        knownUses.set(filters, lastClosed: lastClosed)
    }

    // MARK: For everybody

    /// The number of a use. For a single one: looks into every closed run, and through the tail.
    func useNumber(_ key: StoredKey) throws -> Int64? {
        let hash = useHash(key.requestID, key.region, key.account)
        let keyed = try all(
            "SELECT use FROM usageRun AS r CROSS JOIN usageKey AS k WHERE k.run = r.id AND k.hash = ?", .integer(hash)
        ) { $0.integer(0) }
        for use in keyed where try isUse(use, key) { return use }
        return try rows(
            "SELECT id FROM usage WHERE id > \(Self.lastClosed) AND requestID = ? AND region = ? AND account = ?",
            [.blob(key.requestID), .integer(key.region), .integer(key.account)]
        ) { $0.integer(0) }.first
    }

    /// The same by its names; nil, too, when one of them names nothing.
    func useNumber(_ key: UsageKey) throws -> Int64? { try storedKey(key).flatMap(useNumber) }

    /// Nil when a name names nothing: then no use has that key.
    func storedKey(_ key: UsageKey) throws -> StoredKey? {
        let label = { (text: String) in
            try self.first("SELECT id FROM usageLabel WHERE text = ?", .text(text)) { $0.integer(0) }
        }
        guard let region = try label(key.region), let account = try label(key.account) else { return nil }
        return StoredKey(requestID: Self.stored(requestID: key.requestID), region: region, account: account)
    }
}
