package import WallTime

/// What every known model costs, and what an unknown one is charged. A value: whoever prices a batch keeps one.
///
/// Its rows come in layers: a person's word, AWS's Price List, the table that comes with Steward. For a use, the highest
/// layer that had a row in force decides.
package struct PriceBook: Sendable {
    /// By model: the highest layer first, then the newest, of the same date the one that was written last.
    private let rows: [String: [PriceRow]]
    /// What ids that name no model (application inference profiles, provisioned models) stand for, by ARN or id.
    package let profiles: [String: ModelID]
    /// For models that no row names. High on purpose: spending that can't be priced must not look cheap.
    package let fallback: Rates
    /// A single use that costs more is flagged; nil flags none.
    package let implausibleCost: NanoDollars?
    /// What a record says was written to the cache, and not for how long, costs as much as for an hour: rather too much
    /// than too little. Otherwise as much as for five minutes, which is what calls get that ask for nothing else.
    package let takesUnknownWritesForHours: Bool

    /// $15 and $75 for a million tokens: the dearest general model's list price.
    package static let safeRates = Rates(
        input: TokenPrice(rawValue: 15_000_000), output: TokenPrice(rawValue: 75_000_000),
        cacheRead: TokenPrice(rawValue: 1_500_000), cacheWrite5m: TokenPrice(rawValue: 18_750_000),
        cacheWrite1h: TokenPrice(rawValue: 30_000_000), image: NanoDollars(rawValue: 600_000_000))

    /// $100: a prompt of a million tokens with a full answer costs less with every published model.
    package static let standardImplausibleCost = NanoDollars(rawValue: 100 * NanoDollars.perDollar)

    package init(
        rows: [PriceRow], profiles: [String: ModelID] = [:], fallback: Rates = Self.safeRates,
        implausibleCost: NanoDollars? = Self.standardImplausibleCost, takesUnknownWritesForHours: Bool = false
    ) {
        self.rows = Dictionary(grouping: rows.enumerated(), by: \.element.model).mapValues { rows in
            rows.sorted { left, right in
                (left.element.origin.rank, right.element.effectiveFrom, right.offset)
                    < (right.element.origin.rank, left.element.effectiveFrom, left.offset)
            }.map(\.element)
        }
        self.profiles = profiles
        self.fallback = fallback
        self.implausibleCost = implausibleCost
        self.takesUnknownWritesForHours = takesUnknownWritesForHours
    }

    /// All rows, by model, the lowest layer and the oldest first, for listing.
    package var allRows: [PriceRow] {
        rows.keys.sorted().flatMap { rows[$0, default: []].reversed() }
    }

    /// What an id stands for when the book knows it, else the model itself.
    package func resolve(_ model: ModelID) -> ModelID {
        guard !profiles.isEmpty, let known = profiles[model.text] ?? model.opaqueID.flatMap({ profiles[$0] }) else {
            return model
        }
        return model.resolved(as: known)
    }

    /// The price of a model at an instant, for a call from a Region: of the highest layer with a row in force, the row of
    /// the most exact name, of the call's own Region and geography if it has one, and the newest that had come into force.
    /// A use from before the first row gets the documented table's first price.
    ///
    /// Provisioned throughput and imported models are not sold by the token: they have a row only when `profiles` maps
    /// them or someone wrote one for their ARN.
    package func row(for model: ModelID, in region: String? = nil, at instant: Instant) -> PriceRow? {
        listing(of: model, in: region).row(at: instant)
    }

    /// All that the book says about a model, whenever it is used: what a batch of uses looks up once.
    package func listing(of model: ModelID, in region: String? = nil) -> PriceListing {
        let model = resolve(model)
        let labels = model.scope.labels(in: region)
        var found: [PriceRow] = []
        var oldest: PriceRow?
        for origin in PriceSource.byRank {
            let layer = rows(of: model, from: origin, labels, region)
            found += layer
            // Of the most specific rows, which come first, the oldest.
            oldest = layer.last { $0.region == layer[0].region && $0.geography == layer[0].geography } ?? oldest
        }
        return PriceListing(rows: found, oldest: oldest, scope: model.scope, region: region)
    }

    /// The rows of one layer that fit a call, the most specific first, each group with the newest first. A profile costs what
    /// its scope does, and that of a Region is no price of it; a call that is served in its Region is of the Region's scope.
    private func rows(
        of model: ModelID, from origin: PriceSource, _ labels: [String?], _ region: String?
    ) -> [PriceRow] {
        for key in model.priceKeys {
            let candidates = rows[key, default: []].filter { $0.origin == origin }
            var fitting: [PriceRow] = []
            for (label, region) in Self.order(model.scope, labels, region) {
                fitting += candidates.filter { $0.geography == label && $0.region == region }
            }
            if !fitting.isEmpty { return fitting }
        }
        return []
    }

    private static func order(
        _ scope: ModelID.Scope, _ labels: [String?], _ region: String?
    ) -> [(label: String?, region: String?)] {
        let regions = region == nil ? [nil] : [region, nil]
        guard scope == .regional else { return labels.flatMap { label in regions.map { (label, $0) } } }
        return regions.flatMap { region in labels.map { ($0, region) } }
    }
}

/// The prices of one model, for calls of one scope from one Region.
package struct PriceListing: Sendable {
    /// The one that is to be preferred first.
    package let rows: [PriceRow]
    /// For uses from before any of them.
    private let oldest: PriceRow?
    package let scope: ModelID.Scope
    let region: String?

    fileprivate init(rows: [PriceRow], oldest: PriceRow?, scope: ModelID.Scope, region: String?) {
        self.rows = rows
        self.oldest = oldest
        self.scope = scope
        self.region = region
    }

    /// The first row that had come into force by then, or the oldest of all.
    package func row(at instant: Instant) -> PriceRow? { rows.first { $0.effectiveFrom <= instant } ?? oldest }
}

extension PriceSource {
    fileprivate var rank: Int {
        switch self {
        case .operator: 0
        case .priceList: 1
        case .documented: 2
        }
    }
}

extension ModelID.Scope {
    /// The prefix of a cross-Region profile; nil for a call that is served in its Region.
    package var label: String? {
        switch self {
        case .regional: nil
        case .geography(let name): name
        case .global: "global"
        }
    }

    /// The geographies whose rows fit a call, the most exact first; nil is the row for every scope.
    ///
    /// A call that is served in its Region costs what a profile of that Region's geography costs: where a geography has a
    /// row of its own, the one without is that of another place. So with the parts of Asia and the Pacific that have
    /// profiles of their own.
    func labels(in region: String?) -> [String?] {
        if let label { return Self.partsOfAPAC.contains(label) ? [label, "apac", nil] : [label, nil] }
        let geographies = [("us-gov-", "us-gov"), ("us-", "us"), ("eu-", "eu"), ("ap-", "apac"), ("ca-", "ca")]
        guard let region, let own = geographies.first(where: { region.hasPrefix($0.0) }) else { return [nil] }
        return [own.1, nil]
    }

    private static let partsOfAPAC: Set<String> = ["ap", "jp", "au", "in"]
}
