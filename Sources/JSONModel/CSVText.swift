/// Rows for spreadsheets, as RFC 4180 has them: fields apart by commas, lines by CR LF.
package enum CSVText {
    /// One line with its end. No field of it is a formula.
    package static func line(_ fields: [String]) -> String {
        fields.map { quoted(harmless($0)) }.joined(separator: ",") + "\r\n"
    }

    /// A text that spreadsheets would take for a formula, and carry out, gets an apostrophe in front, as OWASP advises
    /// (https://owasp.org/www-community/attacks/CSV_Injection): names in IAM may begin like one. Numbers have none.
    package static func harmless(_ field: String) -> String {
        guard let first = field.utf8.first else { return field }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"): return "'" + field
        case UInt8(ascii: "+"), UInt8(ascii: "-"): return isNumber(field.utf8.dropFirst()) ? field : "'" + field
        default: return field
        }
    }

    /// Digits, a point and a unit: nothing that could be reckoned with.
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        text.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: " ")].contains(byte)
        }
    }

    /// A field that holds what divides fields or lines stands in quotes, with its own quotes doubled.
    package static func quoted(_ field: String) -> String {
        let isPlain = field.utf8.allSatisfy { byte in
            ![UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(byte)
        }
        // A reader may drop the blanks around a field.
        guard !isPlain || field.hasPrefix(" ") || field.hasSuffix(" ") else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
