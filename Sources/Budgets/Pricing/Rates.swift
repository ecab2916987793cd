package import WallTime

/// Prices of one model by token class. Nil means that no price is published for that class.
package struct Rates: Sendable, Hashable {
    package var input: TokenPrice
    package var output: TokenPrice
    package var cacheRead: TokenPrice?
    package var cacheWrite5m: TokenPrice?
    package var cacheWrite1h: TokenPrice?
    /// For one image.
    package var image: NanoDollars?

    package init(
        input: TokenPrice, output: TokenPrice, cacheRead: TokenPrice? = nil, cacheWrite5m: TokenPrice? = nil,
        cacheWrite1h: TokenPrice? = nil, image: NanoDollars? = nil
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.image = image
    }
}

/// The surcharge for prompts above a length: all of the call is then charged at it.
package struct LongContext: Sendable, Hashable {
    /// Tokens of the prompt, cached ones included, up to which the standard rates hold.
    package var aboveTokens: Int64
    /// On input and cache rates.
    package var inputFactor: Ratio
    package var outputFactor: Ratio

    package init(aboveTokens: Int64, inputFactor: Ratio, outputFactor: Ratio) {
        self.aboveTokens = aboveTokens
        self.inputFactor = inputFactor
        self.outputFactor = outputFactor
    }
}

/// One entry of the price book: what a model costs from a day on.
package struct PriceRow: Sendable, Hashable {
    /// A model's id as in `ModelID.priceKeys`.
    package var model: String
    /// The geography that this row is for (`eu`, `global`); nil for every scope without a row of its own.
    package var geography: String?
    package var effectiveFrom: Instant
    package var rates: Rates
    /// The rates are the global profile's: calls served in the Region or a geography cost a tenth more, in GovCloud a
    /// fifth more.
    package var hasRegionalSurcharge: Bool
    package var longContext: LongContext?
    /// Where the price was read.
    package var source: String

    package init(
        model: String, geography: String? = nil, effectiveFrom: Instant, rates: Rates,
        hasRegionalSurcharge: Bool = false, longContext: LongContext? = nil, source: String
    ) {
        self.model = model
        self.geography = geography
        self.effectiveFrom = effectiveFrom
        self.rates = rates
        self.hasRegionalSurcharge = hasRegionalSurcharge
        self.longContext = longContext
        self.source = source
    }

    /// The factor on this row's rates for a call with that scope.
    package func surcharge(for scope: ModelID.Scope) -> Ratio {
        guard hasRegionalSurcharge, geography == nil else { return .one }
        return switch scope {
        case .global: .one
        case .geography("us-gov"): Ratio(6, 5)
        case .regional, .geography: Ratio(11, 10)
        }
    }
}
