import ArgumentParser
import JSONModel

/// `workflowctl radar`
struct RadarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "radar",
        abstract: "Look for ways in which spending could escape its budgets.",
        discussion: """
            Invocation logging that is off, endpoints that are not logged, models without a price, principals with only \
            the default budget, ingest sources that fell silent, permissions that Steward lacks. Changes nothing.

            With --strict the exit code is 9 when anything worse than a hint is found.

            Example: workflowctl radar
            """)

    @Flag(help: "Exit with 9 when there is anything to do.") var strict = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/radar")
        output.printer.list(
            answer, key: "findings",
            columns: [
                Column("Severity", key: "severity"), Column("Kind", key: "kind"), Column("Found", key: "message"),
                Column("What to do", key: "advice"),
            ], name: { "\($0["kind"]?.display ?? ""): \($0["subject"]?.display ?? "")" })
        let urgent = (answer["findings"]?.arrayValue ?? []).contains { $0["severity"] != "info" }
        if strict, urgent { throw ExitCode(Exit.findings.rawValue) }
    }
}
