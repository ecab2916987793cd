extension Library {
    static let encodingFunctions: [NativeFunction] = [
        onText("base64encode") { Base64.encode($0.utf16.map { UInt8(truncatingIfNeeded: $0) }) },
        onText("base64decode") { Base64.text(ofLatin1: Base64.decode($0)) },
        url("encodeUrl") { PercentEncoding.encode($0, keeping: PercentEncoding.url) },
        url("encodeUrlComponent") { PercentEncoding.encode($0, keeping: PercentEncoding.component) },
        url("decodeUrl") { PercentEncoding.decode($0, keeping: PercentEncoding.reserved) },
        url("decodeUrlComponent") { PercentEncoding.decode($0, keeping: []) },
    ]

    private static func url(_ name: String, _ body: @escaping @Sendable (String) -> String?) -> NativeFunction {
        function(name, "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            try evaluator.chargeMemory(text.utf8.count * 3)
            guard let result = body(text) else { throw .make("D3140", about: .string(text), token: name) }
            return .string(result)
        }
    }
}

/// Base 64 (RFC 4648, section 4), lenient when reading.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word = UInt32(bytes[start]) << 16
            if count > 1 { word |= UInt32(bytes[start + 1]) << 8 }
            if count > 2 { word |= UInt32(bytes[start + 2]) }
            for place in 0..<4 {
                let digit = alphabet[Int(word >> UInt32(18 - 6 * place) & 63)]
                result.append(place <= count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Each byte as the character of that number.
    static func text(ofLatin1 bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte < 0x80 {
                result.append(byte)
            } else {
                result.append(0xC0 | byte >> 6)
                result.append(0x80 | byte & 0x3F)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes; what is not a digit is skipped, `-` and `_` count as `+` and `/`.
    static func decode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var (word, bits) = (UInt32(0), 0)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") { break }
            guard let digit = digit(byte) else { continue }
            word = word << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - 71)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte + 4)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

/// Percent-encoding as `encodeURI` and its siblings do it.
enum PercentEncoding {
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()".utf8)
    static let reserved = Set(";/?:@&=+$,#".utf8)
    static let component = unreserved
    static let url = unreserved.union(reserved)

    /// Nil when the text holds U+FFFD: that stands for half of a surrogate pair or for broken bytes, and a URL made of
    /// it would lead somewhere else.
    static func encode(_ text: String, keeping kept: Set<UInt8>) -> String? {
        guard !text.unicodeScalars.contains("\u{FFFD}") else { return nil }
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if kept.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Nil when an escape is not two hexadecimal digits, or the bytes are not UTF-8. Escapes of `kept` stay escaped.
    static func decode(_ text: String, keeping kept: Set<UInt8>) -> String? {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "%") else {
                result.append(bytes[place])
                place += 1
                continue
            }
            guard place + 2 < bytes.count, let high = digit(bytes[place + 1]), let low = digit(bytes[place + 2]) else {
                return nil
            }
            let byte = high << 4 | low
            if kept.contains(byte) { result += bytes[place..<place + 3] } else { result.append(byte) }
            place += 3
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
