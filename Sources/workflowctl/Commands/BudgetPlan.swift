import ArgumentParser
import Foundation
import JSONModel

struct BudgetPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what the next monitor run would do, without doing it.",
        discussion: """
            The daemon runs the monitor (or the refresh) in a transaction that is thrown away, and reads in IAM what a \
            suspension would change. Exits with 10 when it is not empty: when anybody would be warned, suspended or \
            restored.

            Example: workflowctl budget plan
            """)

    @Flag(help: "The daily refresh instead: who would be restored, whose period would begin.") var refresh = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/budget-plan", [("run", refresh ? "refresh" : "monitor")])
        output.printer.list(
            answer, key: "actions",
            columns: [
                Column("Action", key: "action"), Column("Principal", key: "principal"),
                Column("Reason", key: "reason"),
                Column("Spent") { Cell.dollars($0["spent"]) }, Column("Limit") { Cell.dollars($0["limit"]) },
                Column("Grace") { Cell.seconds($0["graceSeconds"]) },
                Column("Change in IAM") { Self.change($0["iam"]) },
            ], name: { $0["principal"]?.display ?? "" })
        if let left = answer["withoutPreview"]?.intValue, left > 0 {
            StandardError.line("IAM was not asked about \(left) more suspensions.")
        }
        if answer["isEmpty"]?.boolValue == false { throw ExitCode(Exit.changes.rawValue) }
    }

    private static func change(_ iam: JSONValue?) -> String {
        guard let iam else { return "" }
        if let error = iam["error"]?.display { return error }
        if let declined = iam["declined"]?.display { return "none: \(declined)" }
        let put = iam["putPolicy"]?.stringValue.map { ["put inline policy \($0)"] } ?? []
        let detached = iam["detach"]?.arrayValue?.map { "detach \($0.display)" } ?? []
        let keys = iam["deactivate"]?.arrayValue?.map { "deactivate key \($0.display)" } ?? []
        let changes = put + detached + keys
        return changes.isEmpty ? "none: it is so already" : changes.joined(separator: ", ")
    }
}
