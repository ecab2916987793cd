import ArgumentParser
import JSONModel

/// `workflowctl retention …`
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "What ages out of the database: show, run.",
        discussion: "Example: workflowctl retention show",
        subcommands: [RetentionShow.self, RetentionRun.self])

    static let columns = [
        Column("Kind", key: "kind"), Column("Removed", key: "removed"), Column("Rows", key: "rows"),
        Column("Old, but kept") { kept($0["kept"]) },
    ]

    /// `3 hasDeadLetter, 1 isNewest`
    private static func kept(_ reasons: JSONValue?) -> String {
        (reasons?.objectValue ?? [:]).map { "\($1) \($0)" }.joined(separator: ", ")
    }

    static func name(_ line: JSONValue) -> String { line["kind"]?.display ?? "" }
}

struct RetentionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how long what is kept, the last run, and what a run would remove now.",
        discussion: "Example: workflowctl retention show -o json")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/retention")
        let ages = (answer["keeps"]?.objectValue ?? [:]).map { name, age in
            Column(name) { _ in age.display }
        }
        output.printer.item(
            answer,
            fields: ages + [
                Column("looks every", key: "every"), Column("last run") { Moments.both($0["lastAt"]) },
                Column("would remove") { answer in
                    (answer["now"]?["kinds"]?.arrayValue ?? []).map { line in
                        "\(line["removed"]?.display ?? "0") \(line["kind"]?.display ?? "")"
                    }.joined(separator: ", ")
                },
                Column("old, but kept") { answer in
                    (answer["now"]?["kinds"]?.arrayValue ?? []).flatMap { line in
                        (line["kept"]?.objectValue ?? [:]).map { "\($1) \(line["kind"]?.display ?? "") \($0)" }
                    }.joined(separator: ", ")
                },
            ], name: RetentionCommand.name)
    }
}

struct RetentionRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Remove what has aged out now, rather than within the hour.",
        discussion: """
            Works in small commits beside everything else, so it may take a while: see --timeout. It goes on when the \
            command is interrupted.

            Example: workflowctl retention run --dry-run
            """)

    @Flag(help: "Only say what would be removed.") var dryRun = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let report =
            dryRun
            ? try await client.get("/api/v1/retention")["now"] ?? .null
            : try await client.post("/api/v1/retention/run")
        output.printer.list(report, key: "kinds", columns: RetentionCommand.columns, name: RetentionCommand.name)
    }
}
