package import Budgets
package import WallTime

/// What the ledger knows about access besides budgets: who used a shared role, which losses a person has accepted, and
/// what the bypass radar asks. Part of the same transaction as `BudgetLedger`.
package protocol AccessLedger: AnyObject, SendableMetatype {
    /// The sessions in which a role was used since, the one that spent most first. Looks at the role's latest uses, at
    /// most so many: one role may be used a hundred million times in its period.
    func sessions(
        of principal: PrincipalID, since: Instant, amongLatest uses: Int, limit: Int
    ) throws -> [SessionSpending]

    /// A person gives these policies of the backup up: that they no longer exist holds no restoration up. Adds to those
    /// accepted before.
    func acceptLoss(_ policies: [String], ofBackup id: PolicyBackupID, at: Instant) throws
    /// By name.
    func acceptedLoss(ofBackup id: PolicyBackupID) throws -> [String]

    /// Models that were charged at safe rates, or whose use could not be priced, since the hour of an instant, and were
    /// not given a price meanwhile; the most used first.
    func unpricedModels(since: Instant, limit: Int) throws -> [UnpricedModel]
    /// Principals found by their spending to whom nobody has given a budget; the dearest first.
    func withoutOwnBudget(limit: Int) throws -> [BudgetAccount]
}

/// What one session of a role has spent.
package struct SessionSpending: Sendable, Hashable {
    package var session: String
    package var amount: NanoDollars

    package init(session: String, amount: NanoDollars) {
        self.session = session
        self.amount = amount
    }
}

/// Uses of a model for which there was no price.
package struct UnpricedModel: Sendable, Hashable {
    package var model: String
    package var uses: Int64
    package var amount: NanoDollars

    package init(model: String, uses: Int64, amount: NanoDollars) {
        self.model = model
        self.uses = uses
        self.amount = amount
    }
}
