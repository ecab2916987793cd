import AWSClient
import BedrockUsage
import Enforcement
import JSONModel
import WallTime

/// Reads objects of S3 piece by piece and meters what they hold.
struct ObjectIngest: Sendable {
    let client: AWSClient
    let desk: IngestDesk
    let origin: IngestOrigin
    let clock: WallClock
    /// Asked between pieces: what is not read yet is left for the next process.
    let isStopping: @Sendable () -> Bool
    /// Bytes that are asked for at a time.
    var pieceBytes = 8 << 20
    var reads = ReadObjects.all

    /// An object as a listing or a notification names it.
    struct Name: Sendable, Hashable {
        var bucket: String
        var key: String
        /// Nil when nobody said.
        var region: String?

        var item: String { "\(bucket)/\(key)" }
    }

    /// What came of looking at an object.
    enum Outcome: Sendable {
        /// S3 gave it, and all of it is metered.
        case read
        /// This version of it was read before, so that S3 was not asked.
        case known
        /// It is no log object, or was set aside a moment ago.
        case passedOver
    }

    /// How long a cursor of something that was read is kept unless it is seen again.
    static let memory: Duration = .seconds(30 * 86_400)

    /// Meters the object, unless this version of it was read to its end before.
    /// - Parameter version: its ETag, when the caller knows it: it saves a request.
    /// - Throws: `AWSError`, `CancellationError` when stopping, and what the store throws.
    @discardableResult
    func ingest(_ name: Name, version known: String? = nil) async throws -> Outcome {
        guard !LogKey.isSkipped(name.key), reads == .all || BatchManifest.jobID(ofKey: name.item) != nil else {
            return .passedOver
        }
        let cursor = try await desk.cursor(origin.name, name.item)
        if let known, let cursor {
            if try await isRead(cursor, known) { return .known }
            if SetAside.isResting(cursor, known, at: clock.now()) { return .passedOver }
        }
        let client = try client(of: name)
        var object = try await begin(name, client)
        if let cursor, try await isRead(cursor, object.version) { return .read }
        var item = ItemIngest(
            name.item, version: object.version, writtenAt: object.writtenAt, cursor: cursor, origin: origin, desk: desk,
            clock: clock)
        do {
            try await item.append(object.bytes)
            var position = object.bytes.count
            while position < object.size {
                guard !isStopping() else { throw CancellationError() }
                object.bytes = try await piece(of: object, name, from: position, client)
                try await item.append(object.bytes)
                position += object.bytes.count
            }
            try await item.finish()
            return .read
        } catch {
            await item.abandon()
            throw error
        }
    }

    /// - Throws: `AWSError` `Client.InvalidRegion` when the name's Region is none: that is the message's trouble.
    private func client(of name: Name) throws -> AWSClient {
        guard let region = name.region else { return client }
        do { return try client.inRegion(region) } catch {
            throw AWSError(
                code: "Client.InvalidRegion", message: error.description, status: nil, service: "s3",
                action: "GetObject")
        }
    }

    /// Asks for one byte of an object that was read before: whether S3 still gives anything.
    /// - Throws: `AWSError` when it does not.
    func probe(_ name: Name) async throws(AWSError) {
        do {
            _ = try await client.callS3(
                "GetObject", ["Bucket": .string(name.bucket), "Key": .string(name.key), "Range": "bytes=0-0"])
        } catch  where ["InvalidObjectState", "InvalidRange", "NoSuchKey"].contains(error.code) {
            // Archived, empty or gone: S3 says so only to who may read.
        }
    }

    private func isRead(_ cursor: IngestCursor, _ version: String) async throws -> Bool {
        guard cursor.isDone, cursor.version == version else { return false }
        // What is still there is remembered; what is gone is forgotten some day.
        if clock.now() - cursor.movedAt > Self.memory / 2 {
            var seen = cursor
            seen.movedAt = clock.now()
            try await desk.saveCursor(seen)
        }
        return true
    }

    private struct Object {
        var version: String
        var writtenAt: Instant?
        var size: Int
        var bytes: [UInt8]
    }

    private func begin(_ name: Name, _ client: AWSClient) async throws(AWSError) -> Object {
        let range = JSONValue.string("bytes=0-\(pieceBytes - 1)")
        do {
            let answer = try await client.callS3(
                "GetObject", ["Bucket": .string(name.bucket), "Key": .string(name.key), "Range": range])
            let total = answer.members["ContentRange"]?.stringValue?.split(separator: "/").last.flatMap { Int($0) }
            return Object(
                version: answer.members["ETag"]?.stringValue ?? "",
                writtenAt: answer.members["LastModified"]?.stringValue.flatMap {
                    Instant(httpDate: $0) ?? Instant(iso8601: $0)
                }, size: total ?? answer.body.count,
                bytes: answer.body)
        } catch  where error.code == "InvalidRange" {
            // No byte of an empty object can be asked for.
            return Object(version: "empty", size: 0, bytes: [])
        }
    }

    /// The rest of the same version: an object that was replaced meanwhile is an error, and is read anew.
    private func piece(
        of object: Object, _ name: Name, from position: Int, _ client: AWSClient
    ) async throws(AWSError) -> [UInt8] {
        let last = min(position + pieceBytes, object.size) - 1
        let answer = try await client.callS3(
            "GetObject",
            [
                "Bucket": .string(name.bucket), "Key": .string(name.key), "IfMatch": .string(object.version),
                "Range": .string("bytes=\(position)-\(last)"),
            ])
        guard !answer.body.isEmpty else {
            throw AWSError(
                code: "Client.UnreadableAnswer", message: "S3 sent nothing for the rest of \(name.item).", status: nil,
                service: "s3", action: "GetObject")
        }
        return answer.body
    }
}
