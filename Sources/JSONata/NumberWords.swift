import Glibc

/// Integers in English words.
enum NumberWords {
    private static let few = [
        "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
        "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
    ]
    private static let fewOrdinals = [
        "Zeroth", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth",
        "Eleventh", "Twelfth", "Thirteenth", "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth",
        "Nineteenth",
    ]
    private static let tens = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
    private static let magnitudes = ["Thousand", "Million", "Billion", "Trillion"]

    /// In title case: `One Hundred and Twenty-Third`.
    static func words(_ value: Double, isOrdinal: Bool) -> String { words(value, isOrdinal, follows: false) }

    private static func words(_ value: Double, _ isOrdinal: Bool, follows: Bool) -> String {
        switch value {
        case ...19:
            let word = (isOrdinal ? fewOrdinals : few)[Int(value)]
            return follows ? " and \(word)" : word
        case ..<100: return (follows ? " and " : "") + tensWords(Int(value), isOrdinal)
        case ..<1000:
            let (hundreds, rest) = (Int(value) / 100, value.truncatingRemainder(dividingBy: 100))
            return (follows ? ", " : "") + few[hundreds] + " Hundred" + tail(rest, isOrdinal)
        default:
            let magnitude = min(Int((log10(value) / 3).rounded(.down)), magnitudes.count)
            let factor = pow(10, Double(3 * magnitude))
            let count = (value / factor).rounded(.down)
            let start = (follows ? ", " : "") + words(count, false, follows: false)
            return start + " " + magnitudes[magnitude - 1] + tail(value - count * factor, isOrdinal)
        }
    }

    private static func tensWords(_ value: Int, _ isOrdinal: Bool) -> String {
        let word = tens[value / 10 - 2]
        if value % 10 > 0 { return word + "-" + words(Double(value % 10), isOrdinal, follows: false) }
        return isOrdinal ? word.dropLast() + "ieth" : word
    }

    private static func tail(_ rest: Double, _ isOrdinal: Bool) -> String {
        if rest > 0 { return words(rest, isOrdinal, follows: true) }
        return isOrdinal ? "th" : ""
    }

    // MARK: - Reading

    /// What each word counts for, in lower case; ordinals too.
    static let values: [String: Double] = {
        var values: [String: Double] = [:]
        for (value, word) in few.enumerated() { values[word.lowercased()] = Double(value) }
        for (value, word) in fewOrdinals.enumerated() { values[word.lowercased()] = Double(value) }
        for (place, word) in (tens + ["Hundred"]).enumerated() {
            let value = Double((place + 2) * 10)
            values[word.lowercased()] = value
            values[word.lowercased().dropLast() + "ieth"] = value
        }
        values["hundredth"] = 100
        for (place, word) in magnitudes.enumerated() {
            let value = pow(10, Double(3 * (place + 1)))
            values[word.lowercased()] = value
            values[word.lowercased() + "th"] = value
        }
        return values
    }()

    /// The number that words stand for; nil when one of them is unknown.
    static func parse(_ text: String) -> Double? {
        var parts: [Double] = [0]
        let words = text.lowercased().split { " \t\n\r-,\\".contains($0) }.filter { $0 != "and" }
        for word in words {
            guard let value = values[String(word)], let last = parts.popLast() else { return nil }
            if value >= 100 {
                parts.append(last * value)
            } else if last >= 1000 {
                parts += [last, value]
            } else {
                parts.append(last + value)
            }
        }
        return words.isEmpty ? nil : parts.reduce(0, +)
    }
}

/// Roman numerals.
enum RomanNumerals {
    private static let numerals: [(value: Double, text: String)] = [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
        (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    /// Longer ones are cut: nobody reads a row of thousands.
    private static let lengthLimit = 10_000

    /// In capitals; nothing for zero.
    static func numeral(_ value: Double) -> String {
        var (rest, text) = (value, "")
        for (value, numeral) in numerals {
            while rest >= value, text.utf8.count < lengthLimit {
                text += numeral
                rest -= value
            }
        }
        return text
    }

    /// A numeral in capitals; nil when a letter is none.
    static func parse(_ text: String) -> Double? {
        let digits: [Character: Double] = ["M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1]
        var (total, largest) = (0.0, 1.0)
        for letter in text.reversed() {
            guard let digit = digits[letter] else { return nil }
            if digit < largest {
                total -= digit
            } else {
                largest = digit
                total += digit
            }
        }
        return total
    }
}
