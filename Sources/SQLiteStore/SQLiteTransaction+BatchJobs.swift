import Budgets
package import Enforcement
import WallTime

extension SQLiteTransaction {
    package func batchJob(_ id: String) throws -> BatchJob? {
        try first(
            """
            SELECT id, arn, creator, session, model, input, output, records, failedRecords, endedAt, source, place, chargedAt
            FROM batchJob WHERE id = ?
            """, .text(id)
        ) { try BatchJob($0) }
    }

    package func saveBatchJob(_ job: BatchJob) throws {
        let output = job.output
        try change(
            """
            INSERT OR REPLACE INTO batchJob (id, arn, creator, session, model, input, output, records, failedRecords,
                endedAt, source, place, chargedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(job.id), SQLValue(job.arn), SQLValue(job.creator?.arn), SQLValue(job.creator?.session),
            SQLValue(job.model), SQLValue(output?.inputTokens), SQLValue(output?.outputTokens),
            SQLValue(output?.records), SQLValue(output?.failedRecords), SQLValue(output?.endedAt?.milliseconds),
            SQLValue(output?.source), SQLValue(output?.place), SQLValue(job.chargedAt?.milliseconds))
    }

    package func unattributedBatchJobs(limit: Int) throws -> [BatchJob] {
        try all(
            """
            SELECT id, arn, creator, session, model, input, output, records, failedRecords, endedAt, source, place, chargedAt
            FROM batchJob WHERE creator IS NULL AND endedAt IS NOT NULL
            ORDER BY endedAt DESC, id LIMIT ?
            """, SQLValue(max(0, limit))
        ) { try BatchJob($0) }
    }

    package func unfinishedBatchJobs(limit: Int) throws -> [BatchJob] {
        try all(
            """
            SELECT id, arn, creator, session, model, input, output, records, failedRecords, endedAt, source, place, chargedAt
            FROM batchJob WHERE creator IS NOT NULL AND input IS NULL
            ORDER BY id LIMIT ?
            """, SQLValue(max(0, limit))
        ) { try BatchJob($0) }
    }
}

extension BatchJob {
    fileprivate init(_ row: PersistentStatement) throws {
        var creator: Principal?
        if let arn = row.optionalText(2) {
            let found = try Principal(arn: arn)
            creator = Principal(
                id: found.id, partition: found.partition, path: found.path, session: row.optionalText(3))
        }
        self.init(
            id: row.text(0), arn: row.optionalText(1), creator: creator, model: row.optionalText(4), output: nil,
            chargedAt: Instant(row.optionalInteger(12)))
        guard let input = row.optionalInteger(5) else { return }
        output = BatchOutput(
            jobID: id, inputTokens: input, outputTokens: row.integer(6), records: row.integer(7),
            failedRecords: row.integer(8), endedAt: Instant(row.optionalInteger(9)), source: row.optionalText(10) ?? "",
            place: row.optionalText(11) ?? "")
    }
}
