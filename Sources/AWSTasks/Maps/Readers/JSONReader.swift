import JSONModel

/// Reads one JSON document: the elements of an array are the items. With a pointer, the array it leads to, or the
/// members of an object as `{"Key": …, "Value": …}`.
///
/// A JSON document is read as a whole, so it may not be larger than all items together.
struct JSONReader: ItemParser {
    private let pointer: JSONPointer?
    private let limit: Int
    private var document: [UInt8] = []

    init(pointer: JSONPointer? = nil, limit: Int = ItemLimits().itemBytes) {
        self.pointer = pointer
        self.limit = limit
    }

    mutating func append(_ bytes: ArraySlice<UInt8>, to items: inout ItemCollection) throws(ItemFault) {
        guard document.count + bytes.count <= limit else {
            throw .refused(
                "the JSON document is larger than \(byteText(limit)) and would have to be read as a whole. "
                    + "Write it as JSON Lines, with InputType JSONL.")
        }
        document += bytes
    }

    mutating func finish(_ items: inout ItemCollection) throws(ItemFault) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: document, limits: JSONLimits(bytes: limit))
        } catch {
            throw .malformed(line: error.line, "no JSON at column \(error.column): \(error.message)")
        }
        document = []
        for item in try elements(value) {
            if items.isFull { return }
            try items.append(item)
        }
    }

    private func elements(_ value: JSONValue) throws(ItemFault) -> [JSONValue] {
        guard let pointer else {
            guard let elements = value.arrayValue else { throw .notIterable }
            return elements
        }
        switch pointer.value(in: value) {
        case .array(let elements): return elements
        case .object(let object): return object.map { ["Key": .string($0), "Value": $1] }
        case .some: throw .notIterable
        case nil: throw .refused("ItemsPointer '\(pointer.text)' leads to nothing in the document.")
        }
    }
}

/// A JSON Pointer (RFC 6901): names and indexes after slashes, with `~1` for a slash and `~0` for a tilde.
struct JSONPointer: Equatable, Sendable {
    let text: String
    private let tokens: [String]

    /// Nil for a text that is no pointer.
    init?(_ text: String) {
        self.text = text
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for token in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard !token.contains(/~(?![01])/) else { return nil }
            tokens.append(String(token.replacing("~1", with: "/").replacing("~0", with: "~")))
        }
        self.tokens = tokens
    }

    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            let next: JSONValue?
            switch value {
            case .object(let object): next = object[token]
            case .array: next = Self.index(token).flatMap { value[$0] }
            default: next = nil
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// No sign and no leading zeros.
    private static func index(_ token: String) -> Int? {
        guard token == "0" || token.utf8.first != UInt8(ascii: "0"), token.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
            return nil
        }
        return Int(token)
    }
}
