import ArgumentParser
import JSONModel

/// Columns that the reports on budgets share.
private enum BudgetColumns {
    static let principal = Column("Principal") {
        $0["principal"]?["userName"]?.stringValue ?? $0["principal"]?["id"]?.display ?? $0["scope"]?.display ?? ""
    }
    static let spent = Column("Spent") { amount($0["spent"]) }
    static let limit = Column("Limit") { amount($0["limit"]) }
    static let rate = Column("Per hour") { row in
        row["burnRatePerHour"].map { $0.isNull ? "no data" : amount($0) } ?? "no data"
    }

    /// Money is a text, tokens and requests are numbers.
    static func amount(_ value: JSONValue?) -> Cell {
        value?.stringValue == nil ? Cell(value?.display ?? "") : Cell.dollars(value)
    }

    static func projection(_ row: JSONValue, _ method: String) -> Cell {
        guard let projection = row["forecast"]?[method], !projection.isNull else { return "no data" }
        let total = amount(projection["total"])
        return Cell(shown: "\(total) (\(projection["percent"]?.display ?? "") %)", data: total.data)
    }

    static func reached(_ row: JSONValue, _ method: String) -> Cell {
        guard let projection = row["forecast"]?[method], !projection.isNull else { return "no data" }
        let at = projection["reachesLimitAt"]
        return at?.stringValue == nil ? "not in this period" : Moments.both(at)
    }

    /// The principals' own budgets, then the others, in one list.
    static func all(_ answer: JSONValue) -> JSONValue {
        .object(["budgets": .array((answer["budgets"]?.arrayValue ?? []) + (answer["further"]?.arrayValue ?? []))])
    }

    static func name(_ row: JSONValue) -> String { row["principal"]?["id"]?.display ?? row["id"]?.display ?? "" }
}

struct BudgetStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where budgets stand, why access is as it is, and when that ends.",
        discussion: "Example: workflowctl budget status BedrockAPIKey-ab12")

    @Argument(help: "A principal: its id, ARN or user name. Without: those closest to their limits.")
    var principal: String?
    @Option(help: "How many at most (1 to 1000).") var limit = 20
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/reports/budgets", [("principal", principal), ("limit", String(limit))])
        guard principal != nil, let budget = answer["budgets"]?[0] else {
            return output.printer.list(
                output.output == .table || output.output == .csv ? BudgetColumns.all(answer) : answer, key: "budgets",
                columns: [
                    BudgetColumns.principal, Column("Status", key: "status"), Column("Threshold", key: "threshold"),
                    BudgetColumns.spent, BudgetColumns.limit, Column("%", key: "percent"),
                    Column("Period ends") { Moments.both($0["period"]?["end"]) },
                ], name: BudgetColumns.name)
        }
        output.printer.item(
            budget,
            fields: BudgetCommand.fields + [
                Column("Why", key: "explanation"), BudgetColumns.rate,
                Column("At the end, linear") { BudgetColumns.projection($0, "linear") },
                Column("At the end, recent rate") { BudgetColumns.projection($0, "recent") },
                Column("Also under") { budget in
                    (budget["further"]?.arrayValue ?? []).map { further in
                        "\(further["id"]?.display ?? ""): \(BudgetColumns.amount(further["spent"])) of "
                            + "\(BudgetColumns.amount(further["limit"])) (\(further["percent"]?.display ?? "") %)"
                    }.joined(separator: "\n")
                },
            ], name: BudgetColumns.name)
    }
}

struct BudgetTop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "The highest spenders, or those closest to their limits, with their burn rate.",
        discussion: "Example: workflowctl budget top --sort spent --limit 10")

    @Option(help: "percent (of the limit) or spent.", completion: .list(["percent", "spent"])) var sort = "percent"
    @Option(help: "How many at most (1 to 1000).") var limit = 20
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/reports/budgets", [("sort", sort), ("limit", String(limit))])
        output.printer.list(
            answer, key: "budgets",
            columns: [
                BudgetColumns.principal, Column("Team", key: "team"), BudgetColumns.spent, BudgetColumns.limit,
                Column("%", key: "percent"), BudgetColumns.rate,
                Column("Limit reached") { BudgetColumns.reached($0, "recent") }, Column("Status", key: "status"),
            ], name: BudgetColumns.name)
    }
}

