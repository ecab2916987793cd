import Budgets
import Enforcement
import Engine
import WallTime

/// Rows that the ledger's cases begin with.
extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static func ledgerID(_ name: String) -> PrincipalID {
        PrincipalID(account: "111122223333", kind: .user, name: name)
    }

    static func ledgerPrincipal(_ name: String, path: String = "/") -> PrincipalRecord {
        PrincipalRecord(
            principal: Principal(id: ledgerID(name), path: path), firstSeenAt: start, isDiscovered: true)
    }

    static func ledgerUsage(_ requestID: String, region: String = "us-east-1") -> ChargedUsage {
        ChargedUsage(
            event: UsageEvent(
                key: UsageKey(account: "111122223333", region: region, requestID: requestID), at: start,
                principal: Principal(id: ledgerID("ana"), session: "s-7"),
                model: ModelID("us.anthropic.claude-sonnet-4-6"), operation: "Converse",
                tokens: TokenCounts(input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5),
                source: "test"),
            charge: Charge(amount: NanoDollars(rawValue: 123_456), basis: .listed), recordedAt: start + .seconds(1))
    }

    static func ledgerAccount(_ name: String) throws -> BudgetAccount {
        let budget = try Budget(scope: .principal(ledgerID(name)), limit: NanoDollars(rawValue: 1_000_000_000))
        return BudgetAccount(
            budget: budget,
            standing: Standing(
                budget: budget.id, period: Period(start: start, end: start + .seconds(100)),
                access: Access(status: .active, since: start)),
            principal: Principal(id: ledgerID(name)), createdAt: start, updatedAt: start)
    }

    /// Saves an account with its principal.
    static func saveAccount(_ transaction: Transaction, _ name: String) throws -> BudgetAccount {
        try transaction.savePrincipal(ledgerPrincipal(name))
        let account = try ledgerAccount(name)
        try transaction.saveAccount(account)
        return account
    }
}
