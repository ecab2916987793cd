import ArgumentParser
import JSONModel

/// `workflowctl run …`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Executions of state machines: list, look at, start, stop, redrive.",
        discussion: """
            A run is named by its name, MACHINE:NAME, its ARN, a unique beginning of its name, @latest, \
            @latest-failed, or @N (the N-th newest). An iteration of a distributed Map is named by its ARN.

            Example: workflowctl run list --status failed --since 2h
            """,
        subcommands: [
            RunList.self, RunGet.self, RunStart.self, RunStop.self, RunHistory.self, RunWhy.self, RunRedrive.self,
        ])

    static let fields = [
        Column("Name", key: "name"),
        Column("State machine") { run in
            (run["stateMachine"]?.display ?? "") + (run["version"].map { " (version \($0.display))" } ?? "")
        },
        Column("Status", key: "status"),
        Column("Workflow", key: "workflow"),
        Column("Started") { Moments.both($0["startedAt"]) },
        Column("Stopped") { Moments.both($0["stoppedAt"]) },
        Column("Took") {
            $0["stoppedAt"]?.stringValue == nil ? "" : Moments.duration(from: $0["startedAt"], to: $0["stoppedAt"])
        },
        Column("In state") {
            $0["stoppedAt"]?.stringValue == nil
                ? $0["states"]?.arrayValue?.map(\.display).joined(separator: ", ") ?? "" : ""
        },
        Column("Waits until") { Moments.both($0["waitsUntil"]) },
        Column("Error", key: "error"),
        Column("Cause", key: "cause"),
        Column("Redrives") { $0["redriveCount"]?.intValue == 0 ? "" : $0["redriveCount"]?.display ?? "" },
        Column("ARN", key: "arn"), Column("Iteration of", key: "parent"),
        Column("Input") { $0["input"]?.prettyJSON() ?? "" },
        Column("Output") { $0["output"]?.prettyJSON() ?? "" },
    ]

    static func name(_ run: JSONValue) -> String {
        "\(run["stateMachine"]?.display ?? ""):\(run["name"]?.display ?? "")"
    }

    static func path(_ reference: String) -> String { "/api/v1/executions/\(AdminClient.segment(reference))" }
}

struct RunList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List runs, newest first.",
        discussion: "Example: workflowctl run list suspension --status running,failed --since 24h")

    @Argument(help: "Only runs of this state machine.") var machine: String?
    @Option(help: "running, succeeded, failed, timed_out, aborted; several with commas.") var status: String?
    @Option(help: "Only runs of this workflow.") var workflow: String?
    @Option(help: "Only runs started since: an instant, or a time span such as 90s, 30m, 2h, 7d.") var since: String?
    @Option(help: "Only runs whose name begins so.") var name: String?
    @Option(help: "How many at most.") var limit = 50
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let query: [(String, String?)] = [
            ("machine", machine), ("status", status), ("workflow", workflow), ("name", name),
            ("since", try since.map(TimeSpan.instant)),
        ]
        let answer = try await server.client().list("/api/v1/executions", key: "executions", query, limit: limit)
        output.printer.list(
            answer, key: "executions",
            columns: [
                Column("Status", key: "status"), Column("Machine", key: "stateMachine"), Column("Name", key: "name"),
                Column("Started") { Moments.relative($0["startedAt"]) },
                Column("Took") { Moments.duration(from: $0["startedAt"], to: $0["stoppedAt"]) },
                Column("Error", key: "error"),
            ], limit: limit, name: RunCommand.name)
    }
}

struct RunGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show one run with its input and output.",
        discussion: "Example: workflowctl run get @latest -o yaml")

    @Argument(help: ArgumentHelp("The run.", valueName: "run")) var reference: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(RunCommand.path(reference))
        output.printer.item(answer, fields: RunCommand.fields, name: RunCommand.name)
    }
}

