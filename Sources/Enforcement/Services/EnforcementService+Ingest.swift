package import Budgets
import Engine
import JSONModel
package import WallTime

extension EnforcementService {
    /// How long CloudTrail's events are remembered: longer than any of its ways may hold one back.
    private static var eventMemory: Duration { .seconds(90 * 86_400) }
    /// Rows that one check removes at most.
    private static var forgottenAtOnce: Int { 1000 }

    /// Meters a batch from a source, and notes how the source does and how far it was read: all of it, or nothing.
    /// Returns once it is durable.
    ///
    /// - Parameter text: what is read, such as a file, where it is not the source itself; for dead letters.
    package func meter(
        _ records: [UsageRecord], from origin: IngestOrigin, reading text: String? = nil, cursor: IngestCursor? = nil
    ) async throws -> IngestReport {
        let settings = settings
        let (book, revision) = settings.prices.snapshot
        let priced = Metering.price(records, by: book)
        let newest = records.compactMap(\.happenedAt).max()
        return try await engine.transact { work in
            let desk = Desk(work, settings)
            // A price that came meanwhile counts: what was corrected by it just now would miss these.
            let isCurrent = try work.transaction.priceRevision() == revision
            let now = try isCurrent ? priced : Metering.price(records, by: settings.prices.book(in: work.transaction))
            let report = try Metering.meter(now, source: text ?? origin.name, desk)
            try desk.note(report, from: origin, newest: newest)
            if let cursor { try work.transaction.saveIngestCursor(cursor) }
            return report
        }
    }

    /// Keeps as a dead letter what a source can't get through, whatever is tried; once however often it comes.
    package func refuse(
        _ bytes: [UInt8], _ reason: String, from origin: IngestOrigin
    ) async throws -> IngestReport {
        let record = UnreadableRecord(bytes: bytes, reason: reason, position: 0)
        return try await meter([.unreadable(record)], from: origin)
    }

    /// Makes the sources known before they bring anything, so that one which never does is missed.
    package func expect(_ origins: [IngestOrigin]) async throws {
        guard !origins.isEmpty else { return }
        try await engine.transact { work in
            for origin in origins {
                var source =
                    try work.transaction.ingestSource(origin.name) ?? IngestSource(origin: origin, since: work.now)
                source.origin = origin
                try work.transaction.saveIngestSource(source)
            }
        }
    }

    /// Notes that a source could not be read.
    package func noteTrouble(_ error: String, with origin: IngestOrigin) async throws {
        try await engine.transact { work in
            var source = try work.transaction.ingestSource(origin.name) ?? IngestSource(origin: origin, since: work.now)
            source.lastErrorAt = work.now
            source.lastError = String(error.prefix(2000))
            try work.transaction.saveIngestSource(source)
        }
    }

    package func ingestCursor(_ source: String, item: String) async throws -> IngestCursor? {
        try await engine.read { try $0.ingestCursor(source, item: item) }
    }

    package func saveIngestCursor(_ cursor: IngestCursor) async throws {
        try await engine.transact { try $0.transaction.saveIngestCursor(cursor) }
    }

    /// Forgets how far things were read that will not be looked at again.
    package func forgetIngestCursors(of source: String, movedBefore instant: Instant) async throws {
        _ = try await engine.transact { work in
            try work.transaction.forgetIngestCursors(of: source, movedBefore: instant, limit: Self.forgottenAtOnce)
        }
    }

    /// All sources, the silent ones among them, and the counters of what CloudTrail told.
    package func ingestOverview() async throws -> IngestOverview {
        let (sources, counts) = try await engine.read { (try $0.ingestSources(), try $0.ingestCounts()) }
        let silent = settings.ingestWatch.silent(sources, watchingSince: startedAt, now: engine.now)
        return IngestOverview(sources: sources, silent: silent, counts: counts)
    }

    /// Tells people of sources that have fallen silent, once for each silence, and forgets old events.
    /// - Returns: the silent ones.
    @discardableResult
    package func checkIngest() async throws -> [SilentSource] {
        try await engine.transact { [settings, startedAt] work in
            let desk = Desk(work, settings)
            let silent = settings.ingestWatch.silent(
                try work.transaction.ingestSources(), watchingSince: startedAt, now: work.now)
            for source in silent { try desk.tell(desk.notice(source)) }
            _ = try work.transaction.forgetTrailEvents(
                before: work.now - Self.eventMemory, limit: Self.forgottenAtOnce)
            return silent
        }
    }
}

/// How all sources do.
package struct IngestOverview: Sendable, Equatable {
    package var sources: [IngestSource]
    package var silent: [SilentSource]
    package var counts: [IngestCount]
}

extension Desk {
    fileprivate func note(_ report: IngestReport, from origin: IngestOrigin, newest: Instant?) throws {
        var source = try transaction.ingestSource(origin.name) ?? IngestSource(origin: origin, since: now)
        source.origin = IngestOrigin(
            name: origin.name, kind: origin.kind, detail: origin.detail ?? source.origin.detail)
        source.lastReceivedAt = now
        source.lastRecordAt = [source.lastRecordAt, newest.map { min($0, now) }].compactMap(\.self).max()
        source.counts.records += Int64(report.received)
        source.counts.recorded += Int64(report.recorded)
        source.counts.duplicates += Int64(report.duplicates)
        source.counts.ignored += Int64(report.ignored)
        source.counts.unreadable += Int64(report.unreadable)
        source.counts.events += Int64(report.events)
        try transaction.saveIngestSource(source)
    }

    /// The same for one silence, however often it is looked at.
    fileprivate func notice(_ silent: SilentSource) -> Notice {
        let origin = silent.source.origin
        let data: JSONValue = [
            "source": .string(origin.name), "kind": .string(origin.kind.rawValue), "detail": .optional(origin.detail),
            "since": .string(silent.since.iso8601), "busy": .array(silent.busy.map { .string($0) }),
            "lastError": .optional(silent.source.lastError),
        ]
        return Notice(
            id: "ingest-silent/\(origin.name)/\(silent.since.milliseconds)", kind: .ingestSilent, principal: nil,
            data: data, at: now)
    }
}

extension UsageRecord {
    /// When what it tells of happened.
    fileprivate var happenedAt: Instant? {
        switch self {
        case .usage(let event): event.at
        case .principal(let event): event.at
        case .batchOutput(let output): output.endedAt
        case .ignored, .unreadable: nil
        }
    }
}
