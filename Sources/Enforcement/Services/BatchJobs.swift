import Budgets
import Engine
import JSONModel
import WallTime
import Words

/// What becomes of news of a batch job.
enum BatchNews: Equatable {
    /// Creator and output are both known now: this is to be charged, and `noteCharged` told once it is.
    case charge(BatchJob, UsageEvent)
    /// The other half is missing.
    case waiting
    /// Nothing new.
    case known
    /// It says something else than what was charged.
    case contradiction(String)
}

extension Desk {
    /// Who made a batch job, from CloudTrail.
    func noteBatchJob(_ event: PrincipalEvent, _ started: BedrockJob) throws -> BatchNews {
        guard started.kind == .batch, let arn = started.arn, let id = arn.split(separator: "/").last else {
            return .known
        }
        var job = try transaction.batchJob(String(id)) ?? BatchJob(id: String(id))
        guard job.creator == nil else { return .known }
        (job.arn, job.creator, job.model) = (arn, event.principal, started.model)
        return try charge(job)
    }

    /// What a batch job used, from its manifest.
    func noteBatchOutput(_ output: BatchOutput) throws -> BatchNews {
        var output = output
        var job = try transaction.batchJob(output.jobID) ?? BatchJob(id: output.jobID)
        let before = job.output
        // A manifest of the future is one of a clock that is wrong.
        output.endedAt = min(output.endedAt ?? before?.endedAt ?? now, now)
        if let before, job.chargedAt != nil {
            let isSame = (before.inputTokens, before.outputTokens) == (output.inputTokens, output.outputTokens)
            return isSame
                ? .known
                : .contradiction(
                    "batch job \(job.id) was charged for \(before.inputTokens) and \(before.outputTokens) tokens, and "
                        + "its manifest now counts \(output.inputTokens) and \(output.outputTokens)")
        }
        // While nothing is charged, what was told last counts: it could not be priced, or waits for its creator.
        job.output = output
        let news = try charge(job)
        if news == .waiting, before == nil {
            try transaction.countIngest("batch-unattributed", by: 1)
            try audit("bedrock.job-unattributed", by: "steward:metering", subject: job.id, Self.facts(output))
        }
        return news
    }

    /// It was charged: its manifest brings nothing new from now on.
    func noteCharged(_ job: BatchJob) throws {
        guard let arn = job.arn, let creator = job.creator, let output = job.output else { return }
        var job = job
        job.chargedAt = now
        try transaction.saveBatchJob(job)
        try audit(
            "bedrock.job-charged", by: "steward:metering", subject: creator.id.description,
            Self.facts(output).setting("job", .string(arn)).setting("model", .optional(job.model)))
    }

    private func charge(_ job: BatchJob) throws -> BatchNews {
        try transaction.saveBatchJob(job)
        guard let arn = job.arn, let creator = job.creator, let output = job.output else { return .waiting }
        guard
            let event = UsageEvent(
                output, jobARN: arn, by: creator, model: job.model ?? "unknown", at: output.endedAt ?? now)
        else { return .contradiction("batch job \(job.id) has an ARN without account or Region: \(arn)") }
        return .charge(job, event)
    }

    private static func facts(_ output: BatchOutput) -> JSONValue {
        [
            "inputTokens": .int(output.inputTokens), "outputTokens": .int(output.outputTokens),
            "records": .int(output.records), "failedRecords": .int(output.failedRecords),
            "manifest": .string(output.place), "source": .string(output.source),
        ]
    }
}

extension RadarProbe {
    /// Batch jobs that have ended and that nobody pays for, since CloudTrail did not say who made them.
    package static func unattributedBatchJobs<Transaction: BudgetLedger>(
        read: @escaping LedgerReader<Transaction>
    ) -> RadarProbe {
        RadarProbe(Wording("batch jobs", es: "los trabajos por lotes")) { _ in
            try await read { transaction in
                try transaction.unattributedBatchJobs(limit: listed).map(finding)
            }
        }
    }

    private static func finding(_ job: BatchJob) -> RadarFinding {
        let (input, output) = (job.output?.inputTokens ?? 0, job.output?.outputTokens ?? 0)
        let place = job.output?.place ?? ""
        return RadarFinding(
            .unattributedBatch, .critical, subject: job.id,
            Wording(
                "batch job \(job.id) has used \(input) and \(output) tokens (\(place)), and who made it is not known: "
                    + "nobody was charged",
                es: "el trabajo por lotes \(job.id) ha usado \(SpanishNumber.text("\(input)")) y "
                    + "\(SpanishNumber.text("\(output)")) tokens (\(place)), y no se sabe quién lo creó: no se ha cobrado "
                    + "a nadie"),
            advice: Wording(
                "bring CloudTrail's record of its CreateModelInvocationJob: by a rule for aws.bedrock, or by hand with "
                    + "workflowctl ingest FILE",
                es:
                    "traiga el registro de CloudTrail de su CreateModelInvocationJob: con una regla para aws.bedrock, o a "
                    + "mano con workflowctl ingest FICHERO"))
    }
}
