import ArgumentParser
import JSONModel

/// `workflowctl budget …`
struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget",
        abstract: "Budgets: list, look at, set, apply from a file, export to one, plan, forecast, simulate.",
        discussion: "Example: workflowctl budget list --status suspended",
        subcommands: [
            BudgetList.self, BudgetGet.self, BudgetSet.self, BudgetRemove.self, BudgetPlan.self, BudgetApply.self,
            BudgetExport.self, BudgetStatus.self, BudgetTop.self, BudgetForecast.self, BudgetSimulate.self,
        ])

    static let fields = [
        Column("Principal") { $0["principal"]?["arn"]?.display ?? "" },
        Column("Status", key: "status"), Column("Reason", key: "reason"),
        Column("Declined since") { Moments.both($0["declinedSince"]) },
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
        Column("Protected") { hold($0, "protection") ?? ($0["protected"]?.boolValue == true ? "yes" : "no") },
        Column("Blocked") { hold($0, "block") ?? "" }, Column("Team", key: "team"),
        Column("Further budgets") { budget in
            budget["furtherBudgets"]?.arrayValue?.map {
                "\($0["id"]?.display ?? "") \($0["percent"]?.display ?? "") %"
            }.joined(separator: "\n") ?? ""
        },
        Column("Grace") { Cell.seconds($0["graceSeconds"]) },
        Column("Grace until") { Moments.both($0["graceUntil"]) },
        Column("Suspended") { Moments.both($0["suspendedAt"]) },
    ]

    static func name(_ budget: JSONValue) -> String { budget["principal"]?["id"]?.display ?? "" }

    /// A person's word: until when, by whom and why; nil when there is none.
    private static func hold(_ budget: JSONValue, _ member: String) -> String? {
        guard let hold = budget[member], !hold.isNull else { return nil }
        return "until \(hold["until"]?.display ?? "?"), \(hold["by"]?.display ?? "?"): \(hold["reason"]?.display ?? "")"
    }

    static func path(_ principal: String) -> String { "/api/v1/budgets/\(AdminClient.segment(principal))" }
}

struct BudgetList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets.", discussion: "Example: workflowctl budget list --limit 20")

    @Option(help: "Only budgets in this status: active, grace, suspended, …") var status: String?
    @Flag(help: "Those of teams, of the pool and of everyone, and quotas.") var further = false
    @Flag(help: "Only principals that a person has blocked or protected.") var held = false
    @Option(help: "How many at most.") var limit = 100
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard [further, held, status != nil].filter(\.self).count <= 1 else {
            throw Failure(.usage, "--status, --further and --held are lists of their own", hint: "Give one of them.")
        }
        let client = try server.client()
        if further {
            let answer = try await client.list(FurtherBudgets.path, key: "budgets", [], limit: limit)
            return output.printer.list(
                answer, key: "budgets", columns: FurtherBudgets.columns, limit: limit, name: FurtherBudgets.name)
        }
        let key = held ? "holds" : "budgets"
        let answer = try await client.list("/api/v1/\(key)", key: key, held ? [] : [("status", status)], limit: limit)
        output.printer.list(
            answer, key: key,
            columns: [
                Column("Principal") {
                    $0["principal"]?["userName"]?.stringValue ?? $0["principal"]?["id"]?.display ?? ""
                },
                Column("Status", key: "status"), Column("Threshold", key: "threshold"),
                Column("Spent") { Cell.dollars($0["spent"]) }, Column("Limit") { Cell.dollars($0["limit"]) },
                Column("%", key: "percent"), Column("Period ends") { Moments.both($0["period"]?["end"]) },
            ], limit: limit, name: BudgetCommand.name)
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
        commandName: "set", abstract: "Make or change a budget.",
        discussion: """
            Only what is named changes. A limit above what was spent spares a principal in grace and restores a \
            suspended one. Beside its own budget in dollars a principal may have quotas of tokens and requests, and others in \
            dollars of other periods (--beside); a team, the pool (all without a budget of their own) and everyone may have \
            budgets of any unit. The strictest decides.

            Example: workflowctl budget set BedrockAPIKey-ab12 --limit 25.00
            Example: workflowctl budget set BedrockAPIKey-ab12 --requests 350 --period day@Europe/Madrid
            Example: workflowctl budget set BedrockAPIKey-ab12 --beside --limit 2.00 --period day
            Example: workflowctl budget set team:data --limit 500.00 --period month --warning 60 --critical 80
            """)

    @Argument(help: "A principal (its id, ARN or user name), team:NAME, pool, or everyone.") var target: String
    @Option(help: "US dollars for a period, such as 25.00.") var limit: String?
    @Flag(help: "A budget in dollars beside the principal's own, of another period.") var beside = false
    @Option(help: "Tokens for a period, of prompt, cache and output together.") var tokens: Int64?
    @Option(help: "Requests for a period that Bedrock bills.") var requests: Int64?
    @Option(help: "Per cent of the limit at which people are warned.") var warning: Int?
    @Option(help: "Per cent of the limit at which it is critical.") var critical: Int?
    @Option(help: "Seconds between crossing the budget and suspension.") var grace: Int?
    @Option(help: "observe (report only) or enforce.") var mode: String?
    @Option(help: "How access is taken: detach, deny, both, key, deny+key, detach+key or both+key.") var enforcement:
        String?
    @Option(help: "day, month, the same of a zone such as day@Europe/Madrid, or a time span such as 30d.")
    var period: String?
    @Flag(inversion: .prefixedNo, help: "Never suspend automatically, only report.") var protected: Bool?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body = try terms()
        if beside || tokens != nil || requests != nil || FurtherBudgets.isScope(target) {
            guard enforcement == nil, protected == nil else {
                throw Failure(
                    .usage, "--enforcement and --protected belong to a principal's own budget",
                    hint: "Set them without --beside, --tokens, --requests, team:, pool and everyone.")
            }
            body["scope"] = .string(target)
            body["unit"] = tokens != nil ? "tokens" : requests != nil ? "requests" : "money"
            let answer = try await server.client().put(FurtherBudgets.path, body)
            return output.printer.item(answer, fields: FurtherBudgets.fields, name: FurtherBudgets.name)
        }
        if let enforcement { body["enforcement"] = .string(enforcement) }
        if let protected { body["protected"] = .bool(protected) }
        guard !body.isEmpty else {
            throw Failure(.usage, "nothing to set", hint: "Name at least one of --limit, --grace, --mode, --period …")
        }
        let answer = try await server.client().put(BudgetCommand.path(target), body)
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }

    private func terms() throws -> JSONObject {
        guard [limit != nil, tokens != nil, requests != nil].filter(\.self).count <= 1 else {
            throw Failure(
                .usage, "--limit, --tokens and --requests are budgets of their own", hint: "Set one at a time.")
        }
        var body: JSONObject = [:]
        if let limit { body["limit"] = .string(limit) }
        if let count = tokens ?? requests { body["limit"] = .int(count) }
        if let warning { body["warning"] = .int(Int64(warning)) }
        if let critical { body["critical"] = .int(Int64(critical)) }
        if let grace { body["graceSeconds"] = .int(Int64(grace)) }
        if let mode { body["mode"] = .string(mode) }
        if let period { body["period"] = .string(period) }
        return body
    }
}
