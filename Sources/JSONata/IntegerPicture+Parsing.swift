extension IntegerPicture {
    /// A regular expression for texts in this picture.
    /// - Parameter width: how many digits there are; nil for any number.
    /// - Throws: `D3130` for a numbering that is not known.
    func pattern(width: Int?) throws(JSONataError) -> String {
        switch style {
        case .letters: return letterCase == .upper ? "[A-Z]+" : "[a-z]+"
        case .roman: return letterCase == .upper ? "[MDCLXVI]+" : "[mdclxvi]+"
        case .words: return "(?:" + (NumberWords.values.keys + ["and", "[\\-, ]"]).joined(separator: "|") + ")+"
        case .decimal(let picture):
            var quantifier = "+"
            if let width, width > 0 {
                let optional = picture.optionalDigits
                quantifier = optional == 0 ? "{\(width)}" : "{\(max(0, width - optional)),\(width)}"
            }
            return "[0-9]" + quantifier + (isOrdinal ? "(?:th|st|nd|rd)" : "")
        case .sequence(let token): throw .make("D3130", about: .string(token))
        }
    }

    /// The integer that a text in this picture stands for; nil when it stands for none.
    /// - Throws: `D3130` for a numbering that is not known.
    func parse(_ text: String) throws(JSONataError) -> Double? {
        switch style {
        case .letters:
            let first: UInt32 = letterCase == .upper ? 0x41 : 0x61
            return text.unicodeScalars.reduce(0.0) { $0 * 26 + Double($1.value) - Double(first) + 1 }
        case .roman: return RomanNumerals.parse(letterCase == .upper ? text : text.uppercased())
        case .words: return NumberWords.parse(text)
        case .decimal(let picture): return picture.parse(isOrdinal ? String(text.dropLast(2)) : text)
        case .sequence(let token): throw .make("D3130", about: .string(token))
        }
    }
}

extension DecimalPicture {
    /// The leading digits of a text as a number, separators left out; nil when there are none.
    func parse(_ text: String) -> Double? {
        let separators = Set(self.separators.map(\.character))
        let plain = String(text.filter { !separators.contains($0) }).shiftingDigits(from: zero, to: 0x30)
        let isNegative = plain.hasPrefix("-")
        let digits = plain.dropFirst(isNegative || plain.hasPrefix("+") ? 1 : 0).prefix { "0123456789".contains($0) }
        return Double(digits).map { isNegative ? -$0 : $0 }
    }
}
