/// Rows for spreadsheets, as RFC 4180 has them: fields apart by commas, lines by CR LF.
package enum CSVText {
    /// One line with its end.
    package static func line(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\r\n" }

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
