import ArgumentParser
import StatesLanguage

/// The daemon.
@main
struct Workflowd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflowd",
        abstract: "Steward's daemon: a durable workflow engine that keeps Amazon Bedrock spending inside its budgets.",
        discussion: """
            Start it with `workflowd serve`; everything else is done with workflowctl.

            Example: workflowd serve --data /var/lib/steward --listen 127.0.0.1:8080
            """,
        version: stewardVersion,
        subcommands: [Serve.self, Worker.self, KeyCommand.self, Compact.self],
        defaultSubcommand: nil)
}
