package import Budgets
package import Enforcement
import Engine
import JSONModel
package import WallTime

extension SQLiteTransaction {
    package func account(_ id: BudgetID) throws -> BudgetAccount? {
        if let account = known.accounts[id] { return account }
        return try composed(Self.oneAccount).first([.text(id.rawValue)]) { row in
            let account = try BudgetAccount(row)
            known.note(budgetOf: account.principal.id, row.integer(36))
            known.note(principal: account.principal.id, row.integer(37))
            // What a reader has seen may be changed behind its back.
            if !isReadOnly { known.note(account) }
            return account
        }
    }

    package func saveAccount(_ account: BudgetAccount) throws {
        known.forget(accountOf: account.principal.id)
        try change(
            """
            INSERT INTO budget (name, principal, limitNanos, warningPerMille, criticalPerMille, periodRule, mode,
                enforcement, graceSeconds, protected, periodStart, periodEnd, spent, spentAtFallback, requests,
                unmetered, announced, arming, status, statusSince, statusReason, graceUntil, refreshCount, workflows,
                suspensionStartedAt, createdAt, updatedAt, own, block, protection, cause)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET limitNanos = excluded.limitNanos,
                warningPerMille = excluded.warningPerMille, criticalPerMille = excluded.criticalPerMille,
                periodRule = excluded.periodRule, mode = excluded.mode, enforcement = excluded.enforcement,
                graceSeconds = excluded.graceSeconds, protected = excluded.protected,
                periodStart = excluded.periodStart, periodEnd = excluded.periodEnd, spent = excluded.spent,
                spentAtFallback = excluded.spentAtFallback, requests = excluded.requests,
                unmetered = excluded.unmetered, announced = excluded.announced, arming = excluded.arming,
                status = excluded.status, statusSince = excluded.statusSince, statusReason = excluded.statusReason,
                graceUntil = excluded.graceUntil, refreshCount = excluded.refreshCount,
                workflows = excluded.workflows, suspensionStartedAt = excluded.suspensionStartedAt,
                updatedAt = excluded.updatedAt, own = excluded.own, block = excluded.block,
                protection = excluded.protection, cause = excluded.cause
            """,
            .text(account.id.rawValue), .integer(try principalNumber(account.principal.id)),
            .integer(account.budget.limit.rawValue), SQLValue(account.budget.thresholds.warningPerMille),
            SQLValue(account.budget.thresholds.criticalPerMille), .text(account.budget.periodRule.description),
            .text(account.budget.mode.rawValue), .text(account.budget.enforcement.rawValue),
            SQLValue(account.budget.graceSeconds), .integer(account.budget.isProtected ? 1 : 0),
            .integer(account.standing.period.start.milliseconds), .integer(account.standing.period.end.milliseconds),
            .integer(account.standing.spending.total.rawValue),
            .integer(account.standing.spending.atFallbackPrices.rawValue),
            .integer(account.standing.spending.requests), .integer(account.standing.spending.unmetered),
            .integer(account.standing.announced.code), SQLValue(account.standing.arming),
            .text(account.standing.access.status.rawValue), .integer(account.standing.access.since.milliseconds),
            SQLValue(account.standing.access.reason), SQLValue(account.standing.access.graceUntil?.milliseconds),
            SQLValue(account.standing.refreshCount),
            .text(JSONValue.array(account.workflows.map { .string($0) }).jsonString),
            SQLValue(account.suspensionStartedAt?.milliseconds), .integer(account.createdAt.milliseconds),
            .integer(account.updatedAt.milliseconds), .integer(account.hasOwnTerms ? 1 : 0),
            SQLValue(account.block?.stored), SQLValue(account.protection?.stored), SQLValue(account.furtherCrossing))
    }

