extension Spending {
    /// The sums with one charge taken out and another put in its place.
    /// - Throws: `MoneyError.overflow`.
    package func replacing(_ old: Charge, with new: Charge) throws(MoneyError) -> Spending {
        var sum = self
        sum.total = try total.subtracting(old.amount)
        switch old.basis {
        case .listed, .estimated: sum.requests -= 1
        case .fallback, .implausible:
            sum.requests -= 1
            sum.atFallbackPrices = try atFallbackPrices.subtracting(old.amount)
        case .unmetered: sum.unmetered -= 1
        case .notBillable: break
        }
        return try sum.adding(new)
    }
}
