import JSONModel

/// Reads CSV as AWS Step Functions does ("ItemReader (Map)", "CSV file in an S3 bucket"): every record an object of
/// texts under the headers.
///
/// Fields may stand in double quotes, and hold delimiters, line breaks and doubled quotes there. A backslash goes before
/// a backslash, a quote or the delimiter; before anything else it is dropped. Missing fields are empty, surplus ones are
/// dropped, and an empty line is a record of one empty field. A quote inside an unquoted field is a character.
struct CSVReader: ItemParser {
    /// The longest header record, in bytes (AWS's limit).
    static let maximumHeaderBytes = 10 << 10

    private enum Place {
        case fieldStart
        case plain
        case quoted
        /// After a quote in a quoted field: its end, or the first half of a quote that is doubled.
        case afterQuote
    }

    private let delimiter: UInt8
    private let recordLimit: Int
    /// Nil until the first record was read, where that holds them.
    private var headers: [String]?
    private var place = Place.fieldStart
    private var isEscaped = false
    /// A line feed here belongs to the line break before it.
    private var followsCarriageReturn = false
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var recordBytes = 0
    private var line = 1
    /// Where the quoted field began.
    private var quoteLine = 1

    /// - Parameters:
    ///   - headers: nil when the first record holds them.
    ///   - recordLimit: the most bytes of a record.
    /// - Throws: for headers that are the same.
    init(
        headers: [String]?, delimiter: UInt8 = UInt8(ascii: ","), recordLimit: Int = ItemLimits().recordBytes
    ) throws(ItemFault) {
        self.delimiter = delimiter
        self.recordLimit = recordLimit
        self.headers = headers
        try Self.check(headers ?? [])
    }

    mutating func append(_ bytes: ArraySlice<UInt8>, to items: inout ItemCollection) throws(ItemFault) {
        for byte in bytes {
            if items.isFull { return }
            try take(byte, &items)
        }
    }

    mutating func finish(_ items: inout ItemCollection) throws(ItemFault) {
        guard !items.isFull else { return }
        guard place != .quoted else { throw .malformed(line: quoteLine, "a quoted field begins here and does not end") }
        if recordBytes > 0 { try endRecord(&items) }
    }

    private mutating func take(_ byte: UInt8, _ items: inout ItemCollection) throws(ItemFault) {
        if followsCarriageReturn {
            followsCarriageReturn = false
            if byte == Self.lineFeed { return }
        }
        recordBytes += 1
        guard recordBytes <= recordLimit else {
            throw .malformed(line: line, "the record is longer than \(byteText(recordLimit))")
        }
        if isEscaped {
            isEscaped = false
            if byte == Self.backslash || byte == Self.quote || byte == delimiter { return field.append(byte) }
        }
        switch place {
        case .quoted: takeQuoted(byte)
        case .afterQuote where byte == Self.quote:
            field.append(byte)
            place = .quoted
        case .fieldStart where byte == Self.quote:
            quoteLine = line
            place = .quoted
        case .fieldStart, .plain, .afterQuote: try takePlain(byte, &items)
        }
    }

    private mutating func takeQuoted(_ byte: UInt8) {
        switch byte {
        case Self.quote: place = .afterQuote
        case Self.backslash: isEscaped = true
        default:
            if byte == Self.lineFeed { line += 1 }
            field.append(byte)
        }
    }

    private mutating func takePlain(_ byte: UInt8, _ items: inout ItemCollection) throws(ItemFault) {
        switch byte {
        case delimiter: try endField()
        case Self.lineFeed: try endRecord(&items)
        case Self.carriageReturn:
            try endRecord(&items)
            followsCarriageReturn = true
        case Self.backslash:
            isEscaped = true
            place = .plain
        default:
            field.append(byte)
            place = .plain
        }
    }

    private mutating func endField() throws(ItemFault) {
        // What has no header is dropped.
        if fields.count < headers?.count ?? .max {
            guard let text = String(validating: field, as: UTF8.self) else {
                throw .malformed(line: line, "field \(fields.count + 1) is not UTF-8")
            }
            fields.append(text)
        }
        field.removeAll(keepingCapacity: true)
        place = .fieldStart
    }

    private mutating func endRecord(_ items: inout ItemCollection) throws(ItemFault) {
        try endField()
        if let headers {
            let missing = repeatElement("", count: headers.count - fields.count)
            try items.append(.object(JSONObject(zip(headers, (fields + missing).lazy.map(JSONValue.string)))))
        } else {
            guard recordBytes <= Self.maximumHeaderBytes else {
                throw .malformed(line: line, "the headers are longer than \(Self.maximumHeaderBytes >> 10) KiB")
            }
            try Self.check(fields)
            headers = fields
        }
        fields.removeAll(keepingCapacity: true)
        recordBytes = 0
        line += 1
    }

    private static func check(_ headers: [String]) throws(ItemFault) {
        guard Set(headers.map { Array($0.utf8) }).count == headers.count else { throw .duplicateHeaders }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D
}
