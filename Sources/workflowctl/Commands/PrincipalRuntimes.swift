import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl principal runtimes`
struct PrincipalRuntimes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtimes",
        abstract: "List the AgentCore runtimes that CloudTrail told of, with their roles' budgets.",
        discussion: """
            A runtime spends as its execution role: budget set, get and status take the role's ARN. All runtimes together \
            have the budget of the team agentcore.

            Example: workflowctl principal runtimes
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/agent-runtimes")
        output.printer.list(
            answer, key: "runtimes",
            columns: [
                Column("Runtime", key: "id"), Column("Name", key: "name"), Column("Role", key: "role"),
                Column("Shared") { $0["sharedRole"]?.boolValue == true ? "yes" : "" }, Column("Status", key: "status"),
                Column("Spent", key: "spent"), Column("Limit", key: "limit"), Column("Region", key: "region"),
            ], name: { $0["id"]?.display ?? "" })
        if answer["enabled"] == false {
            StandardError.line("budgets of AgentCore runtimes are turned off (features.agentcore)")
        }
    }
}
