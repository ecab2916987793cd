import Budgets
import WallTime

/// All offers for one model in one Region and one scope, which together are a row.
struct PriceGroup {
    struct Key: Hashable, Comparable, CustomStringConvertible {
        let model: String
        let region: String
        let isGlobal: Bool

        static func < (left: Key, right: Key) -> Bool {
            (left.model, left.region, left.isGlobal ? 1 : 0) < (right.model, right.region, right.isGlobal ? 1 : 0)
        }

        var description: String { "\(model) in \(region)\(isGlobal ? ", global" : "")" }
    }

    let key: Key
    let offers: [PriceOffer]
    let documented: PriceBook

    /// - Throws: `PriceListError` when input or output are missing, or a class has two prices.
    func row() throws(PriceListError) -> PriceRow {
        let known = knownRates
        let (listedInput, listedOutput) = (try price(.input), try price(.output))
        guard listedInput != nil || listedOutput != nil else { throw .malformed("only side prices are listed") }
        guard let input = listedInput ?? known?.input else { throw .malformed("it has no price of input") }
        // A model without output tokens, such as an embedding, has none in the list either.
        guard let output = listedOutput ?? (known?.output == .free ? .free : nil) else {
            throw .malformed("it has no price of output")
        }
        let (read, write, hour) = (try price(.cacheRead), try price(.cacheWrite5m), try price(.cacheWrite1h))
        let rates = Rates(
            input: input, output: output, cacheRead: read ?? known?.cacheRead,
            cacheWrite5m: write ?? known?.cacheWrite5m, cacheWrite1h: hour ?? known?.cacheWrite1h,
            image: known?.image, request: known?.request)
        var row = PriceRow(
            model: key.model, geography: key.isGlobal ? "global" : nil, region: key.region,
            effectiveFrom: Instant(milliseconds: offers.map(\.effectiveFrom).max() ?? 0), rates: rates,
            longContext: try longContext(input, output), origin: .priceList, source: source)
        for tier in [ServiceTier.flex, .priority] { row.tierFactors[tier] = try factor(of: tier, input, output) }
        return row
    }

    private var source: String {
        let skus = offers.filter { $0.tokenClass == .input && $0.tier == .standard && !$0.isLongContext }.map(\.sku)
        return "AWS Price List, SKU \(skus.first ?? offers[0].sku)"
    }

    /// What the documented table says of such calls: the list leaves out what is free, and lengths.
    private var knownRow: PriceRow? {
        documented.row(for: model, in: key.region, at: Instant(milliseconds: offers.map(\.effectiveFrom).max() ?? 0))
    }

    private var model: ModelID { ModelID(key.isGlobal ? "global.\(key.model)" : key.model) }

    private var knownRates: Rates? {
        // Rates that don't fit with their surcharge are far beyond any that are documented.
        try? knownRow?.effectiveRates(for: model.scope, in: key.region)
    }

    private func price(
        _ tokenClass: PriceOffer.Class, tier: ServiceTier = .standard, isLong: Bool = false
    ) throws(PriceListError) -> TokenPrice? {
        let found = Set(
            offers.filter { $0.tokenClass == tokenClass && $0.tier == tier && $0.isLongContext == isLong }.map(\.price))
        guard found.count <= 1 else {
            throw .malformed("it has \(found.count) prices of \(tokenClass); which one holds is not known")
        }
        return found.first
    }

    /// The list says what a long context costs, not from where on it is one.
    private func longContext(_ input: TokenPrice, _ output: TokenPrice) throws(PriceListError) -> LongContext? {
        let known = knownRow?.longContext
        guard let long = try price(.input, isLong: true) else { return known }
        let longOutput = try price(.output, isLong: true) ?? output
        guard let inputFactor = Ratio(long, over: input), let outputFactor = Ratio(longOutput, over: output) else {
            throw .malformed("its long-context prices are no simple multiple of the others")
        }
        return LongContext(
            aboveTokens: known?.aboveTokens ?? 200_000, inputFactor: inputFactor, outputFactor: outputFactor)
    }

    /// The higher of the factors on input and output, where it is not the usual one.
    private func factor(
        of tier: ServiceTier, _ input: TokenPrice, _ output: TokenPrice
    ) throws(PriceListError) -> Ratio? {
        let pairs = [(try price(.input, tier: tier), input), (try price(.output, tier: tier), output)]
        let factors = pairs.compactMap { price, standard in price.flatMap { Ratio($0, over: standard) } }
        guard let factor = factors.max(by: <), factor != tier.factor else { return nil }
        return factor
    }
}

extension Ratio {
    /// How many times the one price is the other, in lowest terms; nil when either is nothing, or the terms are large.
    fileprivate init?(_ price: TokenPrice, over other: TokenPrice) {
        guard price.rawValue > 0, other.rawValue > 0 else { return nil }
        var (large, small) = (price.rawValue, other.rawValue)
        while small != 0 { (large, small) = (small, large % small) }
        self.init(text: "\(price.rawValue / large)/\(other.rawValue / large)")
    }

    fileprivate static func < (left: Ratio, right: Ratio) -> Bool {
        // Terms are at most a thousand.
        left.numerator * right.denominator < right.numerator * left.denominator
    }
}
