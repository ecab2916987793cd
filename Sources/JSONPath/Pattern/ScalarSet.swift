/// A set of characters in a pattern: one element matches one Unicode scalar.
indirect enum ScalarSet: Sendable {
    case one(Unicode.Scalar)
    case range(ClosedRange<Unicode.Scalar>)
    case any
    /// `\d`, `\w`, `\s`: ASCII, or all of Unicode with the flag `U`.
    case digit(isUnicode: Bool)
    case word(isUnicode: Bool)
    case space(isUnicode: Bool)
    case lineTerminator(onlyNewline: Bool)
    case property(ScalarProperty)
    case union([ScalarSet])
    case intersection([ScalarSet])
    case inverted(ScalarSet)
    /// Also the upper- and lower-case forms; of ASCII letters only, unless the flag `u` asks for all.
    case ignoringCase(ScalarSet, isUnicode: Bool)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .one(let only): scalar == only
        case .range(let range): range.contains(scalar)
        case .any: true
        case .digit(let isUnicode): isUnicode ? scalar.properties.numericType == .decimal : scalar.decimalDigit != nil
        case .word(let isUnicode): Self.isWord(scalar, isUnicode)
        case .space(let isUnicode):
            isUnicode ? scalar.properties.isWhitespace : scalar == " " || (9...13).contains(scalar.value)
        case .lineTerminator(let onlyNewline): Self.isLineTerminator(scalar, onlyNewline)
        case .property(let property): property.holds(for: scalar)
        case .union(let sets): sets.contains { $0.contains(scalar) }
        case .intersection(let sets): sets.allSatisfy { $0.contains(scalar) }
        case .inverted(let set): !set.contains(scalar)
        case .ignoringCase(let set, let isUnicode): Self.contains(set, scalar, isUnicode)
        }
    }

    static func isWord(_ scalar: Unicode.Scalar, _ isUnicode: Bool) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: isUnicode && (scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal)
        }
    }

    static func isLineTerminator(_ scalar: Unicode.Scalar, _ onlyNewline: Bool) -> Bool {
        switch scalar {
        case "\n": true
        case "\r", "\u{85}", "\u{2028}", "\u{2029}": !onlyNewline
        default: false
        }
    }

    private static func contains(_ set: ScalarSet, _ scalar: Unicode.Scalar, _ isUnicode: Bool) -> Bool {
        if set.contains(scalar) { return true }
        guard scalar.isASCII || isUnicode else { return false }
        let forms = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
        return forms.contains { form in
            guard let other = form.unicodeScalars.first, form.unicodeScalars.count == 1, other != scalar else {
                return false
            }
            return set.contains(other)
        }
    }
}

/// `\p{...}`: a general category of Unicode, or one of the names that Java gives to ASCII and to Unicode classes.
struct ScalarProperty: Sendable {
    private let test: @Sendable (Unicode.Scalar) -> Bool

    func holds(for scalar: Unicode.Scalar) -> Bool { test(scalar) }

    /// Nil for a name that isn't known.
    init?(named name: String) {
        if let test = Self.classes[name] {
            self.test = test
            return
        }
        let category = name.hasPrefix("Is") ? String(name.dropFirst(2)) : name
        guard Self.categories.contains(where: { $0.hasPrefix(category) }), !category.isEmpty else { return nil }
        test = { Self.code($0.properties.generalCategory).hasPrefix(category) }
    }

    private static let classes: [String: @Sendable (Unicode.Scalar) -> Bool] = [
        "Lower": { ("a"..."z").contains($0) },
        "Upper": { ("A"..."Z").contains($0) },
        "ASCII": { $0.isASCII },
        "Alpha": { isASCIILetter($0) },
        "Digit": { $0.decimalDigit != nil },
        "Alnum": { isASCIILetter($0) || $0.decimalDigit != nil },
        "Punct": { (0x21...0x7E).contains($0.value) && !isASCIILetter($0) && $0.decimalDigit == nil },
        "Graph": { (0x21...0x7E).contains($0.value) },
        "Print": { (0x20...0x7E).contains($0.value) },
        "Blank": { $0 == " " || $0 == "\t" },
        "Cntrl": { $0.value < 0x20 || $0.value == 0x7F },
        "XDigit": { $0.hexadecimalDigit != nil },
        "Space": { $0 == " " || (9...13).contains($0.value) },
        "IsAlphabetic": { $0.properties.isAlphabetic },
        "IsLowercase": { $0.properties.isLowercase },
        "IsUppercase": { $0.properties.isUppercase },
        "IsWhite_Space": { $0.properties.isWhitespace },
        "IsDigit": { $0.properties.generalCategory == .decimalNumber },
    ]

    private static func isASCIILetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static let categories = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    private static func code(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
