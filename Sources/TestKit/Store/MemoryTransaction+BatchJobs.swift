import Budgets
package import Enforcement
import WallTime

extension MemoryTransaction {
    package func batchJob(_ id: String) throws -> BatchJob? { tables.ingest.batchJobs[id] }

    package func saveBatchJob(_ job: BatchJob) throws {
        try requireWriting()
        tables.set(\.ingest.batchJobs[job.id], job)
    }

    package func unattributedBatchJobs(limit: Int) throws -> [BatchJob] {
        let found = tables.ingest.batchJobs.values.filter { $0.creator == nil && $0.output != nil }
        let sorted = found.sorted { left, right in
            let (first, second) = (left.output?.endedAt, right.output?.endedAt)
            guard let first, let second, first != second else { return left.id < right.id }
            return first > second
        }
        return Array(sorted.prefix(limit))
    }

    package func unfinishedBatchJobs(limit: Int) throws -> [BatchJob] {
        let found = tables.ingest.batchJobs.values.filter { $0.creator != nil && $0.output == nil }
        return Array(found.sorted { $0.id < $1.id }.prefix(limit))
    }
}
