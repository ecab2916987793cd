import Budgets
import Engine
import Enforcement
import WallTime

/// What the daemon is told about prices.
struct PriceSettings: Sendable {
    var fallback = PriceBook.safeRates
    var implausibleCost: NanoDollars? = PriceBook.standardImplausibleCost
    /// What was written to a cache, and not for how long, costs as much as for an hour.
    var takesUnknownWritesForHours = false
    var policy = PricePolicy()
    /// Regions whose prices are read; empty for the daemon's own.
    var regions: [String] = []
    /// Whether spending that is not sure (charged at safe rates, or implausibly dear) suspends by itself.
    var unsureSuspends = true

    /// A new price book holder for these settings.
    var current: CurrentPrices {
        CurrentPrices(
            PriceBook(
                rows: PriceBook.standard.allRows, fallback: fallback, implausibleCost: implausibleCost,
                takesUnknownWritesForHours: takesUnknownWritesForHours),
            policy: policy)
    }

    mutating func read(_ section: SettingsReader) throws {
        try section.allow([
            "fallback", "implausibleCost", "unknownCacheWrites", "maximumFactor", "maximumAge", "regions",
            "unsureSuspends",
        ])
        try readFallback(section.section("fallback"))
        let amount: NanoDollars?? = try section.parsed("implausibleCost", as: "dollars such as 100, or never") { text in
            text == "never" ? .some(nil) : NanoDollars(dollars: text).map(Optional.some)
        }
        if let amount {
            if let amount, amount <= .zero { throw section.fault("implausibleCost", "must be more than nothing") }
            implausibleCost = amount
        }
        if let value = try section.parsed("unknownCacheWrites", as: "5m or 1h", { ["5m": false, "1h": true][$0] }) {
            takesUnknownWritesForHours = value
        }
        if let value = try section.integer("maximumFactor", in: 2...1000) {
            policy.sanity = PriceSanity(maximumFactor: Int64(value))
        }
        if let value = try section.parsed("maximumAge", as: "a span such as 7d", DurationText.parse) {
            policy.maximumAge = value
        }
        if let value = try section.texts("regions") { regions = value }
        if let value = try section.flag("unsureSuspends") { unsureSuspends = value }
    }

    private mutating func readFallback(_ section: SettingsReader) throws {
        try section.allow(["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h", "image"])
        func price(_ name: String) throws -> TokenPrice? {
            let price = try section.parsed(
                name, as: "dollars for a million tokens, such as 15", TokenPrice.init(dollarsPerMillion:))
            if price == .free { throw section.fault(name, "must be more than nothing: what is unknown is never free") }
            return price
        }
        fallback.input = try price("input") ?? fallback.input
        fallback.output = try price("output") ?? fallback.output
        fallback.cacheRead = try price("cacheRead") ?? fallback.cacheRead
        fallback.cacheWrite5m = try price("cacheWrite5m") ?? fallback.cacheWrite5m
        fallback.cacheWrite1h = try price("cacheWrite1h") ?? fallback.cacheWrite1h
        if let image = try section.parsed("image", as: "dollars such as 0.60", NanoDollars.init(dollars:)) {
            guard image > .zero else { throw section.fault("image", "must be more than nothing") }
            fallback.image = image
        }
    }
}
