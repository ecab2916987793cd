import Glibc

/// One half of a number picture, for positive or for negative numbers.
struct Subpicture {
    let prefix: String
    let suffix: String
    private let text: [Character]
    private let integer: [Character]
    private let fraction: [Character]
    private let exponent: [Character]?
    private let layout: Layout

    /// The numbers that the picture comes down to.
    private struct Layout {
        var integerSeparators: [Int] = []
        var interval = 0
        var fractionSeparators: [Int] = []
        var leastInteger = 0
        var scale = 0
        var leastFraction = 0
        var mostFraction = 0
        var leastExponent = 0
    }

    init(_ picture: String, _ symbols: DecimalSymbols) throws(JSONataError) {
        text = Array(picture)
        func bounds(_ character: Character) -> Bool {
            symbols.isActive(character) && character != symbols.exponentSeparator
        }
        guard let first = text.firstIndex(where: bounds), let last = text.lastIndex(where: bounds) else {
            throw .make("D3086")
        }
        prefix = String(text[..<first])
        suffix = String(text[(last + 1)...])
        let active = Array(text[first...last])
        var mantissa = active
        if let place = active.firstIndex(of: symbols.exponentSeparator) {
            mantissa = Array(active[..<place])
            exponent = Array(active[(place + 1)...])
        } else {
            // Right behind the digits it announces an exponent that is missing.
            exponent = suffix.first == symbols.exponentSeparator ? [] : nil
        }
        if let place = mantissa.firstIndex(of: symbols.decimalSeparator) {
            integer = Array(mantissa[..<place])
            fraction = Array(mantissa[(place + 1)...])
        } else {
            integer = mantissa
            fraction = []
        }
        layout = Self.layout(integer, fraction, exponent, symbols)
        if let code = fault(active: active, mantissa: mantissa, symbols) { throw .make(code) }
    }

    // MARK: - Rules

    /// The code of the last rule that the picture breaks, as the reference reports it.
    private func fault(active: [Character], mantissa: [Character], _ symbols: DecimalSymbols) -> String? {
        func count(_ character: Character) -> Int { text.count { $0 == character } }
        let separator = symbols.groupingSeparator
        var code: String?
        if count(symbols.decimalSeparator) > 1 { code = "D3081" }
        if count(symbols.percent) > 1 { code = "D3082" }
        if count(symbols.perMille) > 1 { code = "D3083" }
        if count(symbols.percent) > 0, count(symbols.perMille) > 0 { code = "D3084" }
        if !mantissa.contains(where: symbols.isDigitOrPlace) { code = "D3085" }
        if !active.allSatisfy(symbols.isActive) { code = "D3086" }
        if let place = text.firstIndex(of: symbols.decimalSeparator) {
            let neighbours = [place - 1, place + 1].filter(text.indices.contains).map { text[$0] }
            if neighbours.contains(separator) { code = "D3087" }
        } else if integer.last == separator {
            code = "D3088"
        }
        if zip(text, text.dropFirst()).contains(where: { $0 == separator && $1 == separator }) { code = "D3089" }
        if let place = integer.firstIndex(of: symbols.digit), integer[..<place].contains(where: symbols.isDecimalDigit)
        {
            code = "D3090"
        }
        if let place = fraction.lastIndex(of: symbols.digit), fraction[place...].contains(where: symbols.isDecimalDigit)
        {
            code = "D3091"
        }
        guard let exponent else { return code }
        if !exponent.isEmpty, count(symbols.percent) + count(symbols.perMille) > 0 { code = "D3092" }
        if exponent.isEmpty || !exponent.allSatisfy(symbols.isDecimalDigit) { code = "D3093" }
        return code
    }

