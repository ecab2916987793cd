package import Engine
import GRDB
import WallTime

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
        let found = try rows(list.sql, StatementArguments(list.arguments)).map(ExecutionRecord.init(row:))
        guard found.count > limit else { return ExecutionPage(executions: found, next: nil) }
        let page = Array(found.prefix(limit))
        return ExecutionPage(executions: page, next: page.last?.id)
    }

    /// Whether so few names begin with the prefix that reading all of them is quicker than walking through time.
    private func matchesFew(_ names: NameRange, of machine: String?) throws -> Bool {
        var condition = "name >= ?"
        var arguments: [(any DatabaseValueConvertible)?] = [machine, machine, names.lower]
        if let upper = names.upper {
            condition += " AND name < ?"
            arguments.append(upper)
        }
        arguments.append(Self.fewNames + 1)
        let found = try row(
            """
            SELECT count(*) FROM (SELECT 1 FROM execution
            WHERE stateMachine IN (SELECT id FROM stateMachine WHERE ? IS NULL OR name = ?) AND \(condition) LIMIT ?)
            """,
            StatementArguments(arguments))
        return (found?[0] ?? 0) <= Self.fewNames
    }

    private static let fewNames = 2000
}
