package import Engine

// Lists of executions, newest first: by start time, and by row number where that is the same. A page continues after
// the last execution of the page before it, so it costs the same wherever it is.

extension SQLiteTransaction {
    package func executions(_ query: ExecutionQuery) throws -> ExecutionPage {
        let limit = max(1, query.limit)
        var list = ExecutionList(query, limit: limit + 1)
        if let last = query.after {
            guard let position = try execution(last) else { return ExecutionPage(executions: [], next: nil) }
            list.continues(after: position)
        }
        if let names = NameRange(prefix: query.namePrefix ?? "") {
            list.isNamed(in: names, few: try matchesFew(names, of: query.stateMachine))
        }
        let found =
            list.isOfAllMachines
            ? try ofAllMachines(list) : try rows(list.sql, list.values, read: ExecutionRecord.init(columns:))
        guard found.count > limit else { return ExecutionPage(executions: found, next: nil) }
        let page = Array(found.prefix(limit))
        return ExecutionPage(executions: page, next: page.last?.id)
    }

    /// Machine by machine, since the index holds each one's in order; once the list is full, only what is newer than its
    /// last is read.
    private func ofAllMachines(_ list: ExecutionList) throws -> [ExecutionRecord] {
        let machines = try all("SELECT id FROM stateMachine") { $0.integer(0) }
        var newest: [ExecutionPlace] = []
        for place in list.places {
            let statement = try composed(list.sql(at: place))
            for machine in machines {
                let last = newest.count < list.limit ? .oldest : newest[list.limit - 1]
                let found = try statement.all(list.values(machine: machine, newerThan: last)) {
                    ExecutionPlace(startedAt: $0.integer(0), id: $0.integer(1))
                }
                if !found.isEmpty { newest = Self.merged(newest, found, limit: list.limit) }
            }
        }
        return try newest.compactMap { try execution(ExecutionID(rawValue: $0.id)) }
    }

    /// Of two lists with the newest first. Swift's sort finds the two runs and merges them.
    static func merged(_ one: [ExecutionPlace], _ other: [ExecutionPlace], limit: Int) -> [ExecutionPlace] {
        Array((one + other).sorted(by: >).prefix(limit))
    }

    /// Whether so few names begin with the prefix that reading all of them is quicker than walking through time.
    private func matchesFew(_ names: NameRange, of machine: String?) throws -> Bool {
        let found = try first(
            """
            SELECT count(*) FROM (SELECT 1 FROM execution
            WHERE stateMachine IN (SELECT id FROM stateMachine WHERE ?1 IS NULL OR name = ?1)
                AND name >= ?2 AND name < ?3 LIMIT ?4)
            """,
            SQLValue(machine), .text(names.lower), names.bound, SQLValue(Self.fewNames + 1)
        ) { $0.integer(0) }
        return (found ?? 0) <= Self.fewNames
    }

    private static let fewNames = 2000
}
