import Budgets
import Engine
import JSONModel
import WallTime

extension Desk {
    /// A user has asked STS for a session of that name (`GetFederationToken`), or called in one: what it uses is that user's.
    func noteSession(_ session: NameOwner) throws {
        let before = try transaction.owners(of: session.name)
        try transaction.noteOwner(session)
        // Logs are often quicker than CloudTrail.
        if before.isEmpty { try takeOver(session) }
    }

    /// What the session's name was charged for before it was told whose it is, its user pays, in the periods of now, as if it
    /// had used it: from the own budget and from the further ones. A name that was there long before may have been another's,
    /// and one with terms of its own pays for itself.
    private func takeOver(_ session: NameOwner) throws {
        guard var named = try transaction.account(BudgetScope.principal(session.name).budgetID), !named.hasOwnTerms,
            named.createdAt + .seconds(3600) >= session.at, named.standing.spending != Spending(),
            // Told of late: what was spent in a period that is over is nobody's of now.
            named.standing.period.end > now
        else { return }
        var user = try account(of: session.owner, as: named)
        if user.standing.access.status.rollsOver { try rollOver(&user) }
        guard user.standing.period.end > now else { return }
        let moved = try spending(of: named, in: user.standing.period)
        user.standing.spending = try user.standing.spending.joined(with: moved)
        named.standing.spending = try named.standing.spending.without(moved)
        named.standing.rearm(under: named.budget)
        for account in [named, user] {
            try save(account)
            try transaction.saveSpending(
                PeriodSpending(
                    budget: account.id, period: account.standing.period, spending: account.standing.spending))
        }
        try auditTakeOver(session, user, moved)
        try moveFurtherSpending(of: named, to: user)
        // The further budgets may have done something about it by now.
        guard var user = try transaction.account(user.id) else { return }
        try announceCrossings(of: &user)
        _ = try actOnFurtherBudgets(&user)
        try save(user)
    }

    /// The part of the current period's sum that was used in another's.
    private func spending(of account: BudgetAccount, in period: Period) throws -> Spending {
        guard period.start > account.standing.period.start else { return account.standing.spending }
        // Uses may be stamped ahead of the clock.
        let end = min(account.standing.period.end, period.end)
        let used = try transaction.used(by: account.principal.id, from: period.start, to: end)
        return account.standing.spending.part(used)
    }

    /// Of the user, and of the session, whose uses keep its name (`Handover`).
    private func auditTakeOver(_ session: NameOwner, _ user: BudgetAccount, _ moved: Spending) throws {
        let facts: JSONObject = [
            "session": .string(session.name.description), "after": .string(session.owner.description),
            "at": .string(session.at.iso8601), "amount": .string(moved.total.description),
            "periodStart": .string(user.standing.period.start.iso8601),
        ]
        for (action, subject) in [("session.charged-to-user", session.owner), ("session.taken-over", session.name)] {
            try audit(action, by: "steward:cloudtrail", subject: subject.description, .object(facts))
        }
    }

    private func account(of id: PrincipalID, as session: BudgetAccount) throws -> BudgetAccount {
        if let known = try transaction.account(BudgetScope.principal(id).budgetID) { return known }
        return try openAccount(
            settings.defaultBudget.budget(for: id),
            principal: Principal(id: id, partition: session.principal.partition), firstUse: session.createdAt,
            isDiscovered: true, by: "steward:cloudtrail")
    }
}
