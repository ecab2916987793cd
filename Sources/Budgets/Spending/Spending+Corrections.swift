extension Spending {
    /// The sums with one charge taken out and another put in its place.
    /// - Throws: `MoneyError.overflow`.
    package func replacing(_ old: Charge, with new: Charge) throws(MoneyError) -> Spending {
        var sum = self
        sum.total = try total.subtracting(old.amount)
        switch old.basis {
        case .listed, .estimated, .fallback, .implausible: sum.requests -= 1
        case .unmetered: sum.unmetered -= 1
        case .notBillable: break
        }
        if old.basis.isUnsure { sum.atFallbackPrices = try atFallbackPrices.subtracting(old.amount) }
        return try sum.adding(new)
    }
}
