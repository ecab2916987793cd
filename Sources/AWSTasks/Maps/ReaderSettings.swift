import JSONModel

/// `ReaderConfig`, as far as reading needs it.
struct ReaderSettings: Sendable, Equatable {
    enum Format: String, Sendable {
        case json = "JSON", jsonLines = "JSONL", csv = "CSV", manifest = "MANIFEST", parquet = "PARQUET"
    }

    enum Manifest: String, Sendable { case inventory = "S3_INVENTORY", athena = "ATHENA_DATA" }

    enum Delimiter: String, Sendable {
        case comma = "COMMA", pipe = "PIPE", semicolon = "SEMICOLON", space = "SPACE", tab = "TAB"

        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .pipe: UInt8(ascii: "|")
            case .semicolon: UInt8(ascii: ";")
            case .space: UInt8(ascii: " ")
            case .tab: UInt8(ascii: "\t")
            }
        }
    }

    /// Bytes that all that is read may have, decompressed: the items are recorded, and in memory while the Map runs.
    static let maximumBytes = 64 << 20

    var format: Format?
    var manifest: Manifest?
    /// Of a CSV; nil takes the first row's.
    var headers: [String]?
    var delimiter = Delimiter.comma
    /// JSON pointer (RFC 6901) to the array in a JSON file.
    var itemsPointer: String?
    /// Nil for no limit.
    var maxItems: Int?
    /// Whether listed objects are loaded and their items joined.
    var loadsObjects = false

    init(_ config: JSONObject) throws(ItemFault) {
        format = try Self.word("InputType", config)
        manifest = try Self.word("ManifestType", config)
        delimiter = try Self.word("CSVDelimiter", config) ?? .comma
        itemsPointer = config["ItemsPointer"]?.stringValue
        loadsObjects = config["Transformation"] == "LOAD_AND_FLATTEN"
        if let most = config["MaxItems"]?.intValue, most > 0 { maxItems = Int(most) }
        if config["CSVHeaderLocation"] == "GIVEN" {
            let headers = (config["CSVHeaders"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard Set(headers).count == headers.count else { throw ItemFault("CSV headers cannot contain duplicates.") }
            self.headers = headers
        }
    }

    private static func word<Word: RawRepresentable<String>>(
        _ name: String, _ config: JSONObject
    ) throws(ItemFault) -> Word? {
        guard let value = config[name] else { return nil }
        guard let word = value.stringValue.flatMap(Word.init(rawValue:)) else {
            throw ItemFault("\(name) has the value \(value.jsonString), which is none that it takes.")
        }
        return word
    }
}
