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

    /// What the session's name was charged for before it was told whose it is, its user pays. A name that was there long
    /// before may have been another's, and one with terms of its own pays for itself.
    private func takeOver(_ session: NameOwner) throws {
        guard var named = try transaction.account(BudgetScope.principal(session.name).budgetID), !named.hasOwnTerms,
            named.createdAt + .seconds(3600) >= session.at, named.standing.spending != Spending(),
            // Told of late: what was spent in a period that is over is nobody's of now.
            named.standing.period.end > now
        else { return }
        var user = try account(of: session.owner, as: named)
        if user.standing.access.status.rollsOver { try rollOver(&user) }
        guard user.standing.period.end > now else { return }
        let moved = named.standing.spending
        user.standing.spending = try user.standing.spending.joined(with: moved)
        named.standing.spending = Spending()
        named.standing.rearm(under: named.budget)
        for account in [named, user] {
            try save(account)
            try transaction.saveSpending(
                PeriodSpending(
                    budget: account.id, period: account.standing.period, spending: account.standing.spending))
        }
        try audit(
            "session.charged-to-user", by: "steward:cloudtrail", subject: session.owner.description,
            ["session": .string(session.name.description), "amount": .string(moved.total.description)])
        try announceCrossings(of: &user)
        try save(user)
    }

    private func account(of id: PrincipalID, as session: BudgetAccount) throws -> BudgetAccount {
        if let known = try transaction.account(BudgetScope.principal(id).budgetID) { return known }
        return try openAccount(
            settings.defaultBudget.budget(for: id),
            principal: Principal(id: id, partition: session.principal.partition), firstUse: session.createdAt,
            isDiscovered: true, by: "steward:cloudtrail")
    }
}
