package import Budgets
package import Enforcement
package import WallTime

extension SQLiteTransaction {
    package func endMembership(_ membership: Membership, of principal: PrincipalID, at instant: Instant) throws {
        try change(
            """
            INSERT INTO formerMembership (principal, team, inPool, until, lastUse)
            SELECT ?, ?, ?, ?, coalesce((SELECT max(id) FROM usage), 0)
            """,
            .integer(try principalNumber(principal)), SQLValue(membership.team),
            .integer(membership.isInPool ? 1 : 0), .integer(instant.milliseconds))
    }

    package func formerMemberships(of principal: PrincipalID) throws -> [FormerMembership] {
        try all(
            "SELECT team, inPool, until, lastUse FROM formerMembership WHERE principal = ? ORDER BY id",
            .integer(try principalNumber(principal))
        ) { row in
            FormerMembership(
                membership: Membership(team: row.optionalText(0), isInPool: row.integer(1) == 1),
                until: Instant(milliseconds: row.integer(2)), lastUse: row.integer(3))
        }
    }
}
