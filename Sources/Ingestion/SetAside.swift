import AWSClient
import Budgets
import Enforcement
import JSONModel
import WallTime

/// Keeps for a person what of a source can't be read while the rest can: a dead letter, once for each version of it.
/// It is tried again now and then, in case the cause was mended.
struct SetAside: Sendable {
    let desk: IngestDesk
    let origin: IngestOrigin
    let clock: WallClock

    /// How long it is left alone: less than the hour after which buckets are looked through further back.
    static let rest: Duration = .seconds(45 * 60)

    /// Whether this version of an item was set aside a moment ago.
    static func isResting(_ cursor: IngestCursor, _ version: String, at now: Instant) -> Bool {
        cursor.version == mark(version) && now - cursor.movedAt < rest
    }

    /// - Parameters:
    ///   - place: where it is, for the dead letter; the same at every try.
    ///   - reason: why it can't be read, and what a person can do.
    /// - Throws: what the store throws.
    func keep(_ item: String, version: String, place: JSONValue, reason: String) async throws {
        let known = try await desk.cursor(origin.name, item)
        // The mark is no version that a reader knows: once it can be read, it is read from its beginning. What was
        // metered of it before is told by its keys.
        let cursor = IngestCursor(
            source: origin.name, item: item, version: Self.mark(version), records: 0, isDone: false,
            movedAt: clock.now())
        if known?.version == cursor.version {
            try await desk.saveCursor(cursor)
        } else {
            let record = UnreadableRecord(bytes: place.jsonBytes, reason: reason, position: 0)
            try await desk.meter([.unreadable(record)], origin, cursor)
        }
        try await desk.noteTrouble(reason, origin)
    }

    private static func mark(_ version: String) -> String { "set aside: \(version)" }
}

extension AWSError {
    /// Whether it may be about the one object that was asked for. What the network, credentials, the bucket or a busy
    /// S3 bring about has nothing to do with which object it is.
    var isOfOneObject: Bool {
        action == "GetObject" && !isRetryable && !isOfSurroundings && !Self.codesOfAll.contains(code)
    }

    private static let codesOfAll: Set<String> = [
        "AccountProblem", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId",
        "InvalidToken", "NoSuchBucket", "RequestExpired", "RequestTimeTooSkewed", "TokenRefreshRequired",
        // The object was replaced while it was read: the next look reads it anew.
        "PreconditionFailed",
    ]
}