struct RunStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Abort a running run.",
        discussion: "Its Catch is not run. Example: workflowctl run stop @latest --cause 'started by mistake'")

    @Argument(help: ArgumentHelp("The run.", valueName: "run")) var reference: String
    @Option(help: "An error name for its history.") var error: String?
    @Option(help: "Why it is stopped.") var cause: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body: JSONObject = [:]
        if let error { body["error"] = .string(error) }
        if let cause { body["cause"] = .string(cause) }
        let answer = try await server.client().post(RunCommand.path(reference) + "/stop", body)
        output.printer.item(answer, fields: RunCommand.fields, name: RunCommand.name)
    }
}

struct RunHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show the events of a run.",
        discussion: """
            The events are those that AWS Step Functions' GetExecutionHistory gives; -o json prints them whole.

            Example: workflowctl run history @latest-failed
            """)

    @Argument(help: ArgumentHelp("The run.", valueName: "run")) var reference: String
    @Flag(help: "Newest first.") var reverse = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        // A table shows no inputs and outputs, which may be many times as large as the rest.
        let isWhole = output.output == .json || output.output == .yaml
        let answer = try await server.client().list(
            RunCommand.path(reference) + "/history", key: "events", [("data", String(isWhole))], limit: .max)
        let events = answer["events"]?.arrayValue ?? []
        output.printer.list(
            ["events": .array(reverse ? events.reversed() : events)], key: "events",
            columns: [
                Column("Id", key: "id"), Column("Time") { Moments.exact($0["timestamp"]) }, Column("Type", key: "type"),
                Column("Details", Self.details),
            ], name: { $0["id"]?.display ?? "" })
    }

    /// The few words of an event's details that tell it from the next.
    @Sendable private static func details(_ event: JSONValue) -> String {
        guard let details = event.objectValue?.first(where: { $0.0.hasSuffix("EventDetails") })?.1 else { return "" }
        let told = ["name", "resource", "error", "cause", "workerName", "index"].compactMap { key -> String? in
            guard let text = details[key]?.display, !text.isEmpty else { return nil }
            return key == "name" ? text : "\(key)=\(text)"
        }
        let line = told.joined(separator: " ")
        return line.count <= 160 ? line : line.prefix(159) + "…"
    }
}

struct RunWhy: AsyncParsableCommand {
    private static let columns = [
        Column("Run", key: "run"), Column("Status", key: "status"), Column("Since", key: "since"),
        Column("Summary", key: "summary"),
        Column("Details") { $0["details"]?.arrayValue?.map(\.display).joined(separator: "\n") ?? "" },
        Column("Next", key: "nextDue"), Column("Try", key: "suggestion"),
    ]

    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say in plain words what a run is waiting for, or why it failed.",
        discussion: "Names the command that helps. Example: workflowctl run why @latest-failed")

    @Argument(help: ArgumentHelp("The run.", valueName: "run")) var reference: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(RunCommand.path(reference) + "/explanation")
        guard output.output == .table else {
            return output.printer.item(answer, fields: Self.columns, name: { $0["summary"]?.display ?? "" })
        }
        output.printer.write(Printer.printable(answer["summary"]?.display ?? ""))
        for detail in answer["details"]?.arrayValue ?? [] {
            output.printer.write("  \(Printer.printable(detail.display))")
        }
        if let due = answer["nextDue"]?.stringValue { output.printer.write("  Next: \(Moments.both(.string(due)))") }
        if let suggestion = answer["suggestion"]?.stringValue { output.printer.write("Try: \(suggestion)") }
    }
}

struct RunRedrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Run failed runs again from the state that failed.",
        discussion: """
            With - the runs are read from stdin, one a line. One that can't be redriven keeps none of the others.

            Example: workflowctl run list --status failed -o name | workflowctl run redrive -
            """)

    @Argument(help: "The runs, or - for stdin.") var runs: [String]
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        try await Several.each(StandardInput.words(runs)) { run in
            let answer = try await client.post(RunCommand.path(run) + "/redrive")
            output.printer.item(answer, fields: RunCommand.fields, name: RunCommand.name)
        }
    }
}
