/// The symbols of a number picture; the third argument of `$formatNumber` replaces some.
struct DecimalSymbols {
    var decimalSeparator: Character = "."
    var groupingSeparator: Character = ","
    var exponentSeparator: Character = "e"
    var infinity = "Infinity"
    var minusSign = "-"
    var percent: Character = "%"
    var perMille: Character = "\u{2030}"
    var zeroDigit: Unicode.Scalar = "0"
    var digit: Character = "#"
    var patternSeparator: Character = ";"

    mutating func apply(_ options: ObjectValue) {
        for (key, value) in zip(options.keys, options.values) {
            guard let text = value.text, let first = text.first else { continue }
            switch key {
            case "decimal-separator": decimalSeparator = first
            case "grouping-separator": groupingSeparator = first
            case "exponent-separator": exponentSeparator = first
            case "infinity": infinity = text
            case "minus-sign": minusSign = text
            case "percent": percent = first
            case "per-mille": perMille = first
            case "zero-digit": zeroDigit = text.unicodeScalars.first ?? zeroDigit
            case "digit": digit = first
            case "pattern-separator": patternSeparator = first
            default: break
            }
        }
    }

    func isDecimalDigit(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
        return scalar.value >= zeroDigit.value && scalar.value <= zeroDigit.value + 9
    }

    func isDigitOrPlace(_ character: Character) -> Bool { isDecimalDigit(character) || character == digit }

    func isActive(_ character: Character) -> Bool {
        isDigitOrPlace(character)
            || [decimalSeparator, exponentSeparator, groupingSeparator, patternSeparator].contains(character)
    }
}

/// A picture for numbers, as XPath's `fn:format-number` has it: `#,##0.00;(#,##0.00)`.
struct NumberPicture {
    private let symbols: DecimalSymbols
    private let positive: Subpicture
    private let negative: Subpicture?

    /// - Throws: `D3080` to `D3093` for a picture that breaks a rule.
    init(_ text: String, _ symbols: DecimalSymbols) throws(JSONataError) {
        let parts = text.split(separator: symbols.patternSeparator, omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw .make("D3080") }
        self.symbols = symbols
        positive = try Subpicture(String(parts[0]), symbols)
        negative = parts.count > 1 ? try Subpicture(String(parts[1]), symbols) : nil
    }

    func format(_ value: Double) throws(JSONataError) -> String {
        let isNegative = value < 0
        let picture = isNegative ? negative ?? positive : positive
        let sign = isNegative && negative == nil ? symbols.minusSign : ""
        guard value.isFinite else { return sign + picture.prefix + symbols.infinity + picture.suffix }
        return sign + picture.prefix + picture.digits(of: abs(value), symbols) + picture.suffix
    }
}
