import GRDB

/// Teams, holds, and budgets beside the one that every principal has.
enum FurtherBudgetSchema {
    static func register(_ migrations: inout Migrations) {
        migrations.add("teams, holds and further budgets") { try $0.execute(sql: columns + tables) }
    }

    /// Whoever was entered by a person has terms of its own; of those found by their spending nobody can tell any more,
    /// so they count as being in the pool until somebody sets their budget.
    private static let columns = """
        ALTER TABLE principal ADD COLUMN team TEXT CHECK (team <> '');
        ALTER TABLE principal ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
        CREATE INDEX principalByTeam ON principal (team, id) WHERE team IS NOT NULL;
        ALTER TABLE budget ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1));
        ALTER TABLE budget ADD COLUMN block TEXT;
        ALTER TABLE budget ADD COLUMN protection TEXT;
        ALTER TABLE budget ADD COLUMN cause TEXT;
        CREATE INDEX budgetByPrincipal ON budget (principal);
        CREATE INDEX budgetHeld ON budget (name) WHERE block IS NOT NULL OR protection IS NOT NULL;
        UPDATE budget SET own = 1 WHERE principal IN (SELECT id FROM principal WHERE discovered = 0);

        """

    /// `amount` is in the budget's unit: nano-dollars, tokens or requests. The partial index holds only budgets beyond
    /// their limit, as that of `budget` does.
    private static let tables = """
        CREATE TABLE furtherBudget (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            scope TEXT NOT NULL,
            limitAmount INTEGER NOT NULL CHECK (limitAmount >= 0),
            unit TEXT NOT NULL,
            warningPerMille INTEGER NOT NULL,
            criticalPerMille INTEGER NOT NULL,
            periodRule TEXT NOT NULL,
            mode TEXT NOT NULL,
            graceSeconds INTEGER NOT NULL CHECK (graceSeconds >= 0),
            periodStart INTEGER NOT NULL,
            periodEnd INTEGER NOT NULL CHECK (periodEnd > periodStart),
            spent INTEGER NOT NULL CHECK (spent >= 0),
            spentAtFallback INTEGER NOT NULL,
            announced INTEGER NOT NULL CHECK (announced BETWEEN 0 AND 7),
            arming INTEGER NOT NULL,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX furtherBudgetByScope ON furtherBudget (scope, name);
        CREATE INDEX furtherBudgetExceeded ON furtherBudget (name) WHERE spent >= limitAmount AND spent > 0;
        CREATE INDEX furtherBudgetByPeriodEnd ON furtherBudget (periodEnd);

        CREATE TABLE furtherPeriod (
            budget INTEGER NOT NULL REFERENCES furtherBudget (id) ON DELETE CASCADE,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL CHECK (end > start),
            spent INTEGER NOT NULL CHECK (spent >= 0),
            spentAtFallback INTEGER NOT NULL,
            PRIMARY KEY (budget, start)
        ) STRICT, WITHOUT ROWID;
        """
}
