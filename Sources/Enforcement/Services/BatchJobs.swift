import Budgets
package import Engine
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
                firstOnes(try transaction.unattributedBatchJobs(limit: counted).map(finding))
            }
        }
    }

    /// How long after it was made a batch job is missed that has brought no manifest: most have ended by then.
    private static var missedAfter: Duration { .seconds(2 * 86_400) }

    /// Batch jobs whose manifest has not come in days: whoever makes one chooses where its output goes, and what no
    /// source reads is never charged. Each is a finding for a week, as one that has failed never writes a manifest.
    package static func unchargedBatchJobs<Transaction: ExecutionTransaction & BudgetLedger>(
        read: @escaping LedgerReader<Transaction>
    ) -> RadarProbe {
        RadarProbe(Wording("batch jobs without output", es: "los trabajos por lotes sin resultados")) { now in
            try await read { transaction in
                let jobs = try transaction.unfinishedBatchJobs(limit: 10_000)
                var missed: [RadarFinding] = []
                for (creator, jobs) in Dictionary(grouping: jobs, by: \.creator) {
                    guard let creator else { continue }
                    let times = try startTimes(of: creator.id, transaction)
                    for job in jobs {
                        guard let at = job.arn.flatMap({ times[$0] }), at <= now - missedAfter,
                            at > now - missedAfter - span
                        else { continue }
                        missed.append(finding(job, by: creator, at))
                    }
                }
                return firstOnes(missed.sorted { $0.subject < $1.subject })
            }
        }
    }

    /// When the principal has made its latest jobs, by ARN: the audit log alone keeps that.
    private static func startTimes<Transaction: ExecutionTransaction>(
        of creator: PrincipalID, _ transaction: Transaction
    ) throws -> [String: Instant] {
        var times: [String: Instant] = [:]
        for entry in try transaction.auditEntries(subject: creator.description, limit: 1000)
        where entry.action == "bedrock.job-started" {
            guard let job = entry.detail["job"]?.stringValue, let at = entry.detail["at"]?.stringValue else { continue }
            times[job] = Instant(iso8601: at)
        }
        return times
    }

    private static func finding(_ job: BatchJob, by creator: Principal, _ at: Instant) -> RadarFinding {
        RadarFinding(
            .unchargedBatch, .warning, subject: job.id,
            Wording(
                "\(creator.id.name) made the batch job \(job.id) at \(at.iso8601), and its manifest has not come: "
                    + "unless it has failed or still runs, it was not charged",
                es: "\(creator.id.name) creó el trabajo por lotes \(job.id) el \(at.iso8601), y su manifiesto no ha "
                    + "llegado: salvo que haya fallado o siga en marcha, no se ha cobrado"),
            advice: Wording(
                "make the bucket that its output goes to one of ingest.sources",
                es: "añada a ingest.sources el bucket al que van sus resultados"))
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
