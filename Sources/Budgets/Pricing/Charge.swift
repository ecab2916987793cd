/// What one use costs, and how sure that is.
package struct Charge: Sendable, Hashable {
    package enum Basis: String, Sendable, Hashable, CaseIterable {
        /// Every class of tokens had a published price.
        case listed
        /// The model is in the book, but something was derived: a price (a cache class, an image), or for how long the
        /// cache was written.
        case estimated
        /// The model is unknown: charged at the book's safe rates.
        case fallback
        /// A failed call without output, which Bedrock does not bill.
        case notBillable
        /// A record without counts: its cost is unknown and counted as nothing, but it is reported.
        case unmetered
        /// Dearer than any one use should be: charged all the same, and flagged.
        case implausible

        /// Whether the amount may be far from what AWS bills, so that `unsureSuspends` decides what follows from it.
        package var isUnsure: Bool {
            switch self {
            case .fallback, .implausible: true
            case .listed, .estimated, .notBillable, .unmetered: false
            }
        }
    }

    package let amount: NanoDollars
    package let basis: Basis

    package init(amount: NanoDollars, basis: Basis) {
        self.amount = amount
        self.basis = basis
    }
}

extension PriceBook {
    /// The price of a use at the time when it happened.
    /// - Throws: `MoneyError` when a count is negative or the amount does not fit, which no real use reaches.
    package func charge(for event: UsageEvent) throws(MoneyError) -> Charge {
        try charge(for: event, listed: listing(of: event.model, in: event.key.region))
    }

    /// The same, with what `listing(of:in:)` says about the use's model.
    package func charge(for event: UsageEvent, listed listing: PriceListing) throws(MoneyError) -> Charge {
        guard !event.tokens.hasNegative, event.images >= 0 else { throw .negativeQuantity }
        if event.errorCode != nil, event.tokens.output == 0, event.images == 0 {
            return Charge(amount: .zero, basis: .notBillable)
        }
        let row = listing.row(at: event.at)
        // Where only images are paid for, a call that succeeded has made one at least, whatever its record counts.
        var event = event
        let isImageMissing = event.images == 0 && row?.rates.isOfImagesOnly == true
        if isImageMissing { event.images = 1 }
        // A call that is paid as one needs no counts.
        guard event.isMetered || isImageMissing || row?.rates.request != nil else {
            return Charge(amount: .zero, basis: .unmetered)
        }

        var pricing = Pricing(
            rates: row?.rates ?? fallback, takesUnknownWritesForHours: takesUnknownWritesForHours,
            isDerived: isImageMissing)
        let amount = try pricing.amount(
            of: event, longContext: event.isJobTotal ? nil : row?.longContext, factor: factor(row, listing, event.tier))
        if let implausibleCost, amount > implausibleCost, !event.isJobTotal {
            return Charge(amount: amount, basis: .implausible)
        }
        let basis: Charge.Basis = row == nil ? .fallback : pricing.isDerived ? .estimated : .listed
        return Charge(amount: amount, basis: basis)
    }

    private func factor(_ row: PriceRow?, _ listing: PriceListing, _ tier: ServiceTier) throws(MoneyError) -> Ratio {
        let surcharge = row?.surcharge(for: listing.scope, in: listing.region) ?? .one
        return try surcharge.multiplied(by: row?.tierFactors[tier] ?? tier.factor)
    }
}

/// The rates in use, and whether one of them, or which of them holds, had to be derived.
private struct Pricing {
    let rates: Rates
    let takesUnknownWritesForHours: Bool
    var isDerived: Bool

