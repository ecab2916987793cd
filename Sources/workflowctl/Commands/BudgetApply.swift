import ArgumentParser
import Foundation
import JSONModel

struct BudgetApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Make budgets those of a YAML file, after showing what changes.",
        discussion: """
            All of it or nothing, in one transaction. Principals that the file does not name keep their budgets; with \
            --prune, budgets of teams, of the pool and of everyone, and quotas that it does not name are removed. With \
            --dry-run nothing is changed, and it exits with 10 when something would be.

            Example: workflowctl budget apply -f budgets.yaml --dry-run
            """)

    @Option(name: .shortAndLong, help: "A file of budgets (docs/reports.md), or - for stdin.", completion: .file())
    var file: String
    @Flag(help: "Only show what would change.") var dryRun = false
    @Flag(help: "Remove further budgets that the file does not name.") var prune = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().upload(
            "/api/v1/budget-file",
            [("dryRun", String(dryRun)), ("prune", String(prune)), ("file", file == "-" ? "stdin" : file)],
            try Files.read(file))
        output.printer.list(
            answer, key: "budgets",
            columns: [
                Column("Change", key: "change"), Column("Budget", key: "target"),
                Column("Terms") { row in
                    let terms = Self.terms(row["before"], row["after"])
                    // A principal's that had none of its own: the default's may change, this one stays.
                    return terms.isEmpty && row["change"]?.stringValue == "change"
                        ? "those of the default budget, from now on as its own" : terms
                },
            ], name: { $0["target"]?.display ?? "" })
        let changes = answer["budgets"]?.arrayValue?.contains { $0["change"]?.stringValue != "unchanged" } ?? false
        if dryRun, changes { throw ExitCode(Exit.changes.rawValue) }
    }

    /// Every term that differs: `limit 1.00 -> 25.00`.
    private static func terms(_ before: JSONValue?, _ after: JSONValue?) -> String {
        let (old, new) = (before?.objectValue ?? [:], after?.objectValue ?? [:])
        let names = new.keys + old.keys.filter { new[$0] == nil }
        return names.filter { !["budgetId", "limitNanos", "scope"].contains($0) && old[$0] != new[$0] }
            .map { name in
                let values = [old[name], new[name]].compactMap(\.self).map { Self.shown($0, name) }
                return "\(name.replacing("PerMille", with: "")) \(values.joined(separator: " -> "))"
            }.joined(separator: ", ")
    }

    /// As the file has it: thresholds are per cent there.
    private static func shown(_ value: JSONValue, _ name: String) -> String {
        guard name.hasSuffix("PerMille"), let perMille = value.intValue else { return value.display }
        return (perMille % 10 == 0 ? "\(perMille / 10)" : "\(perMille / 10).\(perMille % 10)") + " %"
    }
}