    package func saveCharges(of account: BudgetAccount, at: Instant) throws {
        let number = try budgetNumber(of: account)
        let (period, spending) = (account.standing.period, account.standing.spending)
        // Names no indexed column but those of the index of budgets beyond their limits, so that no other is touched.
        try requireWritable()
        let changed = try prepared(Self.charging).run { values in
            values.add(spending.total.rawValue)
            values.add(spending.atFallbackPrices.rawValue)
            values.add(spending.requests)
            values.add(spending.unmetered)
            values.add(at.milliseconds)
            values.add(number)
        }
        guard changed == 1 else {
            throw IllegalChange(description: "there is no budget \(account.id) whose charges could be saved")
        }
        try save(spending, of: period, ofBudget: number)
        known.note(charged: account.id, spending, at: at)
    }

    private static let charging: StaticString = """
        UPDATE budget SET spent = ?, spentAtFallback = ?, requests = ?, unmetered = ?, updatedAt = ? WHERE id = ?
        """

    private func budgetNumber(of account: BudgetAccount) throws -> Int64 {
        if let known = known.budgets[account.principal.id] { return known }
        let number = try budgetNumber(account.id)
        known.note(budgetOf: account.principal.id, number)
        return number
    }

    /// - Throws: `IllegalChange` when it isn't there.
    private func budgetNumber(_ id: BudgetID) throws -> Int64 {
        let number = try first("SELECT id FROM budget WHERE name = ?", .text(id.rawValue)) { $0.integer(0) }
        guard let number else { throw IllegalChange(description: "there is no budget \(id) to refer to") }
        return number
    }

    private func save(_ spending: Spending, of period: Period, ofBudget number: Int64) throws {
        try requireWritable()
        try prepared(Self.savingPeriod).run { values in
            values.add(number)
            values.add(period.start.milliseconds)
            values.add(period.end.milliseconds)
            values.add(spending.total.rawValue)
            values.add(spending.atFallbackPrices.rawValue)
            values.add(spending.requests)
            values.add(spending.unmetered)
        }
    }

    private static let savingPeriod: StaticString = """
        INSERT INTO budgetPeriod (budget, start, end, spent, spentAtFallback, requests, unmetered)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (budget, start) DO UPDATE SET end = excluded.end, spent = excluded.spent,
            spentAtFallback = excluded.spentAtFallback, requests = excluded.requests,
            unmetered = excluded.unmetered
        """

    package func accounts(_ query: AccountQuery) throws -> [BudgetAccount] {
        let (sql, values) = Self.select(query)
        return try rows(sql, values) { try BudgetAccount($0) }
    }

    /// The text of a list, and its values. Each selection names the index that answers it.
    static func select(_ query: AccountQuery) -> (sql: String, values: [SQLValue]) {
        var conditions: [String] = []
        var values: [SQLValue] = []
        var index = ""
        switch query.selection {
        case .all: break
        case .exceeded:
            index = " INDEXED BY budgetExceeded"
            conditions.append("spent >= limitNanos AND spent > 0")
        case .activeWithPeriodEnded(let by):
            index = " INDEXED BY budgetByPeriodEnd"
            conditions.append("periodEnd <= ? AND status = 'active'")
            values.append(.integer(by.milliseconds))
        case .status(let status):
            index = " INDEXED BY budgetByStatus"
            conditions.append("status = ?")
            values.append(.text(status.rawValue))
        case .members(.principal(let id)):
            conditions.append("budget.name = ?")
            values.append(.text(BudgetScope.principal(id).budgetID.rawValue))
        case .members(.team(let team)):
            // Named so that the team's few members are found first, whatever the order of the list.
            index = " INDEXED BY budgetByPrincipal"
            conditions.append("budget.principal IN (SELECT id FROM principal WHERE team = ?)")
            values.append(.text(team))
        case .members(.pool): conditions.append("own = 0")
        case .members(.everyone): break
        case .withOwnTerms: conditions.append("own = 1")
        case .held:
            index = " INDEXED BY budgetHeld"
            conditions.append("(block IS NOT NULL OR protection IS NOT NULL)")
        }
        if let after = query.after {
            conditions.append("budget.name > ?")
            values.append(.text(after.rawValue))
        }
        values.append(SQLValue(max(0, query.limit)))
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let from = Self.accounts.replacing("FROM budget", with: "FROM budget" + index)
        // In the order of names, all that have ended would be sorted for each page.
        let order = if case .activeWithPeriodEnded = query.selection { "periodEnd, budget.id" } else { "budget.name" }
        return (from + filter + " ORDER BY \(order) LIMIT ?", values)
    }

