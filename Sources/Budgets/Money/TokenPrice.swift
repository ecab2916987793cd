/// The price of one token in trillionths of a US dollar.
///
/// Prices are published in dollars for a million tokens; six places of that are whole pico-dollars, so that a price
/// of $0.00875 for a million (8,750) is exact.
package struct TokenPrice: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let free = TokenPrice(rawValue: 0)

    /// Reads dollars for a million tokens, such as `0.00875`, exactly. Nil for anything else and for a negative price.
    package init?(dollarsPerMillion text: String) {
        guard let value = scaledInteger(decimal: text, digits: 6), value >= 0 else { return nil }
        rawValue = value
    }

    /// Dollars for a million tokens, such as `0.00875`: what `init(dollarsPerMillion:)` reads.
    package var dollarsPerMillion: String {
        let (whole, rest) = rawValue.quotientAndRemainder(dividingBy: 1_000_000)
        guard rest != 0 else { return "\(whole)" }
        var fraction = String(rest)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }

    /// Rounded up to a whole pico-dollar.
    /// - Throws: `MoneyError.overflow`.
    func scaled(by factor: Ratio) throws(MoneyError) -> TokenPrice {
        let (product, overflow) = rawValue.multipliedReportingOverflow(by: factor.numerator)
        guard !overflow else { throw .overflow }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: factor.denominator)
        return TokenPrice(rawValue: quotient + (remainder > 0 ? 1 : 0))
    }
}

/// A factor as a fraction of small whole numbers, such as 11/10 for a ten per cent surcharge.
package struct Ratio: Sendable, Hashable {
    package let numerator: Int64
    package let denominator: Int64

    /// - Precondition: both are above zero.
    package init(_ numerator: Int64, _ denominator: Int64) {
        precondition(numerator > 0 && denominator > 0, "a price factor has to be above zero")
        self.numerator = numerator
        self.denominator = denominator
    }

    package static let one = Ratio(1, 1)

    /// - Throws: `MoneyError.overflow`.
    package func multiplied(by other: Ratio) throws(MoneyError) -> Ratio {
        let (top, topOverflow) = numerator.multipliedReportingOverflow(by: other.numerator)
        let (bottom, bottomOverflow) = denominator.multipliedReportingOverflow(by: other.denominator)
        guard !topOverflow, !bottomOverflow else { throw .overflow }
        return Ratio(top, bottom)
    }
}
