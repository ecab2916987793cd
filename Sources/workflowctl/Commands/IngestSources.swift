import ArgumentParser
import JSONModel

/// `workflowctl ingest sources`.
struct IngestSources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources",
        abstract: "Show where usage comes from, when each source last brought something, and which are silent.",
        discussion: """
            Exit code 1 when a source is silent while others bring something.

            Example: workflowctl ingest sources
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/ingest/sources")
        output.printer.list(
            answer, key: "sources",
            columns: [
                Column("Source", key: "name"), Column("Kind", key: "kind"),
                Column("Last received") { Moments.relative($0["lastReceivedAt"]) },
                Column("Last record") { Moments.both($0["lastRecordAt"]) }, Column("Records", key: "records"),
                Column("Charged", key: "charged"), Column("Duplicates", key: "duplicates"),
                Column("Unreadable", key: "unreadable"),
                Column("State") { source in
                    source["silentSince"]?.stringValue == nil ? "" : "SILENT"
                },
                Column("Last error") { $0["lastError"]?.stringValue ?? "" },
            ], name: { $0["name"]?.display ?? "" })
        let silent = (answer["sources"]?.arrayValue ?? []).filter { $0["silentSince"]?.stringValue != nil }
        if !silent.isEmpty {
            throw Failure(
                .error, "\(silent.count) source(s) bring nothing while others do",
                hint: "Look at the log delivery, the rule and the permissions of each; docs/ingestion.md lists them.")
        }
    }
}
