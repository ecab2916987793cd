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
    /// Those that counted until now and that the list does not say any more.
    package var superseded = 0
}

extension Desk {
    /// Takes over what the Price List says, as far as it can be believed.
    ///
    /// A price that was read before only counts as confirmed, or as held where a person has taken it back or has still
    /// to look; with another date it is the same price, since AWS dates its list anew. One that moves too far from what
    /// its calls cost until now, is zero or absurd, is kept apart for a person: it may be right, and nobody should be
    /// suspended for it if not. Where the list goes back to a price with an earlier date, or to one that was read
    /// earlier, what came in between is superseded: it would go on hiding what the list says.
    package func importPrices(_ rows: [PriceRow], by actor: String) throws -> PriceImport {
        var result = PriceImport(offered: rows.count)
        let stored = try transaction.prices(statuses: Set(PriceStatus.allCases), limit: StoredPrice.mostRows)
        let known = KnownPrices(stored)
        let book = try settings.prices.book(in: transaction)
        var confirmed: [PriceID] = []
        var counting: [PricePlace: StoredPrice] = [:]
        func count(_ price: StoredPrice) {
            guard counting[PricePlace(price.row)].map({ price.hides($0) }) ?? true else { return }
            counting[PricePlace(price.row)] = price
        }
        for row in rows {
            if let price = known.price(offeredAs: row) {
                confirmed.append(price.id)
                if price.status == .inForce {
                    result.confirmed += 1
                    count(price)
                } else {
                    result.held += 1
                }
            } else if let doubt = try doubt(about: row, book) {
                result.quarantined += 1
                let problem = doubt.wording
                let price = try record(row, status: .quarantined, problem: problem.english, by: actor)
                try tell(quarantined: price, because: problem)
            } else {
                result.added += 1
                count(try record(row, status: .inForce, problem: nil, by: actor))
            }
        }
        try transaction.confirmPrices(confirmed, at: now)
        for price in stored where price.row.origin == .priceList && price.status == .inForce {
            guard let offered = counting[PricePlace(price.row)], price.hides(offered) else { continue }
            try supersede(price, by: offered, actor)
            result.superseded += 1
        }
        return result
    }

    private func supersede(_ price: StoredPrice, by offered: StoredPrice, _ actor: String) throws {
        try transaction.setStatus(.superseded, ofPrice: price.id)
        var detail = price.row.json
        detail["number"] = .int(price.id.rawValue)
        detail["supersededBy"] = .int(offered.id.rawValue)
        try audit("price.superseded", by: actor, subject: price.row.model, .object(detail))
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

/// The calls that a price is for.
private struct PricePlace: Hashable {
    private let model: String
    private let geography: String?
    private let region: String?

    init(_ row: PriceRow) {
        model = row.model
        geography = row.geography
        region = row.region
    }
}

extension StoredPrice {
    /// Whether it decides rather than `other` of the same place and source, once both are in force (`PriceBook`).
    fileprivate func hides(_ other: StoredPrice) -> Bool {
        (row.effectiveFrom, id.rawValue) > (other.row.effectiveFrom, other.id.rawValue)
    }
}

/// What makes two readings the same price.
private struct PriceTerms: Hashable {
    private let row: PriceRow

    init(_ row: PriceRow, isDated: Bool = true) {
        var row = row
        row.source = ""
        if !isDated { row.effectiveFrom = Instant(milliseconds: 0) }
        self.row = row
    }
}

/// The prices that were read from the list before, without those that it went back behind.
private struct KnownPrices {
    private var exact: [PriceTerms: StoredPrice] = [:]
    /// Of those in force, the one that decides.
    private var current: [PricePlace: StoredPrice] = [:]
    /// Those that wait for a person, or that a person has taken back, by their terms without the date.
    private var held: [PriceTerms: StoredPrice] = [:]

    /// - Parameter stored: in the order in which they were recorded.
    init(_ stored: [StoredPrice]) {
        // The newest of the same terms decides.
        for price in stored where price.row.origin == .priceList && price.status != .superseded {
            exact[PriceTerms(price.row)] = price
            let place = PricePlace(price.row)
            if price.status != .inForce {
                held[PriceTerms(price.row, isDated: false)] = price
            } else if current[place].map({ price.hides($0) }) ?? true {
                current[place] = price
            }
        }
    }

    /// The one that the list says again; nil when it says something new, such as an earlier date of what is in force.
    func price(offeredAs row: PriceRow) -> StoredPrice? {
        if let price = exact[PriceTerms(row)] { return price }
        let terms = PriceTerms(row, isDated: false)
        if let price = current[PricePlace(row)], PriceTerms(price.row, isDated: false) == terms,
            price.row.effectiveFrom < row.effectiveFrom
        {
            return price
        }
        return held[terms]
    }
}
