package import WallTime

/// Where usage comes from and how far it was read, in the same transactions as what was read.
package protocol IngestLedger: AnyObject, SendableMetatype {
    // How each source does
    func ingestSource(_ name: String) throws -> IngestSource?
    /// Adds the source or replaces it.
    func saveIngestSource(_ source: IngestSource) throws
    /// By name.
    func ingestSources() throws -> [IngestSource]

    // How far each object or file was read
    func ingestCursor(_ source: String, item: String) throws -> IngestCursor?
    func saveIngestCursor(_ cursor: IngestCursor) throws
    /// Forgets cursors of the source that were last moved before then, `limit` at most; how many.
    func forgetIngestCursors(of source: String, movedBefore instant: Instant, limit: Int) throws -> Int

    // Counters that only grow
    func countIngest(_ name: String, by count: Int64) throws
    /// By name.
    func ingestCounts() throws -> [IngestCount]
}

/// How a source reaches Steward, or Steward it.
package enum IngestKind: String, Sendable, Hashable, CaseIterable {
    /// `POST /ingest/bedrock-invocation-logs`, as `workflowctl ingest` sends.
    case api
    case firehose
    case eventBridge = "eventbridge"
    case sqs
    case s3
    case directory

    /// Whether it is expected to go on by itself, so that silence means something.
    package var isLive: Bool { self != .api }
}

/// Which source a batch came from.
package struct IngestOrigin: Sendable, Hashable {
    package var name: String
    package var kind: IngestKind
    /// What it reads, such as a queue's URL; nil when nothing is known.
    package var detail: String?

    package init(name: String, kind: IngestKind, detail: String? = nil) {
        self.name = name
        self.kind = kind
        self.detail = detail
    }
}

/// A source with what it has brought so far.
package struct IngestSource: Sendable, Equatable {
    package var origin: IngestOrigin
    /// Known since then.
    package var since: Instant
    /// When something last came, whatever it was.
    package var lastReceivedAt: Instant?
    /// When the newest of what it told of happened.
    package var lastRecordAt: Instant?
    package var counts = IngestCounts()
    package var lastErrorAt: Instant?
    package var lastError: String?

    package init(origin: IngestOrigin, since: Instant) {
        self.origin = origin
        self.since = since
    }
}

/// What a source has brought, by what became of it. Counts of deliveries: what came twice counts twice.
package struct IngestCounts: Sendable, Hashable {
    package var records: Int64 = 0
    package var recorded: Int64 = 0
    package var duplicates: Int64 = 0
    package var ignored: Int64 = 0
    package var unreadable: Int64 = 0
    /// CloudTrail's records that tell of principals.
    package var events: Int64 = 0

    package init() {}
}

/// How far an object or a file was read.
package struct IngestCursor: Sendable, Hashable {
    package var source: String
    /// The object's key, or the file's path.
    package var item: String
    /// Tells one content from another, such as an ETag.
    package var version: String
    /// Records from its beginning that were metered.
    package var records: Int
    /// Whether it was read to its end.
    package var isDone: Bool
    package var movedAt: Instant

    package init(source: String, item: String, version: String, records: Int, isDone: Bool, movedAt: Instant) {
        self.source = source
        self.item = item
        self.version = version
        self.records = records
        self.isDone = isDone
        self.movedAt = movedAt
    }
}

/// A counter, such as `rogue-keys`.
package struct IngestCount: Sendable, Hashable {
    package var name: String
    package var count: Int64

    package init(name: String, count: Int64) {
        self.name = name
        self.count = count
    }
}