    package func suspensionStarts(after instant: Instant) throws -> Int {
        let count = try first(
            "SELECT count(*) FROM budget WHERE suspensionStartedAt > ?", .integer(instant.milliseconds)
        ) { Int($0.integer(0)) }
        return count ?? 0
    }

    package func spending(of budget: BudgetID, periodStart: Instant) throws -> PeriodSpending? {
        try first(
            """
            SELECT start, end, budgetPeriod.spent, budgetPeriod.spentAtFallback, budgetPeriod.requests,
                budgetPeriod.unmetered
            FROM budgetPeriod JOIN budget ON budget.id = budgetPeriod.budget
            WHERE budget.name = ? AND start = ?
            """,
            .text(budget.rawValue), .integer(periodStart.milliseconds)
        ) { PeriodSpending($0, budget) }
    }

    package func saveSpending(_ spending: PeriodSpending) throws {
        try save(spending.spending, of: spending.period, ofBudget: budgetNumber(spending.budget))
    }

    package func removeSpending(of budget: BudgetID, from start: Instant) throws -> [PeriodSpending] {
        let number = try budgetNumber(budget)
        let removed = try all(
            """
            SELECT start, end, spent, spentAtFallback, requests, unmetered FROM budgetPeriod
            WHERE budget = ? AND start >= ? ORDER BY start
            """, .integer(number), .integer(start.milliseconds)
        ) { PeriodSpending($0, budget) }
        try change(
            "DELETE FROM budgetPeriod WHERE budget = ? AND start >= ?", .integer(number), .integer(start.milliseconds))
        return removed
    }

    package func periods(of budget: BudgetID, limit: Int) throws -> [PeriodSpending] {
        try all(
            """
            SELECT start, end, budgetPeriod.spent, budgetPeriod.spentAtFallback, budgetPeriod.requests,
                budgetPeriod.unmetered
            FROM budgetPeriod JOIN budget ON budget.id = budgetPeriod.budget
            WHERE budget.name = ? ORDER BY start DESC LIMIT ?
            """,
            .text(budget.rawValue), SQLValue(max(0, limit))
        ) { PeriodSpending($0, budget) }
    }

    private static let accounts = """
        SELECT budget.name, principal.account, principal.kind, principal.name, partition, path, limitNanos,
            warningPerMille, criticalPerMille, periodRule, mode, enforcement, graceSeconds, protected, periodStart,
            periodEnd, spent, spentAtFallback, requests, unmetered, announced, arming, status, statusSince, statusReason,
            graceUntil, refreshCount, workflows, suspensionStartedAt, createdAt, updatedAt, team, own, block, protection,
            cause, budget.id, principal.id, purpose, tier
        FROM budget JOIN principal ON principal.id = budget.principal
        """

    private static let oneAccount = accounts + " WHERE budget.name = ?"
}

