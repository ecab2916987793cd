/// A picture for integers, as XPath's `fn:format-integer` has it: `#,##0`, `I`, `a`, `w;o`, …
struct IntegerPicture {
    enum Case {
        case upper
        case lower
        case title
    }

    enum Style {
        case decimal(DecimalPicture)
        case letters
        case roman
        case words
        /// A numbering that is not known; the text is its first item.
        case sequence(String)
    }

    private(set) var style: Style
    private(set) var letterCase = Case.lower
    private(set) var isOrdinal = false

    /// - Throws: `D3131` when digits of several families are mixed.
    init(_ picture: String) throws(JSONataError) {
        var format = picture
        if let semicolon = picture.lastIndex(of: ";") {
            format = String(picture[..<semicolon])
            isOrdinal = picture[picture.index(after: semicolon)...].hasPrefix("o")
        }
        switch format {
        case "A", "a": style = .letters
        case "I", "i": style = .roman
        case "W", "w", "Ww": style = .words
        default:
            style = try DecimalPicture(format).map(Style.decimal) ?? .sequence(format)
            return
        }
        letterCase = format == "Ww" ? .title : format.first?.isUppercase == true ? .upper : .lower
    }

    var decimal: DecimalPicture? {
        get { if case .decimal(let picture) = style { picture } else { nil } }
        set { if let newValue { style = .decimal(newValue) } }
    }

    /// An integer in this picture.
    /// - Throws: `D3130` for a numbering that is not known.
    func format(_ value: Double) throws(JSONataError) -> String {
        let magnitude = abs(value)
        let text: String
        switch style {
        case .decimal(let picture): text = picture.format(magnitude, isOrdinal: isOrdinal)
        case .letters: text = Self.letters(magnitude, first: letterCase == .upper ? "A" : "a")
        case .roman:
            let numeral = RomanNumerals.numeral(magnitude)
            text = letterCase == .upper ? numeral : numeral.lowercased()
        case .words:
            let words = NumberWords.words(magnitude, isOrdinal: isOrdinal)
            switch letterCase {
            case .upper: text = words.uppercased()
            case .lower: text = words.lowercased()
            case .title: text = words
            }
        case .sequence(let token): throw .make("D3130", about: .string(token))
        }
        return value < 0 ? "-" + text : text
    }

    /// `a` … `z`, `aa` … as columns of a spreadsheet.
    private static func letters(_ value: Double, first: Unicode.Scalar) -> String {
        var rest = value
        var result: [UInt8] = []
        while rest > 0, result.count < 300 {
            let digit = (rest - 1).truncatingRemainder(dividingBy: 26)
            result.append(UInt8(first.value) + UInt8(digit))
            rest = ((rest - 1) / 26).rounded(.down)
        }
        return String(decoding: result.reversed(), as: UTF8.self)
    }
}

/// A picture of digits: `0` (or a digit of another family) is mandatory, `#` is optional, anything else separates.
struct DecimalPicture {
    struct Separator {
        /// Digits to its right.
        let position: Int
        let character: Character
    }

    /// The code points of zero in the families of decimal digits.
    private static let zeros: [UInt32] = [
        0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
        0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
        0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    ]

    private(set) var zero: UInt32 = 0x30
    var mandatoryDigits = 0
    private(set) var optionalDigits = 0
    /// Separators from the right.
    private(set) var separators: [Separator] = []
    /// The distance at which one separator repeats; 0 when they are irregular.
    private(set) var interval = 0

    /// Nil when there is no mandatory digit.
    /// - Throws: `D3131` when digits of several families are mixed.
    init?(_ text: String) throws(JSONataError) {
        var family: UInt32?
        var digits = 0
        for scalar in text.unicodeScalars.reversed() {
            if let zero = Self.zeros.first(where: { scalar.value >= $0 && scalar.value <= $0 + 9 }) {
                guard family == nil || family == zero else { throw .make("D3131") }
                family = zero
                mandatoryDigits += 1
                digits += 1
            } else if scalar == "#" {
                optionalDigits += 1
                digits += 1
            } else {
                separators.append(Separator(position: digits, character: Character(scalar)))
            }
        }
        guard let family else { return nil }
        zero = family
        interval = Self.interval(separators.map(\.position), areAlike: Set(separators.map(\.character)).count == 1)
    }

    /// The common distance of positions, when there is one at each of its multiples.
    static func interval(_ positions: [Int], areAlike: Bool = true) -> Int {
        guard areAlike, let first = positions.first else { return 0 }
        let divisor = positions.dropFirst().reduce(first) { greatestCommonDivisor($0, $1) }
        guard divisor > 0, (1...positions.count).allSatisfy({ positions.contains($0 * divisor) }) else { return 0 }
        return divisor
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    func format(_ magnitude: Double, isOrdinal: Bool) -> String {
        var digits = NumberText.shortest(magnitude)
        if digits.count < mandatoryDigits {
            digits = String(repeating: "0", count: mandatoryDigits - digits.count) + digits
        }
        let suffix = isOrdinal ? Self.ordinalSuffix(digits) : ""
        if zero != 0x30 { digits = digits.shiftingDigits(from: 0x30, to: zero) }
        return separated(digits) + suffix
    }

    private func separated(_ digits: String) -> String {
        var result = Array(digits)
        if interval > 0, let character = separators.first?.character {
            for position in stride(from: interval, to: digits.count, by: interval) {
                result.insert(character, at: digits.count - position)
            }
        } else {
            for separator in separators where separator.position < digits.count {
                result.insert(separator.character, at: digits.count - separator.position)
            }
        }
        return String(result)
    }

    private static func ordinalSuffix(_ digits: String) -> String {
        guard !digits.dropLast().hasSuffix("1") else { return "th" }
        return switch digits.last {
        case "1": "st"
        case "2": "nd"
        case "3": "rd"
        default: "th"
        }
    }
}

extension String {
    /// The digits of one family as those of another.
    func shiftingDigits(from: UInt32, to: UInt32) -> String {
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            let isDigit = scalar.value >= from && scalar.value <= from + 9
            result.append(isDigit ? Unicode.Scalar(scalar.value - from + to) ?? scalar : scalar)
        }
        return String(result)
    }
}
