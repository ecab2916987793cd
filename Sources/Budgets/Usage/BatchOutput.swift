package import WallTime

/// What a batch job has used in all, as the manifest beside its output says.
package struct BatchOutput: Sendable, Hashable {
    /// The last part of the job's ARN, and the name of the folder with its output.
    package var jobID: String
    package var inputTokens: Int64
    package var outputTokens: Int64
    /// Records that were worked on, those that failed among them.
    package var records: Int64
    package var failedRecords: Int64
    /// When the manifest was written; nil when its source did not say.
    package var endedAt: Instant?
    /// Where it was read: an ingest source's name, and a key or path.
    package var source: String
    package var place: String

    package init(
        jobID: String, inputTokens: Int64, outputTokens: Int64, records: Int64, failedRecords: Int64 = 0,
        endedAt: Instant? = nil, source: String, place: String
    ) {
        self.jobID = jobID
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.records = records
        self.failedRecords = failedRecords
        self.endedAt = endedAt
        self.source = source
        self.place = place
    }
}

extension UsageEvent {
    /// The operation of a use that stands for all records of a batch job.
    package static let jobTotal = "ModelInvocationJob"

    /// Whether it stands for many calls: what holds for the size of one call, such as long-context prices, does not hold
    /// for it.
    package var isJobTotal: Bool { operation == Self.jobTotal }

    /// The use that a batch job is charged as. Its key is the job's ARN, so that it is charged once.
    package init?(_ output: BatchOutput, jobARN: String, by creator: Principal, model: String, at: Instant) {
        let fields = jobARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6, !fields[3].isEmpty, !fields[4].isEmpty else { return nil }
        self.init(
            key: UsageKey(account: fields[4], region: fields[3], requestID: jobARN), at: at, principal: creator,
            model: ModelID(model), operation: Self.jobTotal,
            tokens: TokenCounts(input: output.inputTokens, output: output.outputTokens), tier: .batch,
            source: output.source)
    }
}
