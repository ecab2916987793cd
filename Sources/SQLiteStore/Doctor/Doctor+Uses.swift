import WallTime

extension Doctor {
    /// Closed runs that a quick examination reads.
    private static let quickRuns = 10

    /// Each use of a closed run is found by its key, or it could be charged once more, and by its principal.
    func checkUses(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let runs = try transaction.all(
            "SELECT id FROM usageRun ORDER BY id DESC LIMIT ?", .integer(isQuick ? Int64(Self.quickRuns) : -1)
        ) { $0.integer(0) }
        var (uses, unkeyed, unlisted) = (0, 0, 0)
        for run in runs {
            let counts = try Self.examine(run: run, transaction)
            uses += counts.uses
            unkeyed += counts.unkeyed
            unlisted += counts.unlisted
        }
        let found = "\(uses) uses in \(runs.count) closed runs"
        if unkeyed == 0, unlisted == 0 {
            report.add("uses", .ok, "\(found), each with its key and in its principal's list")
        } else {
            report.add(
                "uses", .problem,
                "\(found); \(unkeyed) have no key, so that the same record would be charged again; \(unlisted) are"
                    + " missing from their principal's list", Advice.restore)
        }
    }

    private static func examine(
        run: Int64, _ transaction: SQLiteTransaction
    ) throws -> (uses: Int, unkeyed: Int, unlisted: Int) {
        let row = try transaction.first("SELECT first, last, filter FROM usageRun WHERE id = ?", .integer(run)) {
            (first: $0.integer(0), last: $0.integer(1), filter: RunFilter(bytes: $0.blob(2)))
        }
        guard let row else { return (0, 0, 0) }
        let keys = Dictionary(
            try transaction.all("SELECT use, hash FROM usageKey WHERE run = ?", .integer(run)) {
                ($0.integer(0), $0.integer(1))
            }, uniquingKeysWith: { first, _ in first })
        let isKeyed = try transaction.all(
            "SELECT id, requestID, region, account FROM usage WHERE id >= ? AND id <= ?", .integer(row.first),
            .integer(row.last)
        ) {
            let entry = transaction.entry(of: $0)
            return keys[entry.use] == entry.hash && row.filter.mayHold(entry.hash)
        }
        let unlisted = try transaction.first(
            """
            SELECT count(*) FROM usage AS u WHERE id >= ? AND id <= ? AND NOT EXISTS (
                SELECT 1 FROM usageOf AS o WHERE o.principal = u.principal AND o.at = u.at AND o.use = u.id)
            """, .integer(row.first), .integer(row.last)
        ) { Int($0.integer(0)) }
        return (isKeyed.count, isKeyed.count { !$0 }, unlisted ?? 0)
    }
}
