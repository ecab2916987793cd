package import Budgets
package import WallTime

/// Batch jobs: CloudTrail tells who made one, the manifest of its output what it used, in either order.
package protocol BatchLedger: AnyObject, SendableMetatype {
    func batchJob(_ id: String) throws -> BatchJob?
    /// Adds the job or replaces it.
    func saveBatchJob(_ job: BatchJob) throws
    /// Those whose output is there and whose creator nobody told, the latest first.
    func unattributedBatchJobs(limit: Int) throws -> [BatchJob]
    /// Those whose creator is known and whose output is not there, by id.
    func unfinishedBatchJobs(limit: Int) throws -> [BatchJob]
}

/// What is known of a batch job.
package struct BatchJob: Sendable, Hashable {
    /// The last part of its ARN.
    package var id: String
    /// Known with its creator.
    package var arn: String?
    package var creator: Principal?
    package var model: String?
    /// Known when it has ended. Its `endedAt` is always set.
    package var output: BatchOutput?
    package var chargedAt: Instant?

    package init(
        id: String, arn: String? = nil, creator: Principal? = nil, model: String? = nil, output: BatchOutput? = nil,
        chargedAt: Instant? = nil
    ) {
        self.id = id
        self.arn = arn
        self.creator = creator
        self.model = model
        self.output = output
        self.chargedAt = chargedAt
    }
}
