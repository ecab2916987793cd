import JSONModel

/// Where the next page of a list begins. The text says everything, so that it is as good after a restart as before; it
/// is bound to the list that it was made for.
struct PageToken {
    /// The operation with what it lists.
    let list: String

    /// The token for what follows `position`.
    func text(after position: String) -> String {
        let bytes = JSONValue.array([.string(list), .string(position)]).jsonBytes
        return Self.hexadecimal(bytes)
    }

    /// - Throws: `InvalidToken` when it is not a token of this list.
    func position(in token: String?) throws(WireError) -> String? {
        guard let token else { return nil }
        guard let bytes = Self.bytes(token) else { throw .invalidToken }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw .invalidToken
        }
        guard value[0]?.stringValue == list, let position = value[1]?.stringValue else { throw .invalidToken }
        return position
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let pair = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(pair)
        }
        return bytes
    }
}

extension Array {
    /// The elements after the one whose key is `position`, at most `limit`, and the key of the last when there are more.
    /// - Parameter key: unique, and in the order that `precedes` says.
    func page(
        after position: String?, limit: Int, key: (Element) -> String, precedes: (String, String) -> Bool
    ) -> (elements: [Element], next: String?) {
        let rest = position.map { position in filter { precedes(position, key($0)) } } ?? self
        let page = Swift.Array(rest.prefix(limit))
        return (page, rest.count > page.count ? page.last.map(key) : nil)
    }
}
