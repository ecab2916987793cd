/// An amount of money in billionths of a US dollar. `Int64` holds a little over nine billion dollars.
///
/// Sums are checked: one that does not fit throws, it never wraps and never traps.
package struct NanoDollars: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let zero = NanoDollars(rawValue: 0)
    package static let perDollar: Int64 = 1_000_000_000

    /// Reads dollars such as `1.25` exactly. Nil for anything else, including more than nine places that say something.
    package init?(dollars text: String) {
        guard let value = scaledInteger(decimal: text, digits: 9) else { return nil }
        rawValue = value
    }

    /// - Throws: `MoneyError.overflow`.
    package func adding(_ other: NanoDollars) throws(MoneyError) -> NanoDollars {
        let (sum, overflow) = rawValue.addingReportingOverflow(other.rawValue)
        guard !overflow else { throw .overflow }
        return NanoDollars(rawValue: sum)
    }

    /// - Throws: `MoneyError.overflow`.
    package func subtracting(_ other: NanoDollars) throws(MoneyError) -> NanoDollars {
        let (difference, overflow) = rawValue.subtractingReportingOverflow(other.rawValue)
        guard !overflow else { throw .overflow }
        return NanoDollars(rawValue: difference)
    }

    package var isNegative: Bool { rawValue < 0 }

    /// How many per mille of `limit` this amount is, rounded down, at most `Int.max`. Anything above nothing is at
    /// least all of a limit of zero.
    package func perMille(of limit: NanoDollars) -> Int {
        guard limit.rawValue > 0 else { return rawValue > 0 ? 1000 : 0 }
        guard rawValue > 0 else { return 0 }
        let product = UInt64(rawValue).multipliedFullWidth(by: 1000)
        // The high word is below the divisor only when the quotient fits.
        guard product.high < UInt64(limit.rawValue) else { return Int.max }
        return Int(clamping: UInt64(limit.rawValue).dividingFullWidth(product).quotient)
    }
}

extension NanoDollars: Comparable {
    package static func < (left: NanoDollars, right: NanoDollars) -> Bool { left.rawValue < right.rawValue }
}

extension NanoDollars: CustomStringConvertible {
    /// The exact amount in dollars with at least two places, such as `1.25` or `0.000000125`.
    package var description: String {
        var fraction = String(rawValue.magnitude % UInt64(Self.perDollar))
        fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(isNegative ? "-" : "")\(rawValue.magnitude / UInt64(Self.perDollar)).\(fraction)"
    }

    /// For people: cents, rounded half up in magnitude, such as `1.04`. What is stored stays exact.
    package var roundedToCents: String {
        let (cents, rest) = rawValue.magnitude.quotientAndRemainder(dividingBy: 10_000_000)
        let rounded = cents + (rest >= 5_000_000 ? 1 : 0)
        let fraction = rounded % 100
        return "\(isNegative && rounded > 0 ? "-" : "")\(rounded / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

/// What can go wrong with an amount of money.
package enum MoneyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A product or a sum is too large for nano-dollars in 64 bits.
    case overflow
    /// A count that can only be zero or more is negative.
    case negativeQuantity

    package var description: String {
        switch self {
        case .overflow:
            "the amount is larger than 9.2 billion dollars; check the token counts and the price of the model"
        case .negativeQuantity: "a token or image count is negative; check the usage record"
        }
    }
}
