package import Budgets
package import Enforcement
import Engine
package import WallTime

extension SQLiteTransaction {
    package func furtherBudget(_ id: BudgetID) throws -> FurtherAccount? {
        try rows(Self.furtherBudgets + " WHERE name = ?", [.text(id.rawValue)]) { try FurtherAccount($0) }.first
    }

    package func saveFurtherBudget(_ account: FurtherAccount) throws {
        let (budget, standing) = (account.budget, account.standing)
        try change(
            """
            INSERT INTO furtherBudget (name, scope, unit, limitAmount, warningPerMille, criticalPerMille, periodRule, mode,
                graceSeconds, periodStart, periodEnd, spent, spentAtFallback, announced, arming, createdAt, updatedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET limitAmount = excluded.limitAmount,
                warningPerMille = excluded.warningPerMille, criticalPerMille = excluded.criticalPerMille,
                mode = excluded.mode, graceSeconds = excluded.graceSeconds, periodStart = excluded.periodStart,
                periodEnd = excluded.periodEnd, spent = excluded.spent, spentAtFallback = excluded.spentAtFallback,
                announced = excluded.announced, arming = excluded.arming, updatedAt = excluded.updatedAt
            """,
            .text(account.id.rawValue), .text(budget.scope.description), .text(budget.unit.rawValue),
            .integer(budget.limit), SQLValue(budget.thresholds.warningPerMille),
            SQLValue(budget.thresholds.criticalPerMille), .text(budget.periodRule.description),
            .text(budget.mode.rawValue), SQLValue(budget.graceSeconds),
            .integer(standing.period.start.milliseconds), .integer(standing.period.end.milliseconds),
            .integer(standing.spent), .integer(standing.spentAtFallback), .integer(standing.announced.code),
            SQLValue(standing.arming), .integer(account.createdAt.milliseconds),
            .integer(account.updatedAt.milliseconds))
    }

    package func removeFurtherBudget(_ id: BudgetID) throws -> Bool {
        try change(
            "DELETE FROM furtherPeriod WHERE budget = (SELECT id FROM furtherBudget WHERE name = ?)",
            .text(id.rawValue))
        return try change("DELETE FROM furtherBudget WHERE name = ?", .text(id.rawValue)) == 1
    }

    package func furtherBudgets(of scope: FurtherScope) throws -> [FurtherAccount] {
        try rows(
            Self.furtherBudgets + " WHERE scope = ? ORDER BY name", [.text(scope.description)]
        ) { try FurtherAccount($0) }
    }

    package func furtherBudgets(_ query: FurtherQuery) throws -> [FurtherAccount] {
        var (index, conditions, values) = ("", [String](), [SQLValue]())
        switch query.selection {
        case .all: break
        case .exceeded:
            index = " INDEXED BY furtherBudgetExceeded"
            conditions.append("spent >= limitAmount AND spent > 0")
        case .periodEnded(let by):
            index = " INDEXED BY furtherBudgetByPeriodEnd"
            conditions.append("periodEnd <= ?")
            values.append(.integer(by.milliseconds))
        }
        if let after = query.after {
            conditions.append("name > ?")
            values.append(.text(after.rawValue))
        }
        values.append(SQLValue(max(0, query.limit)))
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return try rows(Self.furtherBudgets + index + filter + " ORDER BY name LIMIT ?", values) {
            try FurtherAccount($0)
        }
    }

    package func furtherSpending(of budget: BudgetID, periodStart: Instant) throws -> FurtherSpending? {
        try first(
            """
            SELECT start, end, furtherPeriod.spent, furtherPeriod.spentAtFallback
            FROM furtherPeriod JOIN furtherBudget ON furtherBudget.id = furtherPeriod.budget
            WHERE furtherBudget.name = ? AND start = ?
            """,
            .text(budget.rawValue), .integer(periodStart.milliseconds)
        ) { row in
            FurtherSpending(
                budget: budget,
                period: Period(
                    start: Instant(milliseconds: row.integer(0)), end: Instant(milliseconds: row.integer(1))),
                spent: row.integer(2), spentAtFallback: row.integer(3))
        }
    }

    package func saveFurtherSpending(_ spending: FurtherSpending) throws {
        let changed = try change(
            """
            INSERT INTO furtherPeriod (budget, start, end, spent, spentAtFallback)
            SELECT id, ?2, ?3, ?4, ?5 FROM furtherBudget WHERE name = ?1
            ON CONFLICT (budget, start) DO UPDATE SET end = excluded.end, spent = excluded.spent,
                spentAtFallback = excluded.spentAtFallback
            """,
            .text(spending.budget.rawValue), .integer(spending.period.start.milliseconds),
            .integer(spending.period.end.milliseconds), .integer(spending.spent), .integer(spending.spentAtFallback))
        guard changed == 1 else {
            throw IllegalChange(description: "there is no budget \(spending.budget) whose period could be saved")
        }
    }

    private static let furtherBudgets = """
        SELECT scope, unit, limitAmount, warningPerMille, criticalPerMille, periodRule, mode, graceSeconds, periodStart,
            periodEnd, spent, spentAtFallback, announced, arming, createdAt, updatedAt
        FROM furtherBudget
        """
}

extension FurtherAccount {
    fileprivate init(_ row: PersistentStatement) throws {
        guard let scope = FurtherScope(row.text(0)), let rule = PeriodRule(row.text(5)) else {
            throw StoreError.damaged("furtherBudget holds the scope \(row.text(0)) and the period \(row.text(5))")
        }
        let budget: FurtherBudget
        do {
            budget = try FurtherBudget(
                scope: scope, unit: BudgetUnit(stored: row.text(1), in: "furtherBudget.unit"), limit: row.integer(2),
                periodRule: rule,
                thresholds: Thresholds(warningPerMille: Int(row.integer(3)), criticalPerMille: Int(row.integer(4))),
                mode: BudgetMode(stored: row.text(6), in: "furtherBudget.mode"), graceSeconds: Int(row.integer(7)))
        } catch let error as BudgetError {
            throw StoreError.damaged("the further budget of \(row.text(0)) can't be: \(error)")
        }
        self.init(
            budget: budget,
            standing: FurtherStanding(
                period: Period(
                    start: Instant(milliseconds: row.integer(8)), end: Instant(milliseconds: row.integer(9))),
                spent: row.integer(10), spentAtFallback: row.integer(11), announced: Set(code: row.integer(12)),
                arming: Int(row.integer(13))),
            createdAt: Instant(milliseconds: row.integer(14)), updatedAt: Instant(milliseconds: row.integer(15)))
    }
}
