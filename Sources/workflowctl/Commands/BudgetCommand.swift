import ArgumentParser
import JSONModel

/// `workflowctl budget …`
struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget",
        abstract: "Budgets: list, look at, set, forecast, simulate.",
        discussion: "Example: workflowctl budget list --status suspended",
        subcommands: [
            BudgetList.self, BudgetGet.self, BudgetSet.self, BudgetStatus.self, BudgetTop.self, BudgetForecast.self,
            BudgetSimulate.self,
        ])

    static let fields = [
        Column("Principal") { $0["principal"]?["arn"]?.display ?? "" },
        Column("Status", key: "status"), Column("Reason", key: "reason"),
        Column("Spent") {
            "$\($0["spent"]?.display ?? "") of $\($0["limit"]?.display ?? "") (\($0["percent"]?.display ?? "") %)"
        },
        Column("Threshold", key: "threshold"),
        Column("Period") { budget in
            let period = budget["period"]
            return
                "\(period?["kind"]?.display ?? ""), \(Moments.exact(period?["start"])) to \(Moments.exact(period?["end"]))"
        },
        Column("Mode", key: "mode"), Column("Enforcement", key: "enforcement"),
        Column("Protected") { $0["protected"]?.boolValue == true ? "yes" : "no" },
        Column("Grace") { "\($0["graceSeconds"]?.display ?? "") s" },
        Column("Grace until") { Moments.both($0["graceUntil"]) },
        Column("Suspended") { Moments.both($0["suspendedAt"]) },
    ]

    static func name(_ budget: JSONValue) -> String { budget["principal"]?["id"]?.display ?? "" }

    static func path(_ principal: String) -> String { "/api/v1/budgets/\(AdminClient.segment(principal))" }
}

struct BudgetList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets.", discussion: "Example: workflowctl budget list --limit 20")

    @Option(help: "Only budgets in this status: active, grace, suspended, …") var status: String?
    @Option(help: "How many at most (1 to 1000).") var limit = 100
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/budgets", [("status", status), ("limit", String(limit))])
        output.printer.list(
            answer, key: "budgets",
            columns: [
                Column("Principal") {
                    $0["principal"]?["userName"]?.stringValue ?? $0["principal"]?["id"]?.display ?? ""
                },
                Column("Status", key: "status"), Column("Threshold", key: "threshold"),
                Column("Spent") { "$\($0["spent"]?.display ?? "")" },
                Column("Limit") { "$\($0["limit"]?.display ?? "")" },
                Column("%", key: "percent"), Column("Period ends") { Moments.both($0["period"]?["end"]) },
            ], name: BudgetCommand.name)
    }
}

struct BudgetGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show one budget.",
        discussion: "Example: workflowctl budget get BedrockAPIKey-ab12")

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(BudgetCommand.path(principal))
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}

struct BudgetSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Make or change a principal's budget.",
        discussion: """
            Only what is named changes. A limit above what was spent spares a principal in grace and restores a \
            suspended one.

            Example: workflowctl budget set BedrockAPIKey-ab12 --limit 25.00
            """)

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @Option(help: "US dollars for a period, such as 25.00.") var limit: String?
    @Option(help: "Seconds between crossing the budget and suspension.") var grace: Int?
    @Option(help: "observe (report only) or enforce.") var mode: String?
    @Option(help: "How access is taken: detach, deny or both.") var enforcement: String?
    @Option(help: "rolling, day, month, or a time span such as 30d.") var period: String?
    @Flag(inversion: .prefixedNo, help: "Never suspend automatically, only report.") var protected: Bool?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body: JSONObject = [:]
        if let limit { body["limit"] = .string(limit) }
        if let grace { body["graceSeconds"] = .int(Int64(grace)) }
        if let mode { body["mode"] = .string(mode) }
        if let enforcement { body["enforcement"] = .string(enforcement) }
        if let period { body["period"] = .string(period) }
        if let protected { body["protected"] = .bool(protected) }
        guard !body.isEmpty else {
            throw Failure(.usage, "nothing to set", hint: "Name at least one of --limit, --grace, --mode, --period …")
        }
        let answer = try await server.client().put(BudgetCommand.path(principal), body)
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}
