package import Budgets
package import Enforcement
import Engine
package import WallTime

/// Rows of prices and corrections in memory.
struct PriceTables {
    var revision: Int64 = 0
    var prices: [StoredPrice] = []
    var names: [String: ModelName] = [:]
    /// The uses in the order in which they were recorded; the number of one is its place, counted from 1.
    var useOrder: [UsageKey] = []
    var corrections: [UsageCorrection] = []
}

extension MemoryTransaction {
    package func priceRevision() throws -> Int64 { tables.ledger.prices.revision }

    package func insertPrice(_ price: StoredPrice) throws -> PriceID {
        try requireWriting()
        var price = price
        price.id = PriceID(rawValue: Int64(tables.ledger.prices.prices.count + 1))
        tables.set(\.ledger.prices.prices, tables.ledger.prices.prices + [price])
        countRevision()
        return price.id
    }

    package func price(_ id: PriceID) throws -> StoredPrice? { tables.ledger.prices.prices.first { $0.id == id } }

    package func prices(statuses: Set<PriceStatus>, limit: Int) throws -> [StoredPrice] {
        Array(tables.ledger.prices.prices.filter { statuses.contains($0.status) }.prefix(limit))
    }

    package func setStatus(_ status: PriceStatus, ofPrice id: PriceID) throws {
        try changePrice(id) { $0.status = status }
        countRevision()
    }

    package func confirmPrices(_ ids: [PriceID], at: Instant) throws {
        for id in ids { try changePrice(id) { $0.confirmedAt = at } }
    }

    package func modelName(_ name: String) throws -> ModelName? { tables.ledger.prices.names[name] }

    package func saveModelName(_ name: ModelName) throws {
        try requireWriting()
        var name = name
        name.firstSeenAt = tables.ledger.prices.names[name.name]?.firstSeenAt ?? name.firstSeenAt
        tables.set(\.ledger.prices.names[name.name], name)
        countRevision()
    }

    package func unresolvedNames(limit: Int) throws -> [ModelName] { sortedNames(limit) { $0.model == nil } }

    package func resolvedNames(limit: Int) throws -> [ModelName] { sortedNames(limit) { $0.model != nil } }

    private func sortedNames(_ limit: Int, _ isAsked: (ModelName) -> Bool) -> [ModelName] {
        Array(tables.ledger.prices.names.values.filter(isAsked).sorted { $0.name < $1.name }.prefix(limit))
    }

    private func countRevision() { tables.set(\.ledger.prices.revision, tables.ledger.prices.revision + 1) }

    private func changePrice(_ id: PriceID, _ change: (inout StoredPrice) -> Void) throws {
        try requireWriting()
        var prices = tables.ledger.prices.prices
        guard let index = prices.firstIndex(where: { $0.id == id }) else {
            throw MissingRow(description: "price \(id.rawValue)")
        }
        change(&prices[index])
        tables.set(\.ledger.prices.prices, prices)
    }
}

extension MemoryTransaction {
    package func chargedUses(_ query: ChargedUseQuery, of isAsked: (ModelID) -> Bool) throws -> ChargedUsePage {
        var candidates = tables.ledger.prices.useOrder.enumerated().compactMap { place, key in
            tables.ledger.usage[key].map { (number: Int64(place + 1), usage: $0) }
        }
        if let principal = query.principal {
            candidates = candidates.filter {
                $0.usage.event.principal.id == principal && query.asksFor($0.usage.event.at)
            }
            candidates.sort { Self.isBefore(position($0), position($1)) }
            candidates = candidates.filter { use in
                query.after.map { Self.isBefore($0, position(use)) } ?? true
            }
        } else {
            candidates = candidates.filter { $0.number > query.after?.number ?? 0 }
        }
        let window = candidates.prefix(query.window)
        var uses: [ChargedUse] = []
        var last: (number: Int64, usage: ChargedUsage)?
        for (number, usage) in window where uses.count < query.limit {
            last = (number, usage)
            guard query.asksFor(usage.event.at), isAsked(usage.event.model) else { continue }
            uses.append(ChargedUse(number: number, usage: usage, current: current(number, usage.charge)))
        }
        let isAll = window.count < query.window && last?.number == window.last?.number
        guard !isAll, let last else { return ChargedUsePage(uses: uses, next: nil) }
        let at = query.principal == nil ? 0 : last.usage.event.at.milliseconds
        return ChargedUsePage(uses: uses, next: UsePosition(at: at, number: last.number))
    }

    private func position(_ use: (number: Int64, usage: ChargedUsage)) -> UsePosition {
        UsePosition(at: use.usage.event.at.milliseconds, number: use.number)
    }

    private static func isBefore(_ left: UsePosition, _ right: UsePosition) -> Bool {
        (left.at, left.number) < (right.at, right.number)
    }

    private func current(_ number: Int64, _ charge: Charge) -> Charge {
        tables.ledger.prices.corrections.filter { $0.use == number }.reduce(charge) { charge, correction in
            Charge(
                amount: NanoDollars(rawValue: charge.amount.rawValue + correction.amount.rawValue),
                basis: correction.basis)
        }
    }

    package func insertCorrection(_ correction: UsageCorrection) throws {
        try requireWriting()
        guard (1...tables.ledger.prices.useOrder.count).contains(Int(correction.use)) else {
            throw MissingRow(description: "use \(correction.use)")
        }
        tables.set(\.ledger.prices.corrections, tables.ledger.prices.corrections + [correction])
    }

    package func corrections(of key: UsageKey) throws -> [UsageCorrection] {
        guard let place = tables.ledger.prices.useOrder.firstIndex(of: key) else { return [] }
        return tables.ledger.prices.corrections.filter { $0.use == Int64(place + 1) }
    }

    package func sumOfUses(by principal: PrincipalID, from: Instant, to: Instant) throws -> UsageSums {
        var sums = UsageSums()
        for (place, key) in tables.ledger.prices.useOrder.enumerated() {
            guard let usage = tables.ledger.usage[key], usage.event.principal.id == principal,
                from <= usage.event.at, usage.event.at < to
            else { continue }
            sums.add(UsageSums(usage.event, current(Int64(place + 1), usage.charge)))
        }
        return sums
    }

    package func spending(of budget: BudgetID, at instant: Instant) throws -> PeriodSpending? {
        tables.ledger.periods.values
            .filter { $0.budget == budget && $0.period.start <= instant && instant < $0.period.end }
            .max { $0.period.start < $1.period.start }
    }
}