struct BudgetForecast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "What will be spent by the end of the period, and when the limit is reached.",
        discussion: """
            Two ways, both shown: linear (the rest of the period goes on like the period so far) and recent (it goes on \
            like the last 24 hours). Where nothing was recorded it says no data.

            Example: workflowctl budget forecast BedrockAPIKey-ab12
            """)

    @Argument(help: "A principal: its id, ARN or user name. Without: those closest to their limits.")
    var principal: String?
    @Option(help: "How many at most (1 to 1000).") var limit = 20
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/reports/budgets", [("principal", principal), ("limit", String(limit))])
        var rows = BudgetColumns.all(answer)
        if principal != nil, let budget = answer["budgets"]?[0] {
            rows = .object(["budgets": .array([budget] + (budget["further"]?.arrayValue ?? []))])
        }
        output.printer.list(
            output.output == .table || output.output == .csv ? rows : answer, key: "budgets",
            columns: [
                BudgetColumns.principal, BudgetColumns.spent, BudgetColumns.limit,
                Column("Period ends") { Moments.exact($0["period"]?["end"]) },
                Column("Linear") { BudgetColumns.projection($0, "linear") },
                Column("Limit reached (linear)") { BudgetColumns.reached($0, "linear") },
                Column("Recent rate") { BudgetColumns.projection($0, "recent") },
                Column("Limit reached (recent)") { BudgetColumns.reached($0, "recent") },
            ], name: BudgetColumns.name)
    }
}

struct BudgetSimulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play recorded usage against other budgets: who would have been suspended when, and what it saves.",
        discussion: """
            The file is that of docs/reports.md. Nothing is changed. Access counts as taken when grace ends, and as given \
            back when the period ends; what somebody would have used in between is saved.

            Example: workflowctl budget simulate -f budgets.yaml --replay 30d
            """)

    @Option(name: .shortAndLong, help: "A file of budgets, or - for stdin.", completion: .file())
    var file: String
    @Option(help: "How far back, such as 30d.") var replay = "30d"
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.patientClient().upload(
            "/api/v1/reports/simulation", [("replay", replay), ("file", file == "-" ? "stdin" : file)],
            try Files.read(file))
        let printer = output.printer
        printer.list(
            answer, key: "budgets",
            columns: [
                Column("Budget", key: "scope"), Column("Limit") { Self.limit($0) }, Column("Period", key: "period"),
                Column("Mode", key: "mode"), Column("Warned") { Self.first($0, "warning") },
                Column("Critical") { Self.first($0, "critical") }, Column("Exceeded") { Self.first($0, "exceeded") },
                Column("Suspensions") { row in
                    String(
                        Int64(row["suspensions"]?.arrayValue?.count ?? 0) + (row["furtherSuspensions"]?.intValue ?? 0))
                }, Column("Saved") { BudgetColumns.amount($0["saved"]) },
                Column("Overshoot") { BudgetColumns.amount($0["overshoot"]) }, Column("Spared") { Self.spared($0) },
            ], name: BudgetColumns.name)
        guard output.output == .table else { return }
        for line in Self.summary(answer) { printer.write(line) }
    }

    private static func limit(_ row: JSONValue) -> Cell { FurtherBudgets.amount(row, "limit") }

    /// When a threshold was first crossed.
    private static func first(_ row: JSONValue, _ threshold: String) -> Cell {
        let crossings = row["crossings"]?.arrayValue ?? []
        return Moments.exact(crossings.first { $0["threshold"]?.stringValue == threshold }?["at"])
    }

    private static func spared(_ row: JSONValue) -> String {
        (row["spared"]?.objectValue ?? [:]).map { "\($1) \($0)" }.joined(separator: ", ")
    }

    private static func summary(_ answer: JSONValue) -> [String] {
        var lines = (answer["budgets"]?.arrayValue ?? []).flatMap { budget in
            (budget["suspensions"]?.arrayValue ?? []).map { suspension in
                "\(suspension["principal"]?.display ?? "") would have been suspended from "
                    + "\(Moments.exact(suspension["from"])) to \(Moments.exact(suspension["until"])) "
                    + "(\(budget["scope"]?.display ?? ""))."
            }
        }
        lines.append(
            "Recorded $\(answer["recorded"]?["cost"]?.display ?? ""), would have spent "
                + "$\(answer["spent"]?["cost"]?.display ?? ""), saved $\(answer["saved"]?.display ?? "").")
        if answer["precision"]?.stringValue == "hour" {
            lines.append("There were too many uses to play singly: each counts at the end of its hour.")
        }
        if let note = answer["note"]?.stringValue { lines.append("Note: \(note).") }
        return lines
    }
}
