import ArgumentParser
import Foundation
import JSONModel

struct BudgetExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the budgets that somebody has set as a file for budget apply.",
        discussion: """
            The principals' own budgets that somebody has set, those of teams, of the pool and of everyone, and quotas, with \
            all their terms. Who spends by the default budget is not in it. Budgets in dollars beside a principal's own \
            (budget set --beside) have no form in a file; stderr names them.

            Example: workflowctl budget export > budgets.yaml
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/budget-file")
        let left = (answer["leftOut"]?.arrayValue ?? []).map(\.display)
        if !left.isEmpty {
            StandardError.line("Not in the file, which has no form for them: \(left.joined(separator: ", ")).")
        }
        StandardOutput.line(Self.yaml(answer["budgets"]?.arrayValue ?? []))
    }

    /// An entry a line, so that a version control's difference shows what has changed. Values stand as JSON, which YAML
    /// reads alike.
    private static func yaml(_ entries: [JSONValue]) -> String {
        guard !entries.isEmpty else { return "budgets: []" }
        let lines = entries.map { entry in
            let members = entry.objectValue ?? [:]
            let texts = members.keys.map { "\($0): \(members[$0]?.jsonString ?? "null")" }
            return "  - {\(texts.joined(separator: ", "))}"
        }
        return (["budgets:"] + lines).joined(separator: "\n")
    }
}