extension BudgetAccount {
    fileprivate init(_ row: PersistentStatement) throws {
        let id = PrincipalID(
            account: row.text(1), kind: try PrincipalID.Kind(stored: row.text(2), in: "principal.kind"),
            name: row.text(3))
        let budget = try Budget(row, .principal(id))
        let spending = Spending(
            total: NanoDollars(rawValue: row.integer(16)), atFallbackPrices: NanoDollars(rawValue: row.integer(17)),
            requests: row.integer(18), unmetered: row.integer(19))
        let access = Access(
            status: try AccessStatus(stored: row.text(22), in: "budget.status"),
            since: Instant(milliseconds: row.integer(23)), graceUntil: Instant(row.optionalInteger(25)),
            reason: row.optionalText(24))
        let standing = Standing(
            budget: budget.id,
            period: Period(
                start: Instant(milliseconds: row.integer(14)), end: Instant(milliseconds: row.integer(15))),
            spending: spending, announced: Set(code: row.integer(20)), arming: Int(row.integer(21)), access: access,
            refreshCount: Int(row.integer(26)))
        let workflows = try Self.workflows(row.text(27))
        self.init(
            budget: budget, standing: standing,
            principal: Principal(id: id, partition: row.text(4), path: row.text(5)), team: row.optionalText(31),
            purpose: row.optionalText(38), tier: row.optionalText(39), hasOwnTerms: row.integer(32) == 1,
            block: try Hold(stored: row.optionalText(33), in: "budget.block"),
            protection: try Hold(stored: row.optionalText(34), in: "budget.protection"),
            furtherCrossing: row.optionalText(35), workflows: workflows,
            suspensionStartedAt: Instant(row.optionalInteger(28)), createdAt: Instant(milliseconds: row.integer(29)),
            updatedAt: Instant(milliseconds: row.integer(30)))
    }

    /// Most have none.
    private static func workflows(_ text: String) throws -> [String] {
        guard text != "[]" else { return [] }
        return (try JSONValue(stored: text, in: "budget.workflows").arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension Budget {
    fileprivate init(_ row: PersistentStatement, _ scope: BudgetScope) throws {
        guard let rule = PeriodRule(row.text(9)) else {
            throw StoreError.damaged("budget.periodRule holds \"\(row.text(9))\", which is no period")
        }
        do {
            try self.init(
                scope: scope, limit: NanoDollars(rawValue: row.integer(6)),
                thresholds: Thresholds(warningPerMille: Int(row.integer(7)), criticalPerMille: Int(row.integer(8))),
                periodRule: rule, mode: BudgetMode(stored: row.text(10), in: "budget.mode"),
                enforcement: EnforcementMode(stored: row.text(11), in: "budget.enforcement"),
                graceSeconds: Int(row.integer(12)), isProtected: row.integer(13) == 1)
        } catch let error as BudgetError {
            throw StoreError.damaged("the budget \(row.text(0)) can't be: \(error)")
        }
    }
}

extension PeriodSpending {
    fileprivate init(_ row: PersistentStatement, _ budget: BudgetID) {
        self.init(
            budget: budget,
            period: Period(start: Instant(milliseconds: row.integer(0)), end: Instant(milliseconds: row.integer(1))),
            spending: Spending(
                total: NanoDollars(rawValue: row.integer(2)),
                atFallbackPrices: NanoDollars(rawValue: row.integer(3)), requests: row.integer(4),
                unmetered: row.integer(5)))
    }
}

extension Set<Threshold> {
    /// One bit for each threshold, the lowest for the first.
    var code: Int64 {
        Threshold.allCases.enumerated().reduce(0) { $0 | (contains($1.element) ? 1 << Int64($1.offset) : 0) }
    }

    init(code: Int64) {
        self = Set(Threshold.allCases.enumerated().filter { code & (1 << Int64($0.offset)) != 0 }.map(\.element))
    }
}

extension Hold {
    fileprivate var stored: String {
        let json: JSONValue = [
            "end": .string(end.description), "reason": .string(reason), "by": .string(by),
            "since": .string(since.iso8601),
        ]
        return json.jsonString
    }

    /// Nil when nothing is stored.
    fileprivate init?(stored text: String?, in place: String) throws {
        guard let text else { return nil }
        let json = try JSONValue(stored: text, in: place)
        guard let end = json["end"]?.stringValue.flatMap(HoldEnd.init), let reason = json["reason"]?.stringValue,
            let by = json["by"]?.stringValue, let since = json["since"]?.stringValue.flatMap(Instant.init(iso8601:))
        else { throw StoreError.damaged("\(place) holds \(text), which is no block and no protection") }
        self.init(end: end, reason: reason, by: by, since: since)
    }
}
