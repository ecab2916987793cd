import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl usage`
struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "What was used and what it cost, added up by whatever is asked for.",
        discussion: """
            Time is cut with hour, day or month in --by; days and months are those of --zone. Nothing recorded is shown as \
            no data, not as nothing spent. With user-agent or address in --by, it is calls that are added up, as CloudTrail \
            tells of them: without models and costs, and beside principal, team, operation and a cut of time only.

            Example: workflowctl usage --by day,model --from 7d --zone Europe/Madrid
            """)

    @Option(
        help: """
            principal, team, purpose, tier, model, region, operation, user-agent, address, hour, day, month; apart by commas.
            """)
    var by = "principal"
    @Option(help: "From when: 2026-11-01, 2026-11-01T10:00:00Z, or how long ago, such as 7d.") var from = "30d"
    @Option(help: "Up to when; a date includes its day. Now unless given.") var to: String?
    @Option(help: "Only this principal: its id, ARN or user name.") var principal: String?
    @Option(help: "Only this team.") var team: String?
    @Option(help: "Only this model, as the log names it.") var model: String?
    @Option(help: "Only this Region.") var region: String?
    @Option(help: "cost, requests or tokens; the most first. By cost unless given, calls by requests.")
    var sort: String?
    @Option(help: "How many rows at most (1 to 100000); unless given 100, and with -o csv as many as there may be.")
    var limit: Int?
    @Option(help: "Whose midnights cut days, such as Europe/Madrid.") var zone: String?
    @Flag(help: "Compare with the time of equal length before.") var compare = false
    @Flag(help: "Cost per request and per 1,000 tokens, the change, and the month's projection.") var analysis = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let query: [(String, String?)] = [
            ("by", by), ("from", from), ("to", to), ("principal", principal), ("team", team), ("model", model),
            ("region", region), ("sort", sort), ("limit", rows.map { String($0) }), ("zone", zone),
            ("compare", compare ? "before" : nil),
        ]
        let client = try server.client()
        let answer = try await client.get(analysis ? "/api/v1/reports/cost-analysis" : "/api/v1/usage", query)
        output.printer.list(answer, key: "rows", columns: columns(of: answer)) { row in
            names.map { row[$0]?.display ?? "" }.joined(separator: " ")
        }
        guard output.output == .table else {
            if answer["cut"]?.boolValue == true {
                let advice = rows == Self.mostRows ? "ask for a shorter time" : "raise --limit"
                StandardError.line("There is more: \(advice).")
            }
            return
        }
        for line in Self.summary(answer) { output.printer.write(line) }
    }

    /// The most that a report may have.
    private static let mostRows = 100_000

    /// Nobody sees in a file that something is missing.
    private var rows: Int? { limit ?? (output.output == .csv ? Self.mostRows : nil) }

    private var names: [String] { by.split(separator: ",").map(String.init) }

    /// Calls have neither tokens nor costs, and most logs no latencies.
    private func columns(of answer: JSONValue) -> [Column] {
        var columns = names.map { Column($0, key: $0) }
        columns += [Column("Requests", key: "requests"), Column("Errors", key: "errors")]
        if names.contains("user-agent") || names.contains("address") {
            columns.append(Column("First") { Moments.exact($0["firstAt"]) })
            columns.append(Column("Last") { Moments.exact($0["lastAt"]) })
            return columns
        }
        columns.append(Column("Tokens", key: "tokens"))
        columns += costs
        let rows = answer["rows"]?.arrayValue ?? []
        if rows.contains(where: { $0["meanLatencyMs"] != nil }) {
            columns += [Column("Mean ms", key: "meanLatencyMs"), Column("Max ms", key: "maxLatencyMs")]
        }
        return columns
    }

    private var costs: [Column] {
        let money = [
            Column("Cost") { Cell.dollars($0["cost"]) },
            Column("Per request") { Cell.dollars($0["costPerRequest"]) },
            Column("Per 1,000 tokens") { Cell.dollars($0["costPerThousandTokens"]) },
        ]
        let change = [Column("Before") { Cell.dollars($0["costBefore"]) }, Column("Change %", key: "changePercent")]
        return money + (compare || analysis ? change : [])
            + (analysis ? [Column("Efficiency", key: "efficiency"), Column("Cached %", key: "cacheReadPercent")] : [])
    }

    /// What stands below the table.
    private static func summary(_ answer: JSONValue) -> [String] {
        let span = "\(Moments.exact(answer["from"])) to \(Moments.exact(answer["to"]))"
        guard let total = answer["total"], !total.isNull else { return ["No data: nothing was recorded, \(span)."] }
        let requests = "\(total["requests"]?.display ?? "") requests"
        let tokens = "\(total["tokens"]?.display ?? "") tokens"
        // Calls have no cost.
        let errors = "\(total["errors"]?.display ?? "") errors"
        var lines = [
            total["cost"].map { "Total $\($0.display), \(requests), \(tokens), \(span)." }
                ?? "Total \(requests), \(errors), \(span)."
        ]
        if let before = answer["totalBefore"], !before.isNull {
            let change = answer["changePercent"]?.intValue.map { ", \($0 > 0 ? "+" : "")\($0) %" } ?? ""
            lines.append("The time before: $\(before["cost"]?.display ?? "")\(change).")
        }
        if let month = answer["month"], !month.isNull {
            let projected = Cell.dollars(month["projectedCost"]).shown
            lines.append(
                "This month so far: \(month["cost"]?.stringValue.map { "$\($0)" } ?? "no data")"
                    + (projected.isEmpty ? "." : ", \(projected) at its end if it goes on like this."))
        }
        if answer["cut"]?.boolValue == true { lines.append("There is more: raise --limit.") }
        if let note = answer["note"]?.stringValue { lines.append("Note: \(note).") }
        return lines
    }
}