    /// - Parameter longContext: of the model; it counts when the prompt is longer.
    mutating func amount(
        of event: UsageEvent, longContext: LongContext?, factor: Ratio
    ) throws(MoneyError) -> NanoDollars {
        let long = longContext.flatMap { event.tokens.prompt > $0.aboveTokens ? $0 : nil }
        let prompt = try promptPicoDollars(event.tokens, isSplitUnknown: event.isCacheSplitUnknown)
        let output = product(event.tokens.output, rates.output.rawValue)
        let pieces = try sum(
            product(event.images, imagePrice(isUsed: event.images > 0).rawValue),
            UInt128(rates.request?.rawValue ?? 0))
        // Both long-context factors over one denominator, so that nothing is rounded before the end.
        let (promptFactor, outputFactor) = (long?.inputFactor ?? .one, long?.outputFactor ?? .one)
        let denominator = product(promptFactor.denominator, outputFactor.denominator)
        let numerator = try sum(
            product(prompt, product(promptFactor.numerator, outputFactor.denominator)),
            product(output, product(outputFactor.numerator, promptFactor.denominator)),
            product(product(pieces, picoPerNano), denominator))
        return try roundedNanoDollars(
            product(numerator, UInt128(factor.numerator)), over: product(denominator, UInt128(factor.denominator)))
    }

    /// Classes without a published price are never free: a cache read costs as much as input, a cache write a quarter
    /// more for five minutes and eight fifths of that for an hour, which are the ratios of the published ones.
    ///
    /// - Parameter isSplitUnknown: all that was written is counted for five minutes, though it may be for an hour.
    mutating func promptPicoDollars(_ tokens: TokenCounts, isSplitUnknown: Bool) throws(MoneyError) -> UInt128 {
        let write5m = try listed(rates.cacheWrite5m, orDerivedFrom: rates.input, Ratio(5, 4))
        let write1h = try listed(rates.cacheWrite1h, orDerivedFrom: write5m, Ratio(8, 5))
        if rates.cacheRead == nil, tokens.cacheRead > 0 { isDerived = true }
        if rates.cacheWrite5m == nil, tokens.cacheWrite5m > 0 { isDerived = true }
        if rates.cacheWrite1h == nil, tokens.cacheWrite1h > 0, write1h != .free { isDerived = true }
        // Where both cost the same there is nothing to guess.
        if isSplitUnknown, tokens.cacheWrite5m > 0, write5m != write1h { isDerived = true }
        let unsplit = isSplitUnknown && takesUnknownWritesForHours ? write1h : write5m
        return try sum(
            product(tokens.input, rates.input.rawValue),
            product(tokens.cacheRead, (rates.cacheRead ?? rates.input).rawValue),
            product(tokens.cacheWrite5m, unsplit.rawValue),
            product(tokens.cacheWrite1h, write1h.rawValue))
    }

    mutating func imagePrice(isUsed: Bool) -> NanoDollars {
        if let image = rates.image { return image }
        if isUsed { isDerived = true }
        return PriceBook.safeRates.image ?? .zero
    }
}

private let picoPerNano: UInt128 = 1000

/// The only rounding of money in the project: half up, to nano-dollars, once for each charge. All up to here is in twice the
/// width of money, so that a charge is refused only when it does not fit itself.
private func roundedNanoDollars(_ picoDollars: UInt128, over divisor: UInt128) throws(MoneyError) -> NanoDollars {
    let denominator = try product(divisor, picoPerNano)
    let (quotient, remainder) = picoDollars.quotientAndRemainder(dividingBy: denominator)
    // remainder >= denominator / 2, written without halving an odd denominator or doubling past the end.
    let rounded = remainder >= denominator - remainder ? quotient + 1 : quotient
    guard let amount = Int64(exactly: rounded) else { throw .overflow }
    return NanoDollars(rawValue: amount)
}

/// The published price, or one derived from another: rounded up to a whole pico-dollar, as it is a guess on the safe
/// side anyway.
private func listed(
    _ price: TokenPrice?, orDerivedFrom other: TokenPrice, _ factor: Ratio
) throws(MoneyError) -> TokenPrice {
    if let price { return price }
    return try other.scaled(by: factor)
}

/// - Precondition: neither is negative.
private func product(_ left: Int64, _ right: Int64) -> UInt128 { UInt128(left) * UInt128(right) }

private func product(_ left: UInt128, _ right: UInt128) throws(MoneyError) -> UInt128 {
    let (result, overflow) = left.multipliedReportingOverflow(by: right)
    guard !overflow else { throw .overflow }
    return result
}

private func sum(_ terms: UInt128...) throws(MoneyError) -> UInt128 {
    var total: UInt128 = 0
    for term in terms {
        let (next, overflow) = total.addingReportingOverflow(term)
        guard !overflow else { throw .overflow }
        total = next
    }
    return total
}
