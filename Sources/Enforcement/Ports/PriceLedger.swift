package import Budgets
package import WallTime

/// The rows of prices, of what model ids stand for, and of corrections, in the same transaction as the rest of the ledger.
package protocol PriceLedger: AnyObject, SendableMetatype {
    // Prices and names
    /// A number that grows whenever the price book made of these rows would be another.
    func priceRevision() throws -> Int64
    /// Adds a price that is new; the number in `price.id` counts for nothing.
    func insertPrice(_ price: StoredPrice) throws -> PriceID
    func price(_ id: PriceID) throws -> StoredPrice?
    /// In the order in which they were recorded.
    func prices(statuses: Set<PriceStatus>, limit: Int) throws -> [StoredPrice]
    func setStatus(_ status: PriceStatus, ofPrice id: PriceID) throws
    /// Their source has said the same again.
    func confirmPrices(_ ids: [PriceID], at: Instant) throws

    func modelName(_ name: String) throws -> ModelName?
    func saveModelName(_ name: ModelName) throws
    /// Names whose model is not known, by name.
    func unresolvedNames(limit: Int) throws -> [ModelName]
    func resolvedNames(limit: Int) throws -> [ModelName]

    // Uses and their corrections
    /// A window of uses: of one principal by time, of all in the order in which they were recorded. `isAsked` is put once
    /// for each model that occurs.
    func chargedUses(_ query: ChargedUseQuery, of isAsked: (ModelID) -> Bool) throws -> ChargedUsePage
    func insertCorrection(_ correction: UsageCorrection) throws
    /// The oldest first.
    func corrections(of key: UsageKey) throws -> [UsageCorrection]
    /// What a principal's uses from `from` up to and without `to` add up to, each with what it is charged now. They are read
    /// one by one: for the part of an hour that sums by the hour can't tell.
    func sumOfUses(by principal: PrincipalID, from: Instant, to: Instant) throws -> UsageSums
    /// What was spent of a budget in the period that contains `instant`; nil when it has no such period.
    func spending(of budget: BudgetID, at instant: Instant) throws -> PeriodSpending?
}

extension PriceLedger {
    /// The same of all models.
    package func chargedUses(_ query: ChargedUseQuery) throws -> ChargedUsePage {
        try chargedUses(query) { _ in true }
    }
}
