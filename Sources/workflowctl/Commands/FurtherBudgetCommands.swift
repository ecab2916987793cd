import ArgumentParser
import JSONModel

/// Budgets of teams, of the pool and of everyone, and quotas beside a principal's own budget.
enum FurtherBudgets {
    static let path = "/api/v1/further-budgets"

    static let fields = [
        Column("Budget", key: "id"), Column("Scope", key: "scope"),
        Column("Used") { "\(amount($0, "spent")) of \(amount($0, "limit")) (\($0["percent"]?.display ?? "") %)" },
        Column("Threshold", key: "threshold"),
        Column("Thresholds") { "\($0["warning"]?.display ?? "") %, \($0["critical"]?.display ?? "") %" },
        Column("Period") { budget in
            let period = budget["period"]
            return
                "\(period?["kind"]?.display ?? ""), \(Moments.exact(period?["start"])) to \(Moments.exact(period?["end"]))"
        },
        Column("Mode", key: "mode"), Column("Grace") { Cell.seconds($0["graceSeconds"]) },
    ]

    static let columns = [
        Column("Budget", key: "id"), Column("Threshold", key: "threshold"),
        Column("Used") { amount($0, "spent") }, Column("Limit") { amount($0, "limit") },
        Column("%", key: "percent"), Column("Mode", key: "mode"),
        Column("Period ends") { Moments.both($0["period"]?["end"]) },
    ]

    static func name(_ budget: JSONValue) -> String { budget["id"]?.display ?? "" }

    /// Dollars, or a number of tokens or requests.
    static func amount(_ budget: JSONValue, _ member: String) -> Cell {
        guard budget["unit"]?.stringValue != "money" else { return Cell.dollars(budget[member]) }
        let count = budget[member]?.display ?? ""
        return Cell(shown: "\(count) \(budget["unit"]?.display ?? "")", data: count)
    }

    /// Whether what a person named is no principal's own budget.
    static func isScope(_ target: String) -> Bool {
        target == "pool" || target == "everyone" || target.hasPrefix("team:")
    }
}

struct BudgetRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the budget of a team, the pool or everyone, or a quota.",
        discussion: """
            Who is suspended for nothing else is restored. A principal's own budget can't be removed, only changed.

            Example: workflowctl budget remove 'team:data#money/month'
            """)

    @Argument(help: "The budget's id, as `budget list --further` shows it.") var budget: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().delete(FurtherBudgets.path, [("id", budget)])
        output.printer.item(answer, fields: [Column("Removed", key: "removed")], name: { $0["removed"]?.display ?? "" })
    }
}
