import Budgets
import Enforcement
import JSONModel
import WallTime

/// A report of calls as JSON, and as rows of a table.
struct CallRendering {
    let by: [String]
    let window: ReportWindow

    func json(_ report: CallReport) -> JSONValue {
        var answer: JSONObject = [
            "from": .string(Instant(hour: window.from).iso8601), "to": .string(Instant(hour: window.to).iso8601),
            "zone": .string(window.zone.identifier), "by": .array(by.map(JSONValue.string)),
            "rows": .array(report.rows.map { .object(row($0)) }),
            "total": report.total.map { .object(Self.sums($0)) } ?? .null, "cut": .bool(report.isCut),
        ]
        if window.isInexact { answer["note"] = .string(ReportRendering.inexact) }
        return .object(answer)
    }

    private func row(_ row: CallReport.Row) -> JSONObject {
        var object: JSONObject = [:]
        for name in by { object[name] = value(of: name, row) }
        if let principal = row.group.principal { object["principalArn"] = .string(principal.arn) }
        for (name, value) in Self.sums(row.group.sums) { object[name] = value }
        return object
    }

    private func value(of name: String, _ row: CallReport.Row) -> JSONValue {
        switch CallDimension(rawValue: name) {
        case .principal: .optional(row.group.principal?.id.description)
        case .team: .optional(row.group.team)
        case .userAgent: .optional(row.group.agent)
        case .address: .optional(row.group.address)
        case .operation: .optional(row.group.operation)
        case nil: .optional(row.slice?.label)
        }
    }

    private static func sums(_ sums: CallSums) -> JSONObject {
        [
            "requests": .int(sums.requests), "errors": .int(sums.errors), "firstAt": .string(sums.firstAt.iso8601),
            "lastAt": .string(sums.lastAt.iso8601),
        ]
    }

    func csv(_ report: CallReport) -> String {
        let names = by + ["requests", "errors", "firstAt", "lastAt"]
        let rows = report.rows.map { row -> [String] in
            let object = self.row(row)
            return names.map { object[$0]?.csvField ?? "" }
        }
        return ([names] + rows).map(CSVText.line).joined()
    }
}
