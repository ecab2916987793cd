import AWSClient
import Gzip
import Interpreter
import JSONModel
import WallTime

/// Reads the items of one Map.
struct S3ItemReader {
    let client: AWSClient
    /// The request's members: bucket, key or prefix, and what else S3 takes.
    let request: JSONObject
    let settings: ReaderSettings

    private var most: Int { settings.maxItems ?? .max }

    // MARK: getObject

    /// The items in one object, or in the objects that it lists.
    func read() async throws(TaskFailure) -> [JSONValue] {
        var room = ReaderSettings.maximumBytes
        let object = try await object(request, room: &room)
        do throws(ItemFault) {
            guard settings.format == .manifest || settings.manifest != nil else {
                return try settings.items(in: object, most: most)
            }
            let manifest: ItemManifest
            var settings = settings
            if settings.manifest == .athena {
                manifest = try ItemManifest(athena: object)
            } else {
                manifest = try ItemManifest(inventory: object)
                settings.format = .csv
                settings.headers = manifest.columns
            }
            return try await items(of: manifest.files, settings, room: &room)
        } catch {
            throw error.failure
        }
    }

    private func items(
        of files: [ItemManifest.File], _ settings: ReaderSettings, room: inout Int
    ) async throws(ItemFault) -> [JSONValue] {
        var items: [JSONValue] = []
        for file in files where items.count < most {
            let bytes: [UInt8]
            do throws(TaskFailure) {
                bytes = try await object(["Bucket": .string(file.bucket), "Key": .string(file.key)], room: &room)
            } catch { throw ItemFault("s3://\(file.bucket)/\(file.key): \(error.cause)") }
            items += try settings.items(in: bytes, most: most - items.count)
        }
        return items
    }

    /// An object's bytes, decompressed when they are gzip.
    private func object(_ request: JSONObject, room: inout Int) async throws(TaskFailure) -> [UInt8] {
        do throws(AWSError) {
            var bytes = try await client.callS3("GetObject", request).body
            do throws(GzipError) {
                if GzipStream.isGzip(bytes[...]) { bytes = try Self.decompressed(bytes, room: room) }
            } catch { throw AWSError.unreadable("\(error)") }
            room -= bytes.count
            guard room >= 0 else { throw AWSError.unreadable("") }
            return bytes
        } catch {
            guard room >= 0 else {
                throw ItemFault(
                    "The items take more than \(ReaderSettings.maximumBytes >> 20) MiB. Split the file, or set MaxItems."
                )
                .failure
            }
            throw ItemFault(error.status == nil ? error.message : TaskFailure.cause(s3: error)).failure
        }
    }

    private static func decompressed(_ bytes: [UInt8], room: Int) throws(GzipError) -> [UInt8] {
        let stream = try GzipStream()
        var plain: [UInt8] = []
        try stream.decompress(bytes[...]) { part throws(GzipError) in
            plain += part
            if plain.count > room { throw .tooLarge(limit: room) }
        }
        guard stream.isAtMemberEnd else { throw .truncated }
        return plain
    }

    // MARK: listObjectsV2

    /// What S3 lists, page after page; or what is in the objects that it lists.
    func listed() async throws(TaskFailure) -> [JSONValue] {
        let objects = try await list()
        guard settings.loadsObjects else { return objects.map(Self.described) }
        let bucket = request["Bucket"]?.stringValue ?? ""
        let files = objects.compactMap { $0["Key"]?.stringValue }.map { ItemManifest.File(bucket: bucket, key: $0) }
        var room = ReaderSettings.maximumBytes
        do throws(ItemFault) { return try await items(of: files, settings, room: &room) } catch { throw error.failure }
    }

    private func list() async throws(TaskFailure) -> [JSONValue] {
        var request = request
        var objects: [JSONValue] = []
        // Where the objects themselves are loaded, the limit is on the items in them.
        let most = settings.loadsObjects ? Int.max : most
        while objects.count < most {
            let page: JSONObject
            do throws(AWSError) { page = try await client.callS3("ListObjectsV2", request).members } catch {
                throw ItemFault(TaskFailure.cause(s3: error)).failure
            }
            objects += page["Contents"]?.arrayValue ?? []
            guard page["IsTruncated"] == true, let next = page["NextContinuationToken"],
                next != request["ContinuationToken"]
            else { break }
            request["ContinuationToken"] = next
        }
        return Array(objects.prefix(most))
    }

    /// An object as AWS gives it to an iteration.
    private static func described(_ object: JSONValue) -> JSONValue {
        let modified = object["LastModified"]?.stringValue.flatMap(Instant.init(iso8601:))
        return [
            "Etag": object["ETag"] ?? .null, "Key": object["Key"] ?? .null,
            "LastModified": modified.map { .int($0.milliseconds / 1000) } ?? .null,
            "Size": object["Size"] ?? .int(0), "StorageClass": object["StorageClass"] ?? "STANDARD",
        ]
    }
}

extension AWSError {
    fileprivate static func unreadable(_ message: String) -> AWSError {
        AWSError(code: "Client.UnreadableAnswer", message: message, status: nil, service: "s3", action: "GetObject")
    }
}
