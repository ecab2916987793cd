import JSONModel

/// The results of one status as files, one after the other, none much longer than a limit.
struct ResultFiles: Sequence, IteratorProtocol {
    enum Format: String, CaseIterable {
        case json = "JSON"
        case jsonLines = "JSONL"

        var fileExtension: String { self == .json ? "json" : "jsonl" }
        var contentType: String { self == .json ? "application/json" : "application/jsonl" }
    }

    private let format: Format
    /// Of a file, in bytes. One result that is longer has a file of its own.
    private let limit: Int
    private var rest: ArraySlice<JSONValue>

    init(_ results: [JSONValue], format: Format, limit: Int) {
        self.format = format
        self.limit = limit
        rest = results[...]
    }

    /// The next file: a JSON array, or a line for each result. Nil after the last.
    mutating func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        var file = format == .json ? Array("[".utf8) : []
        var isFirst = true
        while let result = rest.first {
            let bytes = result.jsonBytes
            // With a comma and a bracket, or a line feed.
            guard isFirst || file.count + bytes.count + 2 <= limit else { break }
            if format == .json, !isFirst { file.append(UInt8(ascii: ",")) }
            file += bytes
            if format == .jsonLines { file.append(0x0A) }
            isFirst = false
            rest = rest.dropFirst()
        }
        if format == .json { file.append(UInt8(ascii: "]")) }
        return file
    }
}
