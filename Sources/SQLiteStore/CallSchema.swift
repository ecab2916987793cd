/// Who called by what from where, and how long uses took: sums by the hour, which age out as those of usage do.
enum CallSchema {
    /// `callHour` and `latencyHour` begin with the hour and the principal, as `usageHour` does. What callers choose, or have
    /// many of, stands in the row itself and goes with it: `usageLabel` keeps for ever what sums name.
    ///
    /// `callEvent` holds which of CloudTrail's events are counted. Its key begins with the hour, which is the same for every
    /// delivery: what is written now lies together, and what is old goes as one range.
    static let statements = """
        CREATE TABLE callHour (
            hour INTEGER NOT NULL,
            principal INTEGER NOT NULL,
            agent TEXT NOT NULL CHECK (agent <> ''),
            address TEXT NOT NULL CHECK (address <> ''),
            operation INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            firstAt INTEGER NOT NULL,
            lastAt INTEGER NOT NULL,
            PRIMARY KEY (hour, principal, agent, address, operation)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE callEvent (
            hour INTEGER NOT NULL,
            event BLOB NOT NULL,
            PRIMARY KEY (hour, event)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE latencyHour (
            hour INTEGER NOT NULL,
            principal INTEGER NOT NULL,
            model INTEGER NOT NULL,
            count INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            longest INTEGER NOT NULL,
            PRIMARY KEY (hour, principal, model)
        ) STRICT, WITHOUT ROWID;
        """
}
