import BedrockUsage
import Budgets
import Enforcement
import WallTime

/// Meters what one object or file holds as its bytes arrive, in bounded batches, each in one transaction with how far it
/// came: after a crash, what was metered is passed over.
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

    /// Records of one transaction.
    static let batch = 1000
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
    }

    private mutating func take(_ records: [UsageRecord]) async throws {
        for record in records {
            count += 1
            guard count > known else { continue }
            pending.append(record)
            if pending.count >= Self.batch { try await meter(isDone: false) }
        }
    }

    private mutating func meter(isDone: Bool) async throws {
        try await desk.meter(
            pending, origin,
            IngestCursor(
                source: origin.name, item: item, version: version, records: count, isDone: isDone, movedAt: clock.now())
        )
        pending.removeAll(keepingCapacity: true)
    }
}
