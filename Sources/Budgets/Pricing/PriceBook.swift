package import WallTime

/// What every known model costs, and what an unknown one is charged.
package struct PriceBook: Sendable {
    /// By model, then newest first.
    private let rows: [String: [PriceRow]]
    /// What opaque ids (application inference profiles, provisioned and imported models) stand for, by ARN or id.
    package let profiles: [String: ModelID]
    /// For models that no row names. High on purpose: spending that can't be priced must not look cheap.
    package let fallback: Rates

    /// $15 and $75 for a million tokens: the dearest general model's list price.
    package static let safeRates = Rates(
        input: TokenPrice(rawValue: 15_000_000), output: TokenPrice(rawValue: 75_000_000),
        cacheRead: TokenPrice(rawValue: 1_500_000), cacheWrite5m: TokenPrice(rawValue: 18_750_000),
        cacheWrite1h: TokenPrice(rawValue: 30_000_000), image: NanoDollars(rawValue: 600_000_000))

    package init(rows: [PriceRow], profiles: [String: ModelID] = [:], fallback: Rates = Self.safeRates) {
        self.rows = Dictionary(grouping: rows, by: \.model)
            .mapValues { $0.sorted { $0.effectiveFrom > $1.effectiveFrom } }
        self.profiles = profiles
        self.fallback = fallback
    }

    /// All rows, by model and then by date, for listing.
    package var allRows: [PriceRow] {
        rows.keys.sorted().flatMap { rows[$0, default: []].reversed() }
    }

    /// The model behind an opaque id when the book knows it, else the model itself.
    package func resolve(_ model: ModelID) -> ModelID {
        guard let id = model.opaqueID, let known = profiles[model.text] ?? profiles[id] else { return model }
        return model.resolved(as: known)
    }

    /// The price of a model at an instant: the row of the most exact name, of the call's own geography if it has one,
    /// and the newest that had come into force. A use from before the first row gets the first row's price.
    ///
    /// Provisioned throughput and imported models are not sold by the token: they have a row only when `profiles` maps
    /// them or someone wrote one for their ARN.
    package func row(for model: ModelID, at instant: Instant) -> PriceRow? { listing(of: model).row(at: instant) }

    /// All that the book says about a model, whenever it is used: what a batch of uses looks up once.
    package func listing(of model: ModelID) -> PriceListing {
        let model = resolve(model)
        for key in model.priceKeys {
            guard let candidates = rows[key] else { continue }
            let own = candidates.filter { $0.geography != nil && $0.geography == model.scope.label }
            let matching = own.isEmpty ? candidates.filter { $0.geography == nil } : own
            if !matching.isEmpty { return PriceListing(rows: matching, scope: model.scope) }
        }
        return PriceListing(rows: [], scope: model.scope)
    }
}

/// The prices of one model, for calls of one scope.
package struct PriceListing: Sendable {
    /// Newest first.
    fileprivate let rows: [PriceRow]
    let scope: ModelID.Scope

    /// The newest row that had come into force by then, or the first of all.
    func row(at instant: Instant) -> PriceRow? { rows.first { $0.effectiveFrom <= instant } ?? rows.last }
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
}
