import JSONModel
import JSONata

// `States.Base64Encode`, `States.Base64Decode` and `States.Hash`.

extension IntrinsicFunction {
    /// The longest text that these functions take, in characters (AWS's limit).
    static let maximumTextLength = 10_000

    func encoded(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        .string(Base64.encode(Array(try short(try arguments.string(0)).utf8)))
    }

    func decoded(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        guard let bytes = Base64.decode(try short(try arguments.string(0))),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw IntrinsicFault("The argument is not the Base64 form of a text in UTF-8") }
        return .string(text)
    }

    /// `States.Hash`: a string is hashed as it is, any other value as JSON.
    func hashed(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let name = try arguments.string(1)
        guard let digest = DigestAlgorithm(rawValue: name) else {
            let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw IntrinsicFault("'\(name)' is not a supported algorithm; these are: \(known)")
        }
        let text = arguments[0].stringValue ?? arguments[0].jsonString
        return .string(digest.hexadecimal(of: Array(try short(text).utf8)))
    }

    private func short(_ text: String) throws(IntrinsicFault) -> String {
        guard text.utf16.count <= Self.maximumTextLength else {
            throw IntrinsicFault("The text is longer than \(Self.maximumTextLength) characters")
        }
        return text
    }
}

/// Base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for a text that is not Base64; missing padding is accepted.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        let body = digits.prefix { $0 != UInt8(ascii: "=") }
        let padding = digits.count - body.count
        guard padding <= 2, digits.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }), body.count % 4 != 1,
            padding == 0 || digits.count % 4 == 0
        else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for digit in body {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 255))
                bits &= (1 << count) - 1
            }
        }
        return bytes
    }
}
