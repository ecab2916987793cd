/// Looks models up in one price book, each once: what a batch of uses needs.
package struct PriceListings {
    private struct Key: Hashable {
        let model: ModelID
        let region: String
    }

    package let book: PriceBook
    private var known: [Key: PriceListing] = [:]

    package init(_ book: PriceBook) { self.book = book }

    package mutating func listing(of event: UsageEvent) -> PriceListing {
        let key = Key(model: event.model, region: event.key.region)
        if let listing = known[key] { return listing }
        let listing = book.listing(of: event.model, in: event.key.region)
        known[key] = listing
        return listing
    }

    /// - Throws: `MoneyError`.
    package mutating func charge(for event: UsageEvent) throws(MoneyError) -> Charge {
        try book.charge(for: event, listed: listing(of: event))
    }
}
