extension Spending {
    /// The sums of both.
    /// - Throws: `MoneyError.overflow`.
    package func joined(with other: Spending) throws(MoneyError) -> Spending {
        try Spending(
            total: total.adding(other.total), atFallbackPrices: atFallbackPrices.adding(other.atFallbackPrices),
            requests: requests + other.requests, unmetered: unmetered + other.unmetered)
    }

    /// The sums with one charge taken out and another put in its place. Sums that are less than the old charge don't hold it,
    /// as those of a period may that was cut anew when its rule changed: they stay as they are.
    /// - Throws: `MoneyError.overflow`.
    package func replacing(_ old: Charge, with new: Charge) throws(MoneyError) -> Spending {
        guard total >= old.amount else { return self }
        var sum = self
        sum.total = try total.subtracting(old.amount)
        switch old.basis {
        case .listed, .estimated, .fallback, .implausible: sum.requests = max(0, requests - 1)
        case .unmetered: sum.unmetered = max(0, unmetered - 1)
        case .notBillable: break
        }
        if old.basis.isUnsure { sum.atFallbackPrices = try max(.zero, atFallbackPrices.subtracting(old.amount)) }
        return try sum.adding(new)
    }
}
