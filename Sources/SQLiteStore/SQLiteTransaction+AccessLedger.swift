package import Budgets
package import Enforcement
import Engine
package import WallTime

extension SQLiteTransaction {
    package func sessions(
        of principal: PrincipalID, since: Instant, amongLatest uses: Int, limit: Int
    ) throws -> [SessionSpending] {
        guard let known = try numberOfPrincipal(principal) else { return [] }
        return try rows(
            Self.sessionsOfPrincipal,
            [.integer(known), .integer(since.milliseconds), SQLValue(max(0, uses)), SQLValue(max(0, limit))]
        ) { SessionSpending(session: $0.text(0), amount: NanoDollars(rawValue: $0.integer(1))) }
    }

    /// Of the latest uses, those of closed runs and of the tail, which is sorted.
    static let sessionsOfPrincipal = """
        SELECT session.text, \(sum(of: "u.amount")) AS spent FROM (
            SELECT u.session AS session, u.amount AS amount, o.at AS at, o.use AS id
            FROM usageOf AS o CROSS JOIN usage AS u WHERE u.id = o.use AND o.principal = ?1 AND o.at >= ?2
            UNION ALL
            SELECT session, amount, at, id FROM usage WHERE id > \(lastClosed) AND principal = ?1 AND at >= ?2
            ORDER BY at DESC, id DESC LIMIT ?3
        ) AS u
        JOIN usageLabel AS session ON session.id = u.session
        GROUP BY u.session ORDER BY spent DESC, session.text LIMIT ?4
        """

    package func acceptLoss(_ policies: [String], ofBackup id: PolicyBackupID, at: Instant) throws {
        for policy in policies {
            try change(
                "INSERT OR IGNORE INTO acceptedLoss (backup, policy, at) VALUES (?, ?, ?)", .integer(id.rawValue),
                .text(policy), .integer(at.milliseconds))
        }
    }

    package func acceptedLoss(ofBackup id: PolicyBackupID) throws -> [String] {
        try all("SELECT policy FROM acceptedLoss WHERE backup = ? ORDER BY policy", .integer(id.rawValue)) {
            $0.text(0)
        }
    }

    package func unpricedModels(since: Instant, limit: Int) throws -> [UnpricedModel] {
        // The hours' sums over all principals: some thousand rows, where a week of single uses may be many millions.
        // They also know of corrections.
        try rows(
            """
            SELECT model.text, u.uses, u.amount FROM (
                SELECT model, sum(fallbackRequests + unmetered) AS uses, \(Self.sum(of: "fallbackCost")) AS amount
                FROM usageHourTotal WHERE hour >= ? GROUP BY model HAVING sum(fallbackRequests + unmetered) > 0
            ) AS u
            JOIN usageLabel AS model ON model.id = u.model ORDER BY u.uses DESC, model.text LIMIT ?
            """, [.integer(since.hour), SQLValue(max(0, limit))]
        ) { UnpricedModel(model: $0.text(0), uses: $0.integer(1), amount: NanoDollars(rawValue: $0.integer(2))) }
    }

    package func withoutOwnBudget(limit: Int) throws -> [BudgetAccount] {
        let names = try all(
            """
            SELECT budget.name FROM budget JOIN principal ON principal.id = budget.principal
            WHERE discovered = 1 AND own = 0 AND spent > 0
                AND budget.name = 'principal:' || account || '/' || kind || '/' || principal.name
            ORDER BY spent DESC, budget.name LIMIT ?
            """, SQLValue(max(0, limit))
        ) { BudgetID(rawValue: $0.text(0)) }
        return try names.compactMap { try account($0) }
    }
}
