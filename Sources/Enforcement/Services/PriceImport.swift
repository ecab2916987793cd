package import Budgets
import Engine
import JSONModel
import WallTime
import Words

/// What became of a reading of the Price List.
package struct PriceImport: Sendable, Equatable {
    /// Prices that were offered, those of them that are new and count, those that are known, and those that wait.
    package var offered = 0
    package var added = 0
    package var confirmed = 0
    package var quarantined = 0
    /// Known ones that wait for a person, or that a person has taken back.
    package var held = 0
}

extension Desk {
    /// Takes over what the Price List says, as far as it can be believed.
    ///
    /// A price that was read before only counts as confirmed. One that moves too far from what its calls cost until now,
    /// is zero or absurd, is kept apart for a person: it may be right, and nobody should be suspended for it if not.
    package func importPrices(_ rows: [PriceRow], by actor: String) throws -> PriceImport {
        var result = PriceImport(offered: rows.count)
        let stored = try transaction.prices(statuses: Set(PriceStatus.allCases), limit: StoredPrice.mostRows)
        // The newest of the same terms decides.
        var known: [PriceTerms: StoredPrice] = [:]
        for price in stored where price.row.origin == .priceList { known[PriceTerms(price.row)] = price }
        let book = try settings.prices.book(in: transaction)
        var confirmed: [PriceID] = []
        for row in rows {
            if let price = known[PriceTerms(row)] {
                confirmed.append(price.id)
                if price.status == .inForce { result.confirmed += 1 } else { result.held += 1 }
            } else if let doubt = try doubt(about: row, book) {
                result.quarantined += 1
                let problem = doubt.wording
                let price = try record(row, status: .quarantined, problem: problem.english, by: actor)
                try tell(quarantined: price, because: problem)
            } else {
                result.added += 1
                _ = try record(row, status: .inForce, problem: nil, by: actor)
            }
        }
        try transaction.confirmPrices(confirmed, at: now)
        return result
    }

    private func doubt(about row: PriceRow, _ book: PriceBook) throws -> PriceDoubt? {
        let model = ModelID(row.geography.map { "\($0).\(row.model)" } ?? row.model)
        let listing = book.listing(of: model, in: row.region)
        // A person's word says what is to be charged, not what AWS charges.
        let before = listing.rows.first { $0.origin != .operator && $0.effectiveFrom <= now } ?? listing.row(at: now)
        let rates = try before?.effectiveRates(for: model.scope, in: row.region)
        return settings.prices.policy.sanity.doubt(about: row.rates, after: rates)
    }

    private func tell(quarantined price: StoredPrice, because problem: Wording) throws {
        let row = price.row
        var data: JSONObject = [
            "number": .int(price.id.rawValue), "model": .string(row.model),
            "region": row.region.map { .string($0) } ?? .null, "price": .object(row.json),
        ]
        for (name, value) in Wording.members("problem", problem) { data[name] = value }
        try tell(
            Notice(
                id: "price-quarantined/\(price.id.rawValue)", kind: .priceQuarantined, principal: nil,
                data: .object(data), at: now))
    }

    /// Tells people, once in a week, when the Price List was last read too long ago. Where it never was, the documented
    /// table is what was wanted.
    /// - Returns: whether it is so.
    @discardableResult
    package func tellStalePrices() throws -> Bool {
        let prices = try transaction.prices(statuses: [.inForce], limit: StoredPrice.mostRows)
        guard let last = prices.filter({ $0.row.origin == .priceList }).map(\.confirmedAt).max(),
            last + settings.prices.policy.maximumAge < now
        else { return false }
        let week = now.milliseconds / (7 * 86_400_000)
        try tell(
            Notice(
                id: "prices-stale/\(last.milliseconds)/\(week)", kind: .pricesStale, principal: nil,
                data: ["confirmedAt": .string(last.iso8601)], at: now))
        return true
    }
}

/// What makes two readings the same price.
private struct PriceTerms: Hashable {
    private let row: PriceRow

    init(_ row: PriceRow) {
        var row = row
        row.source = ""
        self.row = row
    }
}
