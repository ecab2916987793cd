import JSONModel

/// `ReaderConfig` of a distributed Map, checked ("ItemReader (Map)", "ReaderConfig").
struct ReaderSettings: Sendable {
    enum Format: String, CaseIterable { case json = "JSON", jsonLines = "JSONL", csv = "CSV" }

    enum Manifest: String, CaseIterable { case inventory = "S3_INVENTORY", athena = "ATHENA_DATA" }

    private enum HeaderLocation: String, CaseIterable { case firstRow = "FIRST_ROW", given = "GIVEN" }

    private enum Transformation: String, CaseIterable { case none = "NONE", loadAndFlatten = "LOAD_AND_FLATTEN" }

    private enum Delimiter: String, CaseIterable {
        case comma = "COMMA"
        case pipe = "PIPE"
        case semicolon = "SEMICOLON"
        case space = "SPACE"
        case tab = "TAB"

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

    /// Nil where the configuration does not say.
    let format: Format?
    /// Set when the object names the files that hold the items.
    let manifest: Manifest?
    /// Whether the objects of a listing are read, rather than listed.
    let loadsObjects: Bool
    let maximumItems: Int
    private let delimiter: UInt8
    /// Nil when they are in each document's first record.
    private let headers: [String]?
    private let pointer: JSONPointer?

    init(_ config: JSONValue) throws(ItemFault) {
        let type = config["InputType"]?.stringValue
        guard type != "PARQUET" else {
            throw .refused(
                "InputType PARQUET is not supported. Write the data as JSONL or CSV, for example with Athena.")
        }
        let isManifest = type == "MANIFEST"
        format = isManifest ? nil : try Self.word("InputType", config)
        let named: Manifest? = try Self.word("ManifestType", config)
        manifest = named ?? (isManifest ? .inventory : nil)
        loadsObjects = try Self.word("Transformation", config) == Transformation.loadAndFlatten
        maximumItems = try Self.maximumItems(config["MaxItems"])
        let delimiter: Delimiter? = try Self.word("CSVDelimiter", config)
        self.delimiter = (delimiter ?? .comma).byte
        headers =
            try Self.word("CSVHeaderLocation", config) == HeaderLocation.given ? try Self.headers(config) : nil
        pointer = try Self.pointer(config["ItemsPointer"])
        guard pointer == nil || format == .json || type == nil else {
            throw .refused("ItemsPointer works with InputType JSON only.")
        }
    }

    /// A reader of one document.
    func parser(of format: Format, limits: ItemLimits) throws(ItemFault) -> any ItemParser {
        switch format {
        case .json: JSONReader(pointer: pointer, limit: limits.itemBytes)
        case .jsonLines: JSONLinesReader(recordLimit: limits.recordBytes)
        case .csv: try CSVReader(headers: headers, delimiter: delimiter, recordLimit: limits.recordBytes)
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ config: JSONValue
    ) throws(ItemFault) -> Word? {
        guard let value = config[name], !value.isNull else { return nil }
        guard let text = value.stringValue, let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw .refused("\(name) is \(value.jsonString.prefix(100)), and may be \(known).")
        }
        return word
    }

    /// Nought is no limit.
    private static func maximumItems(_ value: JSONValue?) throws(ItemFault) -> Int {
        guard let value, !value.isNull else { return ItemLimits.mostItems }
        guard let number = value.intValue ?? value.stringValue.flatMap(Int64.init), number >= 0 else {
            throw .verbatim("field MaxItems must be positive")
        }
        return number == 0 ? ItemLimits.mostItems : Int(min(number, Int64(ItemLimits.mostItems)))
    }

    private static func headers(_ config: JSONValue) throws(ItemFault) -> [String] {
        let headers = config["CSVHeaders"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !headers.isEmpty, headers.count == config["CSVHeaders"]?.arrayValue?.count else {
            throw .refused("CSVHeaderLocation GIVEN needs CSVHeaders, a list of texts.")
        }
        return headers
    }

    private static func pointer(_ value: JSONValue?) throws(ItemFault) -> JSONPointer? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.stringValue, let pointer = JSONPointer(text) else {
            throw .refused(
                "ItemsPointer is \(value.jsonString.prefix(100)), which is no JSON Pointer such as /data/items.")
        }
        return pointer
    }
}
