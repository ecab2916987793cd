/// How many columns a text takes in a terminal, by Unicode's East Asian Width (UAX #11) and its emoji (UTS #51).
enum TextWidth {
    static func of(_ text: String) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + of($1) }
    }

    private static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        // A flag, a family or a keycap is one picture, whatever it is made of.
        let isPicture =
            scalars.count > 1 && scalars.contains { $0.properties.isEmojiPresentation || $0 == emojiSelector }
        return isPicture ? 2 : scalars.reduce(0) { $0 + of($1) }
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // The later parts of a Korean syllable stand in its first one's place.
        if (0x1160...0x11FF).contains(scalar.value) { return 0 }
        return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static let emojiSelector: Unicode.Scalar = "\u{FE0F}"

    /// What is wide or full width in EastAsianWidth.txt, with the gaps between its blocks, and is no emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
        0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
}
