import Budgets
import Enforcement
import Hummingbird
import WallTime

/// What a report's parameters ask for.
struct ReportQuery {
    var request: UsageReport.Request
    /// Columns and cuts as they were asked for, such as `["day", "model"]`.
    var by: [String]

    /// - Parameter find: the principal that a text names.
    init(
        _ request: Request, now: Instant, zone standard: CivilZone, standardBy: String = "principal",
        find: (String) throws -> Principal
    ) throws {
        let zone = try Self.zone(request.query("zone"), standard)
        by = (request.query("by") ?? standardBy).split(separator: ",").map(String.init)
        let (step, dimensions) = try Self.taken(by)
        var report = UsageReport.Request(
            window: try Self.window(request, now, zone), step: step, dimensions: dimensions)
        report.principal = try request.query("principal").map { try find($0).id }
        report.team = request.query("team")
        report.model = request.query("model")
        report.region = request.query("region")
        report.limit = try Self.limit(request)
        report.comparesBefore = request.query("compare") == "before"
        if let text = request.query("sort") {
            guard let order = UsageQuery.Order(rawValue: text) else {
                let known = UsageQuery.Order.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError.invalidRequest("sort must be one of \(known), not \"\(text)\"")
            }
            report.order = order
        }
        self.request = report
    }

    static func zone(_ text: String?, _ standard: CivilZone) throws -> CivilZone {
        guard let text else { return standard }
        guard let zone = CivilZone(identifier: text) else {
            throw APIError.invalidRequest(
                "\"\(text)\" is no time zone", hint: "Write an IANA name such as Europe/Madrid, or UTC.")
        }
        return zone
    }

    private static func taken(_ by: [String]) throws -> (ReportStep?, Set<UsageDimension>) {
        var step: ReportStep?
        var dimensions: Set<UsageDimension> = []
        for name in by {
            if let dimension = UsageDimension(rawValue: name) {
                dimensions.insert(dimension)
            } else if let cut = ReportStep(rawValue: name) {
                guard step == nil || step == cut else { throw twoSteps }
                step = cut
            } else {
                let known = UsageDimension.allCases.map(\.rawValue) + ReportStep.allCases.map(\.rawValue)
                throw APIError.invalidRequest(
                    "usage can't be added up by \"\(name)\"",
                    hint: "Known: \(known.joined(separator: ", ")); of calls, without costs: "
                        + "\(CallsQuery.ownNames.joined(separator: ", ")).")
            }
        }
        return (step, dimensions)
    }

    static var twoSteps: APIError {
        .invalidRequest("time is cut one way only: by hour, by day or by month")
    }

    /// A file says nothing of rows that it does not have, so it has as many as there may be.
    static func limit(_ request: Request) throws -> Int {
        guard let text = request.query("limit") else {
            return request.query("format") == "csv" ? UsageReport.mostRows : 100
        }
        guard let limit = Int(text), (1...UsageReport.mostRows).contains(limit) else {
            throw APIError.invalidRequest("limit must be a whole number from 1 to \(UsageReport.mostRows)")
        }
        return limit
    }

    static func window(_ request: Request, _ now: Instant, _ zone: CivilZone) throws -> ReportWindow {
        let from = try moment(request.query("from") ?? "30d", "from", now, zone)
        let to = try moment(request.query("to") ?? "0s", "to", now, zone)
        guard from < to else { throw APIError.invalidRequest("from has to lie before to") }
        guard to.milliseconds - from.milliseconds <= 3660 * 86_400_000 else {
            throw APIError.invalidRequest("a report covers ten years at most")
        }
        return ReportWindow(from: from, to: to, zone: zone)
    }

    /// An instant, a date in the zone (for `to`, its end), or how long ago.
    static func moment(_ text: String, _ name: String, _ now: Instant, _ zone: CivilZone) throws -> Instant {
        if let instant = Instant(iso8601: text) { return instant }
        if text.utf8.count == 10, let day = Instant(iso8601: text + "T00:00:00Z") {
            let number = day.milliseconds / 86_400_000 + (name == "to" ? 1 : 0)
            return zone.startOfDay(CivilDate(daysSinceEpoch: number))
        }
        guard let ago = DurationText.parse(text) else {
            throw APIError.invalidRequest(
                "\(name) is \"\(text)\"", hint: "Write 2026-11-20, 2026-11-20T10:15:00Z, or how long ago: 7d, 12h.")
        }
        return now - ago
    }
}
