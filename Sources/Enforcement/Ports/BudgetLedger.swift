package import Budgets
package import WallTime

/// What can be done in one transaction with the rows of usage, budgets and backups. Synchronous, like the engine's part
/// of the same transaction (`ExecutionTransaction`).
package protocol BudgetLedger: Outbox, FurtherBudgetLedger, AccessLedger, IngestLedger, TrailLedger, BatchLedger,
    AgentLedger, PriceLedger, ReportLedger, SendableMetatype
{
    // Usage
    /// Adds a use to the ledger; false when its key is there already, and then nothing is changed.
    func insertUsage(_ usage: ChargedUsage) throws -> Bool
    func usage(_ key: UsageKey) throws -> ChargedUsage?
    /// Whether `insertUsage` would take a use of that key, which happened then, as known.
    func isKnown(_ key: UsageKey, at instant: Instant) throws -> Bool
    /// Remembers a record that could not be read; false when the same source brought the same one before.
    func insertUnreadable(source: String, fingerprint: Int64, at: Instant) throws -> Bool

    // Principals
    func principal(_ id: PrincipalID) throws -> PrincipalRecord?
    func savePrincipal(_ record: PrincipalRecord) throws
    /// Principals of that IAM name, in whatever account and of whatever kind, by id.
    func principals(named name: String, limit: Int) throws -> [PrincipalRecord]

    // Budgets
    func account(_ id: BudgetID) throws -> BudgetAccount?
    /// Adds the account or replaces it. Its principal has to be there.
    func saveAccount(_ account: BudgetAccount) throws
    /// Writes what charges have moved: the spending of the account's current period, in the account and in the period's
    /// own row. The rest of the account, which has to be there, stays as it is stored.
    func saveCharges(of account: BudgetAccount, at: Instant) throws
    /// By id, ascending.
    func accounts(_ query: AccountQuery) throws -> [BudgetAccount]
    /// How many suspensions have started after `instant`.
    func suspensionStarts(after instant: Instant) throws -> Int

    // Periods of budgets, ended ones included
    func spending(of budget: BudgetID, periodStart: Instant) throws -> PeriodSpending?
    func saveSpending(_ spending: PeriodSpending) throws
    /// Removes what is kept of periods that begin then or later, and gives it back, the earliest first.
    func removeSpending(of budget: BudgetID, from start: Instant) throws -> [PeriodSpending]
    /// Newest first.
    func periods(of budget: BudgetID, limit: Int) throws -> [PeriodSpending]

    // Policy backups
    func insertBackup(_ backup: NewPolicyBackup) throws -> PolicyBackupID
    func backup(_ id: PolicyBackupID) throws -> PolicyBackup?
    /// The oldest backup of the principal that was not given back yet: how things were before anything was taken.
    func openBackup(of principal: PrincipalID) throws -> PolicyBackup?
    /// An open backup of whoever has IAM's stable id (`AIDA…`), under whatever name.
    func openBackup(ofEntity id: String) throws -> PolicyBackup?
    /// The newest backup of the principal, given back or not.
    func lastBackup(of principal: PrincipalID) throws -> PolicyBackup?
    /// What suspensions under the backup were told to do. The rest of a backup but for this and `setTaking` never changes.
    func setEnforcement(_ enforcement: EnforcementMode, ofBackup id: PolicyBackupID) throws
    /// What suspensions under the backup were about to take; see `NewPolicyBackup.taking`.
    func setTaking(_ taking: [String]?, ofBackup id: PolicyBackupID) throws
    /// Marks all open backups of the principal as given back.
    func closeBackups(of principal: PrincipalID, at: Instant) throws
}

/// Which budget accounts to list. All but `.all` and the pool are answered from an index, however many there are.
package struct AccountQuery: Sendable, Hashable {
    package enum Selection: Sendable, Hashable {
        case all
        /// At or above the limit in the current period, whatever the access.
        case exceeded
        /// With access, and a current period that has ended by then; of these no page follows another (`after`).
        case activeWithPeriodEnded(by: Instant)
        case status(AccessStatus)
        /// Those that spend from a further budget of this scope.
        case members(of: FurtherScope)
        /// With a person's block or protection.
        case held
        /// Whose terms somebody has set.
        case withOwnTerms
    }

    package var selection: Selection
    /// Continue after this budget.
    package var after: BudgetID?
    package var limit: Int

    package init(_ selection: Selection = .all, after: BudgetID? = nil, limit: Int = 100) {
        self.selection = selection
        self.after = after
        self.limit = limit
    }
}
