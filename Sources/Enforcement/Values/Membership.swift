package import Budgets
package import WallTime

/// Whose further budgets a principal spends from, beside its own and everyone's.
package struct Membership: Sendable, Hashable {
    package var team: String?
    /// In the pool are all that nobody has given a budget of their own.
    package var isInPool: Bool

    package init(team: String?, isInPool: Bool) {
        self.team = team
        self.isInPool = isInPool
    }

    /// The strictest first (`FurtherScope.rank`).
    package func scopes(of principal: PrincipalID) -> [FurtherScope] {
        var scopes: [FurtherScope] = [.principal(principal)]
        if let team { scopes.append(.team(team)) }
        if isInPool { scopes.append(.pool) }
        return scopes + [.everyone]
    }
}

/// A membership that ended: what was recorded until then was paid by its budgets, and stays theirs.
package struct FormerMembership: Sendable, Hashable {
    package var membership: Membership
    package var until: Instant
    /// The number of the last use in the ledger when it ended (`ChargedUse.number`), of whomever.
    package var lastUse: Int64

    package init(membership: Membership, until: Instant, lastUse: Int64) {
        self.membership = membership
        self.until = until
        self.lastUse = lastUse
    }

    /// Whether a use of the principal was recorded before the membership ended. The number alone would not do, for a
    /// ledger that retention has emptied counts from 1 again; nor would the instant, in which much can happen.
    func isEnded(after use: ChargedUse) -> Bool { use.number <= lastUse && use.usage.recordedAt <= until }
}

extension [FormerMembership] {
    /// What held when the use was recorded; nil for what holds now. They are in the order in which they ended.
    func membership(paying use: ChargedUse) -> Membership? { first { $0.isEnded(after: use) }?.membership }
}
