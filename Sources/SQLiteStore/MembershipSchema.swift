import GRDB

/// To which team a principal belonged before it changed, and whether it was in the pool: whose budgets paid for a use is
/// asked when its charge is corrected (ADR 0012).
enum MembershipSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("former memberships") { try $0.execute(sql: memberships) }
    }

    private static let memberships = """
        CREATE TABLE formerMembership (
            id INTEGER PRIMARY KEY,
            principal INTEGER NOT NULL REFERENCES principal (id),
            team TEXT CHECK (team <> ''),
            inPool INTEGER NOT NULL CHECK (inPool IN (0, 1)),
            until INTEGER NOT NULL,
            lastUse INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX formerMembershipByPrincipal ON formerMembership (principal, id);
        """
}
