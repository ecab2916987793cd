import AWSClient
import Interpreter
import JSONModel
import WallTime

/// Reads the items of one distributed Map from S3 ("ItemReader (Map)").
struct ItemReading {
    /// Objects whose first pieces are read side by side.
    static let window = 8

    private let objects: ObjectReader
    private let settings: ReaderSettings
    /// Of the service's action, besides bucket and key.
    private let parameters: JSONObject
    private(set) var items: ItemCollection

    init(objects: ObjectReader, settings: ReaderSettings, parameters: JSONObject, limits: ItemLimits) {
        self.objects = objects
        self.settings = settings
        self.parameters = parameters
        var limits = limits
        limits.items = min(limits.items, settings.maximumItems)
        items = ItemCollection(limits: limits)
    }

    // MARK: One object

    /// `s3:getObject`: the items in an object, or in the files that it names.
    mutating func readObject() async throws(TaskFailure) {
        let beginning = try await objects.begin(parameters)
        guard !settings.loadsObjects else {
            throw .itemReader(
                .refused("Transformation LOAD_AND_FLATTEN works with s3:listObjectsV2 only."),
                in: "\(beginning.location)")
        }
        switch settings.manifest {
        case nil: try await parse(beginning, settings.format ?? .json)
        case .inventory: try await readInventory(beginning)
        case .athena: try await readAthena(beginning)
        }
    }

    private mutating func readInventory(_ beginning: ObjectReader.Beginning) async throws(TaskFailure) {
        let bytes = try await whole(beginning)
        let manifest = try Self.checked(beginning) { () throws(ItemFault) in
            let json: JSONValue
            do throws(JSONParseError) { json = try JSONValue(parsing: bytes) } catch {
                throw .malformed(line: error.line, "no JSON at column \(error.column): \(error.message)")
            }
            return try InventoryManifest(json, readIn: beginning.location.bucket)
        }
        let limit = items.limits.recordBytes
        try await readAll(manifest.files) { () throws(ItemFault) in
            try CSVReader(headers: manifest.columns, recordLimit: limit)
        }
    }

    private mutating func readAthena(_ beginning: ObjectReader.Beginning) async throws(TaskFailure) {
        guard let format = settings.format, format != .json else {
            throw .itemReader(
                .refused("ManifestType ATHENA_DATA needs InputType CSV or JSONL, whichever the query wrote."),
                in: "\(beginning.location)")
        }
        let bytes = try await whole(beginning)
        let limits = items.limits
        let files = try Self.checked(beginning) { () throws(ItemFault) in
            try AthenaManifest.files(bytes, limits: ItemLimits(recordBytes: limits.recordBytes))
        }
        try await readAll(files, as: format)
    }

    // MARK: A listing

    /// `s3:listObjectsV2`: the objects that are listed, or the items in them.
    mutating func readListing() async throws(TaskFailure) {
        let bucket = parameters["Bucket"]?.stringValue ?? ""
        let place = "s3://\(bucket)/\(parameters["Prefix"]?.stringValue ?? "")"
        if settings.loadsObjects, settings.format == nil {
            throw .itemReader(
                .refused("Transformation LOAD_AND_FLATTEN needs InputType JSON, JSONL or CSV."), in: place)
        }
        var request = parameters
        while !items.isFull {
            let page = try await self.page(request, place)
            let contents = page["Contents"]?.arrayValue ?? []
            if settings.loadsObjects, let format = settings.format {
                try await readAll(contents.compactMap { Self.location($0, in: bucket) }, as: format)
            } else {
                try Self.checked(place) { () throws(ItemFault) in
                    for object in contents { try items.append(Self.item(object)) }
                }
            }
            guard page["IsTruncated"] == true, let next = page["NextContinuationToken"], next != "" else { return }
            guard next != request["ContinuationToken"] else {
                throw .itemReader(.refused("the listing does not end: its token repeats itself."), in: place)
            }
            request["ContinuationToken"] = next
        }
    }

    private func page(_ request: JSONObject, _ place: String) async throws(TaskFailure) -> JSONObject {
        do {
            return try await objects.client.callS3("ListObjectsV2", request).members
        } catch {
            throw .itemReader(error, "listing \(place)")
        }
    }

    /// Consoles make folders of empty objects; they hold no items.
    private static func location(_ object: JSONValue, in bucket: String) -> ObjectLocation? {
        guard let key = object["Key"]?.stringValue, !key.hasSuffix("/") || object["Size"] != 0 else { return nil }
        return ObjectLocation(bucket: bucket, key: key)
    }

