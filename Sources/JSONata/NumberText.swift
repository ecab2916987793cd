import Glibc

/// Numbers as text, as ECMAScript writes them.
enum NumberText {
    /// The shortest decimal that reads back as the same number (`Number::toString`).
    static func shortest(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        if value == 0 { return "0" }
        if value.rounded(.towardZero) == value, abs(value) < 0x1p53 { return String(Int64(value)) }
        let (digits, exponent) = shortestDigits(abs(value))
        return (value < 0 ? "-" : "") + layOut(digits, exponent: exponent)
    }

    /// The number with 15 significant digits, which is what `$string` shows: it hides what binary arithmetic adds.
    static func roundedTo15Digits(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        if abs(value) < 1e15, value.rounded(.towardZero) == value { return value }
        let (shortest, _) = shortestDigits(abs(value))
        if shortest.count <= 15 { return value }
        var (digits, exponent) = decimalDigits(abs(value), count: 40)
        let roundsUp = digits[15] >= 5
        digits.removeLast(digits.count - 15)
        if roundsUp { exponent += increment(&digits) }
        let text = digits.map(String.init).joined()
        let rounded = Double("\(text)e\(exponent - digits.count)") ?? abs(value)
        return value < 0 ? -rounded : rounded
    }

    /// With a fixed number of decimals (`Number.prototype.toFixed`), of a number that is not negative.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value < 1e21 else { return shortest(value) }
        return formatted("%.*f", Int32(decimals), value)
    }

    /// The digits of a shortest form, and the power of ten such that the number is 0.digits × 10^exponent.
    private static func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e", maxSplits: 1)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1)
        var whole = String(mantissa[0])
        var fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        if fraction == "0" { fraction = "" }
        if whole == "0" { whole = "" }
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count
        var digits = whole + fraction
        let zeros = digits.prefix { $0 == "0" }.count
        exponent -= zeros
        digits.removeFirst(zeros)
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }

    private static func layOut(_ digits: String, exponent: Int) -> String {
        let count = digits.count
        if exponent > 0, exponent <= 21 {
            if count <= exponent { return digits + String(repeating: "0", count: exponent - count) }
            return digits.prefix(exponent) + "." + digits.dropFirst(exponent)
        }
        if exponent > -6, exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + digits }
        let power = exponent - 1
        let sign = power < 0 ? "-" : "+"
        let fraction = count > 1 ? "." + digits.dropFirst() : ""
        return "\(digits.prefix(1))\(fraction)e\(sign)\(abs(power))"
    }

    /// The exact decimal expansion, cut to `count` digits.
    private static func decimalDigits(_ value: Double, count: Int) -> (digits: [Int], exponent: Int) {
        let text = formatted("%.*e", Int32(count - 1), value)
        let parts = text.split(separator: "e", maxSplits: 1)
        let digits = parts[0].compactMap(\.wholeNumberValue)
        return (digits, (Int(parts[1]) ?? 0) + 1)
    }

    /// Adds one to the last digit; answers 1 when a digit was carried out in front.
    private static func increment(_ digits: inout [Int]) -> Int {
        for place in digits.indices.reversed() {
            if digits[place] < 9 {
                digits[place] += 1
                return 0
            }
            digits[place] = 0
        }
        digits[0] = 1
        return 1
    }

    private static func formatted(_ format: String, _ arguments: any CVarArg...) -> String {
        var buffer = [CChar](repeating: 0, count: 512)
        let count = withVaList(arguments) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
