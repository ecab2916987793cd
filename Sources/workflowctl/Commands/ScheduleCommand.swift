import ArgumentParser
import JSONModel

/// `workflowctl schedule …`
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Schedules: list, pause, resume, trigger.",
        discussion: "Example: workflowctl schedule list",
        subcommands: [ScheduleList.self, SchedulePause.self, ScheduleResume.self, ScheduleTrigger.self])

    static let fields = [
        Column("Workflow", key: "workflow"), Column("State machine", key: "stateMachine"),
        Column("Expression", key: "expression"), Column("Time zone", key: "timezone"),
        Column("Paused") { Moments.both($0["pausedAt"]) }, Column("Reason", key: "pauseReason"),
        Column("Next") { Cell.lines(next($0).map { Moments.both($0) }) },
        Column("Last") { schedule in
            schedule["last"]?.arrayValue?.map { fire in
                "\(Moments.exact(fire["nominal"])) \(fire["result"]?.display ?? "") \(fire["execution"]?.display ?? "")"
                    + (fire["reason"]?.stringValue.map { " (\($0))" } ?? "")
            }.joined(separator: "\n") ?? ""
        },
    ]

    /// When it fires; a paused one doesn't, until somebody resumes it.
    static func next(_ schedule: JSONValue) -> [JSONValue] {
        schedule["pausedAt"]?.stringValue == nil ? schedule["next"]?.arrayValue ?? [] : []
    }

    static func name(_ schedule: JSONValue) -> String { schedule["workflow"]?.display ?? "" }

    static func path(_ name: String) -> String { "/api/v1/schedules/\(AdminClient.segment(name))" }
}

struct ScheduleList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedules with their next and last fires.",
        discussion: "Example: workflowctl schedule list -o yaml")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/schedules"), key: "schedules",
            columns: [
                Column("Workflow", key: "workflow"), Column("Expression", key: "expression"),
                Column("Zone", key: "timezone"), Column("Paused") { Moments.relative($0["pausedAt"]) },
                Column("Next") { Moments.both(ScheduleCommand.next($0).first) },
                Column("Last") { Moments.relative($0["last"]?[0]?["firedAt"]) },
                Column("Result") { $0["last"]?[0]?["result"]?.display ?? "" },
            ], name: ScheduleCommand.name)
    }
}

struct SchedulePause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a schedule fire no more until it is resumed.",
        discussion: "Example: workflowctl schedule pause budget-monitor --reason 'IAM maintenance'")

    @Argument(help: "The workflow.") var workflow: String
    @Option(help: "Why; shown with the schedule.") var reason: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let body: JSONObject = reason.map { ["reason": .string($0)] } ?? [:]
        let answer = try await server.client().post(ScheduleCommand.path(workflow) + "/pause", body)
        output.printer.item(answer, fields: ScheduleCommand.fields, name: ScheduleCommand.name)
    }
}

struct ScheduleResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused schedule fire again.",
        discussion: "Example: workflowctl schedule resume budget-monitor")

    @Argument(help: "The workflow.") var workflow: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(ScheduleCommand.path(workflow) + "/resume")
        output.printer.item(answer, fields: ScheduleCommand.fields, name: ScheduleCommand.name)
    }
}

struct ScheduleTrigger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Fire a schedule now, beside its times.",
        discussion: "Example: workflowctl schedule trigger daily-refresh")

    @Argument(help: "The workflow.") var workflow: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(ScheduleCommand.path(workflow) + "/trigger")
        output.printer.item(answer, fields: RunCommand.fields, name: RunCommand.name)
    }
}
