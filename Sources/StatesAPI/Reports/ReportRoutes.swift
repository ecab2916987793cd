import Budgets
import Engine
package import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel
import StatesLanguage
package import WallTime

/// How reports are made where a request says nothing of it.
package struct ReportSettings: Sendable {
    /// Whose midnights cut days.
    package var zone = CivilZone.utc
    /// How many series the metrics show of each kind.
    package var limits = GaugeLimits()

    package init() {}
}

extension AdminAPI {
    func addReportRoutes(to api: Routes) {
        let terms = [
            "by", "from", "to", "principal", "team", "model", "region", "zone", "sort", "limit", "compare",
        ]
        api.get("usage", query: terms + ["format"]) { request, _ in try await usage(request) }
        let group = api.group("reports")
        group.get("cost-analysis", query: terms) { request, _ in try await costAnalysis(request) }
        group.get("budgets", query: ["principal", "sort", "limit"]) { request, _ in try await budgetReports(request) }
        group.post("simulation", query: ["replay", "from", "to", "file"]) { request, _ in
            try await simulation(request)
        }
    }

    private var now: Instant { engine.now }

    private func usage(_ request: Request) async throws -> ReportAnswer {
        if CallsQuery.isAsked(by: request.query("by")) { return try await calls(request) }
        let (query, report) = try await read(request)
        let rendering = ReportRendering(by: query.by, window: query.request.window)
        return try ReportAnswer(
            request, name: "usage", json: { rendering.json(report) }, csv: { rendering.csv(report) })
    }

    /// By what and from where calls came, as CloudTrail tells it.
    private func calls(_ request: Request) async throws -> ReportAnswer {
        let (now, zone) = (now, reports.zone)
        let (query, report) = try await engine.survey { transaction -> (CallsQuery, CallReport) in
            let query = try CallsQuery(request, now: now, zone: zone) { text in
                try PrincipalReference(text).known(to: transaction)
            }
            do {
                return (query, try CallReport.read(query.request, transaction))
            } catch let error as ReportError {
                throw APIError.invalidRequest(error.description)
            }
        }
        let rendering = CallRendering(by: query.by, window: query.request.window)
        return try ReportAnswer(
            request, name: "calls", json: { rendering.json(report) }, csv: { rendering.csv(report) })
    }

    private func read(
        _ request: Request, standardBy: String = "principal",
        _ change: @Sendable @escaping (inout ReportQuery) -> Void = { _ in }
    ) async throws -> (ReportQuery, UsageReport) {
        let (now, zone) = (now, reports.zone)
        return try await engine.survey { transaction in
            var query = try ReportQuery(request, now: now, zone: zone, standardBy: standardBy) { text in
                try PrincipalReference(text).known(to: transaction)
            }
            change(&query)
            do {
                return (query, try UsageReport.read(query.request, transaction))
            } catch let error as ReportError {
                throw APIError.invalidRequest(error.description)
            }
        }
    }

    // MARK: Cost analysis

    /// What things cost, against the time before and against each other, and where the month is going.
    private func costAnalysis(_ request: Request) async throws -> JSONAnswer {
        let (query, report) = try await read(request, standardBy: "model") { $0.request.comparesBefore = true }
        var answer = ReportRendering(by: query.by, window: query.request.window).json(report).objectValue ?? [:]
        if let average = report.total?.costPerThousandTokens {
            let rows = (answer["rows"]?.arrayValue ?? []).enumerated().map { index, row -> JSONValue in
                guard var object = row.objectValue else { return row }
                object["efficiency"] = Self.efficiency(report.rows[index].group.sums, average)
                return .object(object)
            }
            answer["rows"] = .array(rows)
        }
        answer["month"] = try await month(query.request)
        return JSONAnswer(.object(answer))
    }

