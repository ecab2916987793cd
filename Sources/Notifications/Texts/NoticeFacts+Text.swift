/// Texts from elsewhere, made safe to stand in a sentence or a command.
extension NoticeFacts {
    /// Control characters, line breaks included, would let a name pretend to be more than a name.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.breaksLines ? " " : $0 }))
    }

    /// A name as it may be pasted into a shell.
    static func shellWord(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "_+=,.@/:-".utf8.contains(byte)
            }
        }
        guard !plain || text.isEmpty || text.hasPrefix("-") else { return text }
        return "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

extension Unicode.Scalar {
    /// A control character, or one that some reader takes for the end of a line.
    var breaksLines: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }
}
