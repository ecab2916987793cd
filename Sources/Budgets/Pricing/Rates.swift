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
    /// For one call, on top: a query of a model that ranks documents.
    package var request: NanoDollars?

    package init(
        input: TokenPrice, output: TokenPrice, cacheRead: TokenPrice? = nil, cacheWrite5m: TokenPrice? = nil,
        cacheWrite1h: TokenPrice? = nil, image: NanoDollars? = nil, request: NanoDollars? = nil
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.image = image
        self.request = request
    }

    /// Whether tokens cost nothing since images are what is sold.
    var isOfImagesOnly: Bool { image != nil && request == nil && input == .free && output == .free }
}

/// Who says what a price is. A higher source wins over a lower one wherever it says something.
package enum PriceSource: String, Sendable, Hashable, CaseIterable {
    /// The table that comes with Steward.
    case documented = "static"
    /// AWS's Price List, as it was last read.
    case priceList = "price-list"
    /// A person's word.
    case `operator`

    /// The highest first.
    static let byRank: [PriceSource] = [.operator, .priceList, .documented]
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
    /// The Region that this row is for; nil for every Region without a row of its own.
    package var region: String?
    package var effectiveFrom: Instant
    package var rates: Rates
    /// The rates are the global profile's: calls served in the Region or a geography cost a tenth more, in GovCloud a
    /// fifth more.
    package var hasRegionalSurcharge: Bool
    package var longContext: LongContext?
    /// Service tiers whose factor differs from the usual one (`ServiceTier.factor`).
    package var tierFactors: [ServiceTier: Ratio]
    package var origin: PriceSource
    /// Where the price was read, in words.
    package var source: String

    package init(
        model: String, geography: String? = nil, region: String? = nil, effectiveFrom: Instant, rates: Rates,
        hasRegionalSurcharge: Bool = false, longContext: LongContext? = nil, tierFactors: [ServiceTier: Ratio] = [:],
        origin: PriceSource = .documented, source: String
    ) {
        self.model = model
        self.geography = geography
        self.region = region
        self.effectiveFrom = effectiveFrom
        self.rates = rates
        self.hasRegionalSurcharge = hasRegionalSurcharge
        self.longContext = longContext
        self.tierFactors = tierFactors
        self.origin = origin
        self.source = source
    }

    /// The factor on this row's rates for a call with that scope from that Region.
    package func surcharge(for scope: ModelID.Scope, in region: String? = nil) -> Ratio {
        guard hasRegionalSurcharge, geography == nil else { return .one }
        return switch scope {
        case .global: .one
        case .geography("us-gov"): Ratio(6, 5)
        case .regional where region?.hasPrefix("us-gov-") == true: Ratio(6, 5)
        case .regional, .geography: Ratio(11, 10)
        }
    }
}