    /// The cost of a thousand tokens against the average of all: a fifth is a difference.
    private static func efficiency(_ sums: UsageSums, _ average: NanoDollars) -> JSONValue {
        guard let own = sums.costPerThousandTokens, average > .zero else { return .null }
        let perMille = own.perMille(of: average)
        return perMille < 800 ? "cheaper" : perMille > 1200 ? "dearer" : "average"
    }

    /// The calendar month so far, of the same uses, and its end if it goes on like this.
    private func month(_ request: UsageReport.Request) async throws -> JSONValue {
        let now = now
        let rule = PeriodRule.month(in: request.window.zone)
        let period = rule.firstPeriod(containing: now)
        var query = request
        query.window = ReportWindow(from: period.start, to: now, zone: request.window.zone)
        // Where principals are told apart, a team is who is in it now.
        let dimensions: Set<UsageDimension> =
            request.team != nil && request.dimensions.contains(.principal) ? [.principal] : []
        (query.step, query.dimensions, query.comparesBefore, query.limit) = (nil, dimensions, false, 1)
        let report = try await engine.survey { [query] in try UsageReport.read(query, $0) }
        let spent = report.total?.cost ?? .zero
        let course = Course(
            limit: .zero, period: period, spent: spent, now: now, recent: nil, recentSince: period.start)
        let projected = course.forecast(hasData: report.total != nil).linear?.total
        return [
            "from": .string(period.start.iso8601), "to": .string(period.end.iso8601),
            "cost": report.total == nil ? .null : .string(spent.description),
            "projectedCost": .optional(projected?.description), "method": "linear",
        ]
    }

    // MARK: Budgets

    private func budgetReports(_ request: Request) async throws -> JSONAnswer {
        var order = AccountOrder.percent
        if let text = request.query("sort") {
            guard let known = AccountOrder(rawValue: text) else {
                throw APIError.invalidRequest("sort must be percent or spent, not \"\(text)\"")
            }
            order = known
        }
        let (reference, limit, now) = (request.query("principal"), try request.limit(default: 20), now)
        let (reports, shared) = try await engine.survey { [order] transaction in
            let accounts: [BudgetAccount]
            if let reference {
                let principal = try PrincipalReference(reference).known(to: transaction)
                guard let account = try BudgetCommands.getBudget(of: principal.id, transaction) else {
                    throw PrincipalReference.notFound(reference)
                }
                accounts = [account]
            } else {
                accounts = try transaction.topAccounts(order, limit: limit, at: now)
            }
            let shared = reference == nil ? try transaction.furtherBudgetsSharedFirst(limit: limit) : []
            return (
                try BudgetReport.read(accounts, at: now, transaction),
                try shared.map { try BudgetReport.read($0, at: now, transaction) }
            )
        }
        return JSONAnswer([
            "at": .string(now.iso8601),
            "budgets": .array(reports.map { .object(rendering.budgetReport($0, at: now)) }),
            "further": .array(shared.map { .object(rendering.further($0)) }),
        ])
    }
}

extension PrincipalReference {
    /// - Throws: `APIError` when nobody of that name is known.
    func known(to transaction: some BudgetLedger) throws -> Principal {
        guard let principal = try find(in: transaction) else { throw Self.notFound(text) }
        return principal
    }
}

/// A report as JSON, or as a file for spreadsheets.
enum ReportAnswer: ResponseGenerator {
    case json(JSONValue)
    case csv(String, name: String)

    /// In the format that the request asks for.
    init(_ request: Request, name: String, json: () -> JSONValue, csv: () -> String) throws {
        switch request.query("format") ?? "json" {
        case "json": self = .json(json())
        case "csv": self = .csv(csv(), name: name)
        case let other: throw APIError.invalidRequest("format must be json or csv, not \"\(other)\"")
        }
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        switch self {
        case .json(let value): return JSONAnswer(value).response(from: request, context: context)
        case .csv(let text, let name):
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                    .contentDisposition: "attachment; filename=\"\(name).csv\"",
                ], body: .init(byteBuffer: ByteBuffer(string: text)))
        }
    }
}
