/// Percent-encoding as Signature Version 4 wants it: everything but the unreserved characters of RFC 3986, in upper
/// case. Also right for forms (`application/x-www-form-urlencoded`), where a space may be `%20`.
package func percentEncoded(_ text: String, keepingSlashes: Bool = false) -> String {
    percentEncoded(bytes: text.utf8, keepingSlashes: keepingSlashes)
}

func percentEncoded(bytes: some Collection<UInt8>, keepingSlashes: Bool = false) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 16)
    for byte in bytes {
        if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
            result.append(byte)
        } else {
            appendEscape(of: byte, to: &result)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// Undoes percent-encoding; a plus sign stays one. A percent sign that begins no escape is kept. Nil when the bytes are
/// not UTF-8.
package func percentDecoded(_ text: some StringProtocol) -> String? {
    String(validating: percentDecodedBytes(text), as: UTF8.self)
}

func percentDecodedBytes(_ text: some StringProtocol) -> [UInt8] {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
        if let byte = escapedByte(bytes, at: position) {
            result.append(byte)
            position += 3
        } else {
            result.append(bytes[position])
            position += 1
        }
    }
    return result
}

/// A URL in visible ASCII: whatever else it holds is percent-encoded, and nothing else changed.
func asciiURL(_ url: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(url.utf8.count)
    for byte in url.utf8 {
        if byte > 0x20, byte < 0x7F { result.append(byte) } else { appendEscape(of: byte, to: &result) }
    }
    return String(decoding: result, as: UTF8.self)
}

/// A path that may go on the wire: what is encoded stays so, and what no URL may hold is encoded.
func wirePath(_ path: String) -> String {
    let bytes = Array(path.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for (position, byte) in bytes.enumerated() {
        let isEscape = byte == UInt8(ascii: "%") && escapedByte(bytes, at: position) != nil
        if isUnreserved(byte) || isEscape || "/!$&'()*+,;=:@".utf8.contains(byte) {
            result.append(byte)
        } else {
            appendEscape(of: byte, to: &result)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

private func appendEscape(of byte: UInt8, to result: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}

private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

private func escapedByte(_ bytes: [UInt8], at position: Int) -> UInt8? {
    guard bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
        let high = hexadecimalValue(bytes[position + 1]), let low = hexadecimalValue(bytes[position + 2])
    else { return nil }
    return high << 4 | low
}

private func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
