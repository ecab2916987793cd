/// Whether a price that is new may be believed without a person having looked.
///
/// A wrong unit (a price for a thousand tokens taken for one of a million) is a factor of a thousand; a price that is
/// missing reads as zero. Either would charge everybody wrongly at once.
package struct PriceSanity: Sendable, Hashable {
    /// Most by which a price may move, up or down.
    package var maximumFactor: Int64
    /// Highest believable price of a token: $1,000 for a million, twenty times the dearest of today.
    static let ceiling = TokenPrice(rawValue: 1_000_000_000)
    /// The same for an image or a call.
    static let pieceCeiling = NanoDollars(rawValue: 100 * NanoDollars.perDollar)

    /// - Precondition: at least 1.
    package init(maximumFactor: Int64 = 5) {
        precondition(maximumFactor >= 1, "a price may at least stay what it is")
        self.maximumFactor = maximumFactor
    }

    /// Why `new` has to be looked at by a person; nil when it may be used.
    /// - Parameter known: what calls of its scope cost until now, surcharges included; nil for a model without a price.
    package func doubt(about new: Rates, after known: Rates?) -> PriceDoubt? {
        let classes: [(PriceDoubt.Price, Int64?, Int64?, Int64)] = [
            (.input, new.input.rawValue, known?.input.rawValue, Self.ceiling.rawValue),
            (.output, new.output.rawValue, known?.output.rawValue, Self.ceiling.rawValue),
            (.cacheRead, new.cacheRead?.rawValue, known?.cacheRead?.rawValue, Self.ceiling.rawValue),
            (.cacheWrite, new.cacheWrite5m?.rawValue, known?.cacheWrite5m?.rawValue, Self.ceiling.rawValue),
            (.cacheWriteOfAnHour, new.cacheWrite1h?.rawValue, known?.cacheWrite1h?.rawValue, Self.ceiling.rawValue),
            (.image, new.image?.rawValue, known?.image?.rawValue, Self.pieceCeiling.rawValue),
            (.request, new.request?.rawValue, known?.request?.rawValue, Self.pieceCeiling.rawValue),
        ]
        for (name, price, before, ceiling) in classes {
            if let fault = fault(price, before, ceiling) { return .of(name, fault) }
        }
        return new.isFree ? .everythingIsFree : nil
    }

    private func fault(_ price: Int64?, _ before: Int64?, _ ceiling: Int64) -> PriceDoubt.Fault? {
        guard let price else { return nil }
        if price < 0 { return .negative }
        if price > ceiling { return .tooHigh }
        guard let before, before > 0 else { return nil }
        if price == 0 { return .becameZero }
        let (lower, higher) = (min(price, before), max(price, before))
        let (most, overflow) = lower.multipliedReportingOverflow(by: maximumFactor)
        return overflow || higher <= most ? nil : .moved(factor: maximumFactor)
    }
}

/// Why a person has to look at a price.
package enum PriceDoubt: Sendable, Hashable {
    case of(Price, Fault)
    case everythingIsFree

    package enum Price: Sendable, Hashable, CaseIterable {
        case input, output, cacheRead, cacheWrite, cacheWriteOfAnHour, image, request
    }

    package enum Fault: Sendable, Hashable {
        case negative
        /// Higher than any price of today.
        case tooHigh
        case becameZero
        /// By more than the factor, up or down.
        case moved(factor: Int64)
    }
}

extension Rates {
    /// Whether nothing at all is paid.
    package var isFree: Bool {
        [input, output, cacheRead ?? .free, cacheWrite5m ?? .free, cacheWrite1h ?? .free].allSatisfy { $0 == .free }
            && (image ?? .zero) == .zero && (request ?? .zero) == .zero
    }
}

extension PriceRow {
    /// What a call of that scope pays by this row: its rates with its surcharge, rounded up to whole pico-dollars.
    /// - Throws: `MoneyError.overflow`.
    package func effectiveRates(for scope: ModelID.Scope, in region: String?) throws(MoneyError) -> Rates {
        let factor = surcharge(for: scope, in: region)
        guard factor != .one else { return rates }
        var rates = rates
        rates.input = try rates.input.scaled(by: factor)
        rates.output = try rates.output.scaled(by: factor)
        rates.cacheRead = try rates.cacheRead?.scaled(by: factor)
        rates.cacheWrite5m = try rates.cacheWrite5m?.scaled(by: factor)
        rates.cacheWrite1h = try rates.cacheWrite1h?.scaled(by: factor)
        return rates
    }
}
