import JSONModel

/// Reads JSON Lines: a JSON value a line is an item each. Lines of blanks are passed over.
struct JSONLinesReader: ItemParser {
    private let recordLimit: Int
    private var line: [UInt8] = []
    private var number = 1

    /// - Parameter recordLimit: the most bytes of a line.
    init(recordLimit: Int = ItemLimits().recordBytes) { self.recordLimit = recordLimit }

    mutating func append(_ bytes: ArraySlice<UInt8>, to items: inout ItemCollection) throws(ItemFault) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            if items.isFull { return }
            try extend(rest[..<end])
            try endLine(&items)
            number += 1
            rest = rest[(end + 1)...]
        }
        try extend(rest)
    }

    mutating func finish(_ items: inout ItemCollection) throws(ItemFault) {
        if !items.isFull { try endLine(&items) }
    }

    private mutating func extend(_ bytes: ArraySlice<UInt8>) throws(ItemFault) {
        guard line.count + bytes.count <= recordLimit else {
            throw .malformed(line: number, "the line is longer than \(byteText(recordLimit))")
        }
        line += bytes
    }

    private mutating func endLine(_ items: inout ItemCollection) throws(ItemFault) {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        let item: JSONValue
        do { item = try JSONValue(parsing: line) } catch {
            throw .malformed(line: number, "no JSON at column \(error.column): \(error.message)")
        }
        try items.append(item)
    }
}
