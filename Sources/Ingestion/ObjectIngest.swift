import AWSClient
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

    /// An object as a listing or a notification names it.
    struct Name: Sendable, Hashable {
        var bucket: String
        var key: String
        /// Nil when nobody said.
        var region: String?

        var item: String { "\(bucket)/\(key)" }
    }

    /// How long a cursor of something that was read is kept unless it is seen again.
    static let memory: Duration = .seconds(30 * 86_400)

    /// Meters the object, unless this version of it was read to its end before.
    /// - Parameter version: its ETag, when the caller knows it: it saves a request.
    /// - Throws: `AWSError`, `CancellationError` when stopping, and what the store throws.
    func ingest(_ name: Name, version known: String? = nil) async throws {
        guard !LogKey.isSkipped(name.key) else { return }
        let cursor = try await desk.cursor(origin.name, name.item)
        if let known, let cursor, try await isRead(cursor, known) { return }
        let client = try name.region.map { region in try self.client.inRegion(region) } ?? self.client
        var object = try await begin(name, client)
        if let cursor, try await isRead(cursor, object.version) { return }
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
        } catch {
            await item.abandon()
            throw error
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