    private static func layout(
        _ integer: [Character], _ fraction: [Character], _ exponent: [Character]?, _ symbols: DecimalSymbols
    ) -> Layout {
        var layout = Layout()
        let separator = symbols.groupingSeparator
        for place in integer.indices where integer[place] == separator {
            layout.integerSeparators.append(integer[place...].count(where: symbols.isDigitOrPlace))
        }
        layout.interval = DecimalPicture.interval(layout.integerSeparators)
        for place in fraction.indices where fraction[place] == separator {
            layout.fractionSeparators.append(fraction[..<place].count(where: symbols.isDigitOrPlace))
        }
        layout.leastInteger = integer.count(where: symbols.isDecimalDigit)
        layout.scale = layout.leastInteger
        layout.leastFraction = fraction.count(where: symbols.isDecimalDigit)
        layout.mostFraction = fraction.count(where: symbols.isDigitOrPlace)
        if layout.leastInteger == 0, layout.mostFraction == 0 {
            if exponent != nil {
                layout.leastFraction = 1
                layout.mostFraction = 1
            } else {
                layout.leastInteger = 1
            }
        }
        if exponent != nil, layout.leastInteger == 0, integer.contains(symbols.digit) { layout.leastInteger = 1 }
        if layout.leastInteger == 0, layout.leastFraction == 0 { layout.leastFraction = 1 }
        layout.leastExponent = exponent?.count(where: symbols.isDecimalDigit) ?? 0
        return layout
    }

    // MARK: - Formatting

    /// The digits of a magnitude, without prefix and suffix.
    func digits(of magnitude: Double, _ symbols: DecimalSymbols) -> String {
        var value = magnitude
        if text.contains(symbols.percent) { value *= 100 } else if text.contains(symbols.perMille) { value *= 1000 }
        var power = 0
        if layout.leastExponent > 0 { (value, power) = scaled(value) }
        let rounded = Library.round(value, precision: Double(layout.mostFraction))
        let parts = NumberText.fixed(rounded, decimals: layout.mostFraction).split(separator: ".", maxSplits: 1)
        var whole = Array(parts[0].drop { $0 == "0" })
        whole = Array(repeating: "0", count: max(0, layout.leastInteger - whole.count)) + whole
        var decimals = parts.count > 1 ? Array(parts[1]) : []
        while decimals.last == "0" { decimals.removeLast() }
        decimals += Array(repeating: "0", count: max(0, layout.leastFraction - decimals.count))
        var result = localized(separatedInteger(whole, symbols), symbols)
        if !decimals.isEmpty, text.contains(symbols.decimalSeparator) {
            result += String(symbols.decimalSeparator) + localized(separatedFraction(decimals, symbols), symbols)
        }
        return exponent == nil ? result : result + exponentText(power, symbols)
    }

    /// The mantissa with as many integer digits as the picture has, and the power of ten taken out.
    private func scaled(_ value: Double) -> (Double, Int) {
        guard value > 0 else { return (value, 0) }
        let (most, least) = (pow(10, Double(layout.scale)), pow(10, Double(layout.scale - 1)))
        var (mantissa, power) = (value, 0)
        while mantissa < least {
            mantissa *= 10
            power -= 1
        }
        while mantissa > most {
            mantissa /= 10
            power += 1
        }
        return (mantissa, power)
    }

    private func exponentText(_ power: Int, _ symbols: DecimalSymbols) -> String {
        let digits = String(abs(power))
        let zeros = String(repeating: "0", count: max(0, layout.leastExponent - digits.count))
        let sign = power < 0 ? symbols.minusSign : ""
        return String(symbols.exponentSeparator) + sign + localized(Array(zeros + digits), symbols)
    }

    private func separatedInteger(_ digits: [Character], _ symbols: DecimalSymbols) -> [Character] {
        var result = digits
        let positions =
            layout.interval > 0
            ? Array(stride(from: layout.interval, to: digits.count, by: layout.interval)) : layout.integerSeparators
        for position in positions.sorted() where position < digits.count && position > 0 {
            result.insert(symbols.groupingSeparator, at: digits.count - position)
        }
        return result
    }

    private func separatedFraction(_ digits: [Character], _ symbols: DecimalSymbols) -> [Character] {
        var result = digits
        for position in layout.fractionSeparators.sorted().reversed() where position < digits.count {
            result.insert(symbols.groupingSeparator, at: position)
        }
        return result
    }

    private func localized(_ digits: [Character], _ symbols: DecimalSymbols) -> String {
        String(digits).shiftingDigits(from: 0x30, to: symbols.zeroDigit.value)
    }
}
