import Budgets
import Enforcement
import JSONModel
import WallTime

/// A usage report as JSON, and as rows of a table.
struct ReportRendering {
    let by: [String]
    let window: ReportWindow

    func json(_ report: UsageReport) -> JSONValue {
        var answer: JSONObject = [
            "from": .string(Instant(hour: window.from).iso8601), "to": .string(Instant(hour: window.to).iso8601),
            "zone": .string(window.zone.identifier), "by": .array(by.map(JSONValue.string)),
            "rows": .array(report.rows.map { .object(row($0)) }),
            "total": report.total.map { .object(Self.sums($0)) } ?? .null, "cut": .bool(report.isCut),
        ]
        if let before = report.totalBefore {
            answer["totalBefore"] = .object(Self.sums(before))
            answer["changePercent"] = Self.change(from: before, to: report.total ?? UsageSums())
        }
        if let latency = report.totalLatency { answer["totalLatency"] = .object(Self.latency(latency)) }
        if window.isInexact { answer["note"] = .string(Self.inexact) }
        return .object(answer)
    }

    static let inexact =
        "days of this zone begin within an hour; they are cut at the hour before, since usage is kept by the hour"

    /// Members that are only there where a record told a latency.
    private static func latency(_ sums: LatencySums) -> JSONObject {
        [
            "meanLatencyMs": sums.meanMilliseconds.map(JSONValue.int) ?? .null,
            "maxLatencyMs": .int(sums.longestMilliseconds),
            "timedRequests": .int(sums.count),
        ]
    }

    private func row(_ row: UsageReport.Row) -> JSONObject {
        var object: JSONObject = [:]
        for name in by { object[name] = value(of: name, row) }
        if let principal = row.group.principal { object["principalArn"] = .string(principal.arn) }
        for (name, value) in Self.sums(row.group.sums) { object[name] = value }
        if let latency = row.latency {
            for (name, value) in Self.latency(latency) { object[name] = value }
        }
        if let before = row.before {
            object["costBefore"] = .string(before.cost.description)
            object["requestsBefore"] = .int(before.requests)
            object["changePercent"] = Self.change(from: before, to: row.group.sums)
        }
        return object
    }

    private func value(of name: String, _ row: UsageReport.Row) -> JSONValue {
        switch name {
        case "principal": .optional(row.group.principal?.id.description)
        case "team": .optional(row.group.team)
        case "purpose": .optional(row.group.purpose)
        case "tier": .optional(row.group.tier)
        case "model": .optional(row.group.model)
        case "region": .optional(row.group.region)
        case "operation": .optional(row.group.operation)
        default: .optional(row.slice?.label)
        }
    }

    static func sums(_ sums: UsageSums) -> JSONObject {
        [
            "requests": .int(sums.requests), "errors": .int(sums.errors), "unmetered": .int(sums.unmetered),
            "inputTokens": .int(sums.tokens.input), "outputTokens": .int(sums.tokens.output),
            "cacheReadTokens": .int(sums.tokens.cacheRead),
            "cacheWrite5mTokens": .int(sums.tokens.cacheWrite5m),
            "cacheWrite1hTokens": .int(sums.tokens.cacheWrite1h), "tokens": .int(sums.allTokens),
            "images": .int(sums.images), "cost": .string(sums.cost.description),
            "costNanoDollars": .int(sums.cost.rawValue), "fallbackCost": .string(sums.fallbackCost.description),
            "fallbackRequests": .int(sums.fallbackRequests),
            "costPerRequest": .optional(sums.costPerRequest?.description),
            "costPerThousandTokens": .optional(sums.costPerThousandTokens?.description),
            "cacheReadPercent": sums.cacheReadPerMille.map { .int(Int64($0 / 10)) } ?? .null,
        ]
    }

    /// Of the cost, in whole per cent; null when there was none before.
    static func change(from before: UsageSums, to after: UsageSums) -> JSONValue {
        guard before.cost > .zero else { return .null }
        let perMille = Int64(clamping: after.cost.perMille(of: before.cost))
        return .int((perMille - 1000) / 10)
    }

    // MARK: CSV

    private static let columns = [
        "requests", "errors", "inputTokens", "outputTokens", "cacheReadTokens", "cacheWrite5mTokens",
        "cacheWrite1hTokens", "images", "cost", "fallbackCost", "costPerRequest", "costPerThousandTokens",
    ]

    func csv(_ report: UsageReport) -> String {
        let compared = report.rows.contains { $0.before != nil } ? ["costBefore", "changePercent"] : []
        let isTimed = report.rows.contains { $0.latency != nil }
        let timed = isTimed ? ["meanLatencyMs", "maxLatencyMs", "timedRequests"] : []
        let names = by + Self.columns + compared + timed
        let rows = report.rows.map { row -> [String] in
            let object = self.row(row)
            return names.map { object[$0]?.csvField ?? "" }
        }
        return ([names] + rows).map(CSVText.line).joined()
    }
}

extension JSONValue {
    /// Texts as they are, nothing for null.
    var csvField: String {
        switch self {
        case .null: ""
        case .string(let text): text
        default: jsonString
        }
    }
}
