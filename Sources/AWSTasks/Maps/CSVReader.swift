import JSONModel

/// Reads comma-separated values (RFC 4180) as they come: quotes, quotes inside quotes, delimiters and line breaks inside
/// quotes; lines end with LF or CR LF; empty lines and a byte order mark are passed over.
struct CSVReader {
    private let bytes: ArraySlice<UInt8>
    private let delimiter: UInt8
    private var position: Int
    private var line = 1

    init(_ bytes: [UInt8], delimiter: UInt8) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        self.delimiter = delimiter
        position = self.bytes.startIndex
    }

    /// The fields of the next row; nil after the last.
    mutating func row() throws(ItemFault) -> [String]? {
        while position < bytes.endIndex, isLineEnd { skipLineEnd() }
        guard position < bytes.endIndex else { return nil }
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard position < bytes.endIndex else { return fields }
            if bytes[position] == delimiter {
                position += 1
                continue
            }
            skipLineEnd()
            return fields
        }
    }

    private mutating func field() throws(ItemFault) -> String {
        guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else { return try plainField([]) }
        let start = line
        position += 1
        var content: [UInt8] = []
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") else {
                    // What follows the closing quote belongs to the field all the same.
                    return try plainField(content)
                }
                position += 1
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            content.append(byte)
        }
        throw ItemFault("The CSV file is not valid: the quote that opens on line \(start) is never closed.")
    }

    /// Up to the next delimiter or line end.
    private mutating func plainField(_ before: [UInt8]) throws(ItemFault) -> String {
        var end = position
        while end < bytes.endIndex, bytes[end] != delimiter, !isLineEnd(at: end) { end += 1 }
        defer { position = end }
        guard let text = String(validating: before + bytes[position..<end], as: UTF8.self) else {
            throw ItemFault("The CSV file is not valid: line \(line) is not UTF-8.")
        }
        return text
    }

    private var isLineEnd: Bool { isLineEnd(at: position) }

    private func isLineEnd(at place: Int) -> Bool {
        bytes[place] == UInt8(ascii: "\n")
            || bytes[place] == UInt8(ascii: "\r") && place + 1 < bytes.endIndex
                && bytes[place + 1] == UInt8(ascii: "\n")
    }

    private mutating func skipLineEnd() {
        position += bytes[position] == UInt8(ascii: "\r") ? 2 : 1
        line += 1
    }
}

/// The rows of a CSV as objects.
enum CSVItems {
    /// - Parameters:
    ///   - headers: nil takes the first row's.
    ///   - most: items at most.
    static func read(
        _ bytes: [UInt8], headers: [String]?, delimiter: UInt8, most: Int
    ) throws(ItemFault) -> [JSONValue] {
        var reader = CSVReader(bytes, delimiter: delimiter)
        let names: [String]
        if let headers {
            names = headers
        } else {
            guard let first = try reader.row() else { return [] }
            names = first
        }
        guard Set(names).count == names.count else { throw ItemFault("CSV headers cannot contain duplicates.") }
        var items: [JSONValue] = []
        while items.count < most, let row = try reader.row() { items.append(item(row, names)) }
        return items
    }

    /// A row that is too short has empty texts at its end; what is too long is dropped.
    private static func item(_ row: [String], _ names: [String]) -> JSONValue {
        var object = JSONObject()
        object.reserveCapacity(names.count)
        for (place, name) in names.enumerated() { object[name] = .string(place < row.count ? row[place] : "") }
        return .object(object)
    }
}
