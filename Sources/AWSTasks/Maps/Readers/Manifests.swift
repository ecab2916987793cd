import JSONModel

/// Where an object is.
struct ObjectLocation: Equatable, Sendable, CustomStringConvertible {
    var bucket: String
    var key: String

    var description: String { "s3://\(bucket)/\(key)" }
}

/// The manifest of an S3 Inventory report: which files it has and what their columns are (S3, "Amazon S3 Inventory
/// manifest").
struct InventoryManifest: Equatable {
    /// In the order of the columns.
    let columns: [String]
    let files: [ObjectLocation]

    /// - Parameters:
    ///   - json: the manifest.
    ///   - bucket: where it was read, should it not say where its files are.
    init(_ json: JSONValue, readIn bucket: String) throws(ItemFault) {
        guard let format = json["fileFormat"]?.stringValue, let files = json["files"]?.arrayValue else {
            throw .refused("this is no manifest of S3 Inventory: it has no 'fileFormat' or no 'files'.")
        }
        guard format == "CSV" else {
            throw .refused(
                "the inventory's files are \(format), and only CSV can be read. Choose CSV as the inventory's format.")
        }
        columns = (json["fileSchema"]?.stringValue ?? "").split(separator: ",").map { column in
            String(column.drop { $0 == " " })
        }
        guard !columns.isEmpty else { throw .refused("the manifest has no 'fileSchema'.") }
        let named = json["destinationBucket"]?.stringValue?.split(separator: ":").last.map(String.init)
        var locations: [ObjectLocation] = []
        for file in files {
            guard let key = file["key"]?.stringValue else {
                throw .refused("a file of the manifest has no 'key'.")
            }
            locations.append(ObjectLocation(bucket: named ?? bucket, key: key))
        }
        self.files = locations
    }
}

/// The manifest of an Athena query that wrote data: the files' addresses, one a line (Athena, "Identifying query output
/// files").
enum AthenaManifest {
    static func files(_ bytes: [UInt8], limits: ItemLimits = ItemLimits()) throws(ItemFault) -> [ObjectLocation] {
        var reader = try CSVReader(headers: ["location"], recordLimit: limits.recordBytes)
        var lines = ItemCollection(limits: limits)
        try reader.append(bytes[...], to: &lines)
        try reader.finish(&lines)
        var files: [ObjectLocation] = []
        for (index, line) in lines.items.enumerated() {
            guard let text = line["location"]?.stringValue, !text.isEmpty else { continue }
            guard let location = location(text) else {
                throw .malformed(line: index + 1, "'\(text.prefix(100))' is no address such as s3://bucket/key")
            }
            files.append(location)
        }
        return files
    }

    private static func location(_ text: String) -> ObjectLocation? {
        guard text.hasPrefix("s3://") else { return nil }
        let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return ObjectLocation(bucket: String(parts[0]), key: String(parts[1]))
    }
}
