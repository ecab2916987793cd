import JSONModel

/// Which objects hold the items: an S3 inventory's `manifest.json`, or Athena's list of objects.
struct ItemManifest: Equatable {
    struct File: Equatable {
        let bucket: String
        let key: String
    }

    let files: [File]
    /// The columns of an inventory's files, which have no headers of their own.
    let columns: [String]?

    /// - Throws: for inventories in formats other than CSV, too.
    init(inventory bytes: [UInt8]) throws(ItemFault) {
        let manifest: JSONValue
        do { manifest = try JSONValue(parsing: bytes) } catch {
            throw ItemFault("The manifest is not JSON: \(error)")
        }
        guard let bucket = manifest["destinationBucket"]?.stringValue?.split(separator: ":").last.map(String.init),
            let schema = manifest["fileSchema"]?.stringValue, let files = manifest["files"]?.arrayValue
        else { throw ItemFault("The manifest lacks destinationBucket, fileSchema or files: it is no S3 inventory's.") }
        guard manifest["fileFormat"] == "CSV" else {
            throw ItemFault(
                "The inventory has the format \((manifest["fileFormat"] ?? .null).jsonString), and Steward reads CSV only. "
                    + "Set the inventory's output format to CSV.")
        }
        columns = schema.split(separator: ",").map { $0.trimmed }
        self.files = files.compactMap { $0["key"]?.stringValue }.map { File(bucket: bucket, key: $0) }
    }

    /// Athena's `…-manifest.csv`: an S3 URI on each line.
    init(athena bytes: [UInt8]) throws(ItemFault) {
        var files: [File] = []
        for (number, line) in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix("s3://"), let slash = text.dropFirst(5).firstIndex(of: "/") else {
                throw ItemFault("Line \(number + 1) of the manifest is no S3 URI: '\(text.prefix(80))'.")
            }
            files.append(File(bucket: String(text.dropFirst(5)[..<slash]), key: String(text[slash...].dropFirst())))
        }
        self.files = files
        columns = nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
