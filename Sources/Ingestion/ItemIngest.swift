import BedrockUsage
import Budgets
import Enforcement
import WallTime

/// Meters what one object or file holds as its bytes arrive, in bounded batches, each in one transaction with how far it
/// came: after a crash, what was metered is passed over. While a batch is metered, the next is read.
struct ItemIngest {
    private let desk: IngestDesk
    private let origin: IngestOrigin
    private let item: String
    private let version: String
    private let clock: WallClock
    private let decoder: UsageDecoder
    /// Records that an earlier process has metered.
    private let known: Int
    private var count = 0
    private var pending: [UsageRecord] = []
    /// The bytes of a batch job's manifest; nil for an item of records.
    private var manifest: [UInt8]?
    private let writtenAt: Instant?
    /// The batch that is being metered; one at a time, so that the cursor only goes forward.
    private var underway: Task<Void, any Error>?

    /// Records of one transaction. More would cost less each, as a principal's account is read and written once in a
    /// batch; but whatever else the daemon writes waits for it, at this size about a tenth of a second.
    static let batch = 2500
    /// Bytes that are decoded at a time, so that a little gzip that makes much text stays small in memory.
    private static let slice = 64 << 10
    /// The text is never in memory as a whole, so it may be large; this much takes hours.
    private static let limits = DecoderLimits(decompressedBytes: 64 << 30)

    /// - Parameters:
    ///   - cursor: how far the item was read before.
    ///   - writtenAt: when it was written, where that is known.
    init(
        _ item: String, version: String, writtenAt: Instant?, cursor: IngestCursor?, origin: IngestOrigin,
        desk: IngestDesk, clock: WallClock
    ) {
        manifest = BatchManifest.jobID(ofKey: item) == nil ? nil : []
        self.writtenAt = writtenAt
        self.desk = desk
        self.origin = origin
        self.item = item
        self.version = version
        self.clock = clock
        decoder = UsageDecoder(source: origin.name, limits: Self.limits)
        // Another content is read from its beginning: what is the same in it is told by its keys.
        known = cursor?.version == version ? cursor?.records ?? 0 : 0
    }

    mutating func append(_ bytes: [UInt8]) async throws {
        if let collected = manifest {
            // One byte more than it may have tells that it is too long.
            manifest = collected + bytes.prefix(BatchManifest.largest + 1 - collected.count)
            return
        }
        for start in stride(from: 0, to: bytes.count, by: Self.slice) {
            let slice = Array(bytes[start..<min(start + Self.slice, bytes.count)])
            try await take(decoder.append(slice))
        }
    }

    /// The item has ended.
    mutating func finish() async throws {
        if let manifest {
            try await take([
                BatchManifest.read(manifest, ofKey: item, endedAt: writtenAt, source: origin.name)
            ])
        } else {
            try await take(decoder.finish())
        }
        try await meter(isDone: true)
        try await settle()
    }

    /// Reading has failed: lets the batch under way end. What becomes of it is in its cursor, where reading goes on.
    func abandon() async { _ = await underway?.result }

    private mutating func take(_ records: [UsageRecord]) async throws {
        for record in records {
            count += 1
            guard count > known else { continue }
            pending.append(record)
            if pending.count >= Self.batch { try await meter(isDone: false) }
        }
    }

    private mutating func meter(isDone: Bool) async throws {
        try await settle()
        let cursor = IngestCursor(
            source: origin.name, item: item, version: version, records: count, isDone: isDone, movedAt: clock.now())
        underway = Task { [desk, origin, pending] in try await desk.meter(pending, origin, cursor) }
        pending = []
    }

    private mutating func settle() async throws {
        let last = underway
        underway = nil
        try await last?.value
    }
}
