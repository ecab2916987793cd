/// Numbers as Spanish writes them, by the rules of Unicode's CLDR for `es`.
package enum SpanishNumber {
    /// A decimal comma, and points between thousands from five digits on.
    /// - Parameter text: digits, with a minus sign before them and a decimal point among them where there is one.
    package static func text(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1)
        let digits = (parts.first ?? "0").drop { $0 == "-" }
        var whole = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, digits.count > 4, (digits.count - index) % 3 == 0 { whole += "." }
            whole.append(digit)
        }
        return (text.hasPrefix("-") ? "-" : "") + whole + (parts.count > 1 ? ",\(parts[1])" : "")
    }

    /// How often something happened: `1 vez`, `2 veces`.
    package static func times(_ number: Int64) -> String { "\(text("\(number)")) \(number == 1 ? "vez" : "veces")" }

    /// Dollars, on one line with their unit.
    package static func dollars(_ text: String) -> String { "\(self.text(text))\u{A0}US$" }
}