    /// An object of the listing as AWS gives it to an iteration.
    private static func item(_ object: JSONValue) -> JSONValue {
        var item = JSONObject()
        item["Etag"] = object["ETag"]
        item["Key"] = object["Key"]
        item["LastModified"] = object["LastModified"]?.stringValue.flatMap(Instant.init(iso8601:)).map {
            .int($0.milliseconds / 1000)
        }
        item["Size"] = object["Size"]
        item["StorageClass"] = object["StorageClass"]
        return .object(item)
    }

    // MARK: Documents

    private mutating func readAll(
        _ files: [ObjectLocation], as format: ReaderSettings.Format
    ) async throws(TaskFailure) {
        let (settings, limits) = (settings, items.limits)
        try await readAll(files) { () throws(ItemFault) in try settings.parser(of: format, limits: limits) }
    }

    /// Appends the items of one file after the other, each with a parser of its own.
    private mutating func readAll(
        _ files: [ObjectLocation], _ parser: () throws(ItemFault) -> any ItemParser
    ) async throws(TaskFailure) {
        for start in stride(from: 0, to: files.count, by: Self.window) {
            let requests = files[start..<min(start + Self.window, files.count)].map(request)
            for beginning in try await objects.begin(requests) {
                if items.isFull { return }
                try await parse(beginning, try Self.checked(beginning, parser))
            }
        }
    }

    /// Who pays and who owns, and the key by which it is encrypted, hold for every object.
    private func request(_ location: ObjectLocation) -> JSONObject {
        var request: JSONObject = ["Bucket": .string(location.bucket), "Key": .string(location.key)]
        for name in [
            "ExpectedBucketOwner", "RequestPayer", "SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5",
        ] { request[name] = parameters[name] }
        return request
    }

    private mutating func parse(
        _ beginning: ObjectReader.Beginning, _ format: ReaderSettings.Format
    ) async throws(TaskFailure) {
        let (settings, limits) = (settings, items.limits)
        let parser = try Self.checked(beginning) { () throws(ItemFault) in
            try settings.parser(of: format, limits: limits)
        }
        try await parse(beginning, parser)
    }

    private mutating func parse(
        _ beginning: ObjectReader.Beginning, _ parser: any ItemParser
    ) async throws(TaskFailure) {
        var parser = parser
        // Moved out and back: a copy would be made whole at the first append.
        var items = ItemCollection(limits: items.limits)
        swap(&items, &self.items)
        try await read(beginning) { text throws(ItemFault) in
            try items.count(read: text.count)
            try parser.append(text, to: &items)
            return !items.isFull
        }
        try Self.checked(beginning) { () throws(ItemFault) in try parser.finish(&items) }
        self.items = items
    }

    /// A document that has to be read as a whole.
    private func whole(_ beginning: ObjectReader.Beginning) async throws(TaskFailure) -> [UInt8] {
        let limit = items.limits.itemBytes
        var document: [UInt8] = []
        try await read(beginning) { text throws(ItemFault) in
            guard document.count + text.count <= limit else {
                throw .refused("the manifest is larger than \(byteText(limit)).")
            }
            document += text
            return true
        }
        return document
    }

    /// Gives the object's text to `take`, until that wants no more.
    private func read(
        _ beginning: ObjectReader.Beginning, _ take: (ArraySlice<UInt8>) throws(ItemFault) -> Bool
    ) async throws(TaskFailure) {
        var stream = TextStream()
        var (bytes, offset, goesOn) = (beginning.bytes, beginning.bytes.count, true)
        while true {
            try Self.checked(beginning) { () throws(ItemFault) in
                try stream.append(bytes) { text throws(ItemFault) in
                    goesOn = try take(text)
                    return goesOn
                }
            }
            guard goesOn else { return }
            guard offset < beginning.size else { break }
            bytes = try await objects.piece(of: beginning, from: offset)
            offset += bytes.count
        }
        try Self.checked(beginning) { () throws(ItemFault) in try stream.finish(take) }
    }

    private static func checked<Value>(
        _ beginning: ObjectReader.Beginning, _ body: () throws(ItemFault) -> Value
    ) throws(TaskFailure) -> Value {
        try checked("\(beginning.location)", body)
    }

    private static func checked<Value>(
        _ document: String, _ body: () throws(ItemFault) -> Value
    ) throws(TaskFailure) -> Value {
        do { return try body() } catch { throw .itemReader(error, in: document) }
    }
}
