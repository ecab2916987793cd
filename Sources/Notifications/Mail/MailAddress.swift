/// An address with or without a name, such as `Ana <ana@example.com>`.
///
/// Only what can stand in a header and in an SMTP command as it is gets in: ASCII, one line, no brackets within.
package struct MailAddress: Sendable, Equatable {
    package let name: String?
    package let address: String

    /// - Throws: `DeliveryError` `Mail.BadAddress`, permanent.
    package init(_ text: String) throws(DeliveryError) {
        let trimmed = Self.trimmed(text[...])
        if let open = trimmed.lastIndex(of: "<"), trimmed.hasSuffix(">") {
            var name = Self.trimmed(trimmed[..<open])
            if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
            self.name = name.isEmpty ? nil : String(name)
            address = String(trimmed[trimmed.index(after: open)...].dropLast())
        } else {
            name = nil
            address = String(trimmed)
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = address.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>,;\"()\\".utf8.contains($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain else {
            throw DeliveryError(
                code: "Mail.BadAddress",
                message: "'\(text)' is no mail address; write name@example.com or Name <name@example.com>, "
                    + "and a domain with other letters in its ASCII form",
                isPermanent: true)
        }
    }

    /// What follows the `@`.
    var domain: Substring { address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...] }

    /// As it stands in a header (RFC 5322, section 3.4).
    var header: String {
        guard let name else { return address }
        if !EncodedWords.isPlain(name) { return "\(EncodedWords.encoded(name)) <\(address)>" }
        if name.utf8.allSatisfy({ Self.isAtomText($0) || $0 == 0x20 }) { return "\(name) <\(address)>" }
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(quoted)\" <\(address)>"
    }

    /// What an atom consists of (RFC 5322, section 3.2.3).
    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
