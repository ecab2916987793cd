import Budgets
import Engine
import WallTime

/// What a batch of uses adds to further budgets: each is read once, changed in memory, and written once.
struct FurtherCharges<Transaction: ExecutionTransaction & BudgetLedger> {
    private let desk: Desk<Transaction>
    /// Most installations of a new Steward have none: then nothing is looked up for any use.
    let hasAny: Bool
    private var accounts: [BudgetID: FurtherAccount] = [:]
    private var ids: [FurtherScope: [BudgetID]] = [:]
    private var periods: [Key: FurtherSpending] = [:]
    /// Thresholds that were crossed.
    private(set) var crossings = 0
    /// Whether one of the budgets that were charged is used up.
    private(set) var isAnyExceeded = false

    private struct Key: Hashable {
        let budget: BudgetID
        let start: Instant
    }

    init(desk: Desk<Transaction>) throws {
        self.desk = desk
        hasAny = try !desk.transaction.furtherBudgets(FurtherQuery(limit: 1)).isEmpty
    }

    /// Adds a use that is new in the ledger to all budgets that apply to who paid it.
    mutating func add(_ event: UsageEvent, _ charge: Charge, _ payer: BudgetAccount) throws {
        guard hasAny else { return }
        for scope in payer.furtherScopes {
            for id in try budgets(of: scope) { try add(event, charge, to: id) }
        }
    }

    private mutating func budgets(of scope: FurtherScope) throws -> [BudgetID] {
        if let known = ids[scope] { return known }
        let found = try desk.transaction.furtherBudgets(of: scope).map(desk.current)
        for account in found { accounts[account.id] = account }
        ids[scope] = found.map(\.id)
        return found.map(\.id)
    }

    private mutating func add(_ event: UsageEvent, _ charge: Charge, to id: BudgetID) throws {
        guard let account = accounts[id] else { return }
        let amount = account.budget.unit.amount(of: event, charge)
        guard amount > 0 else { return }
        // Late uses belong to the period in which they happened.
        let period = account.budget.periodRule.period(containing: event.at, countedFrom: account.standing.period)
        let key = Key(budget: id, start: period.start)
        var spent =
            try periods[key] ?? desk.transaction.furtherSpending(of: id, periodStart: period.start)
            ?? FurtherSpending(budget: id, period: period, spent: 0, spentAtFallback: 0)
        spent.spent = saturated(spent.spent, amount)
        if charge.basis.isUnsure, account.budget.unit == .money {
            spent.spentAtFallback = saturated(spent.spentAtFallback, amount)
        }
        periods[key] = spent
        if period.start == account.standing.period.start {
            accounts[id]?.standing.spent = spent.spent
            accounts[id]?.standing.spentAtFallback = spent.spentAtFallback
        }
    }

    /// Writes what the batch changed, and announces what it crossed.
    /// - Returns: shared budgets whose limit was crossed, by id.
    mutating func finish() throws -> [FurtherAccount] {
        var crossed: [FurtherAccount] = []
        for id in accounts.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard var account = accounts[id] else { continue }
            let thresholds = try desk.announceCrossings(of: &account)
            crossings += thresholds.count
            isAnyExceeded = isAnyExceeded || account.state == .exceeded
            if thresholds.last == .exceeded, account.budget.scope.isShared { crossed.append(account) }
            try desk.save(account)
        }
        for spending in periods.values.sorted(by: {
            ($0.budget.rawValue, $0.period.start) < ($1.budget.rawValue, $1.period.start)
        }) {
            try desk.transaction.saveFurtherSpending(spending)
        }
        return crossed
    }
}
