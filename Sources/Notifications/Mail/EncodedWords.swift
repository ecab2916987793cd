import Foundation

/// Header text that is not plain ASCII (RFC 2047).
enum EncodedWords {
    /// A line that holds an encoded word has at most 76 characters, `Subject: ` and the word's own frame included.
    private static let bytesPerWord = 39
    /// Longer plain text is encoded too, which folds it: some servers refuse lines beyond 998 characters.
    private static let longestPlain = 200

    /// The text on one line: as it is, or as encoded words, folded.
    static func header(_ text: String) -> String {
        let text = oneLine(text)
        return isPlain(text) ? text : encoded(text)
    }

    /// Whether the text can stand in a header as it is: and is not taken for an encoded word there.
    static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.allSatisfy { (0x20..<0x7F).contains($0) } && bytes.count <= longestPlain && !text.contains("=?")
    }

    /// Words of at most 75 characters, cut between characters (scalars: a base may be far from its last accent).
    static func encoded(_ text: String) -> String {
        var words: [String] = []
        var piece = ""
        for scalar in oneLine(text).unicodeScalars {
            if piece.utf8.count + scalar.utf8.count > bytesPerWord {
                words.append(piece)
                piece = ""
            }
            piece.unicodeScalars.append(scalar)
        }
        words.append(piece)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// A line break in a header would begin another header.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.breaksLines ? " " : $0 }))
    }
}
