import Budgets
import Enforcement
import Hummingbird
import WallTime

/// What the parameters of a usage report ask for that is read from calls: by what and from where they came.
struct CallsQuery {
    var request: CallReport.Request
    /// Columns and cuts as they were asked for, such as `["day", "user-agent"]`.
    var by: [String]

    /// Names in `by` that only calls have.
    static let ownNames = [CallDimension.userAgent, .address].map(\.rawValue)

    /// Whether a report by these names is one of calls.
    static func isAsked(by text: String?) -> Bool {
        (text ?? "").split(separator: ",").contains { ownNames.contains(String($0)) }
    }

    /// - Parameter find: the principal that a text names.
    init(_ request: Request, now: Instant, zone standard: CivilZone, find: (String) throws -> Principal) throws {
        let zone = try ReportQuery.zone(request.query("zone"), standard)
        by = (request.query("by") ?? "").split(separator: ",").map(String.init)
        for name in ["model", "region", "compare"] where request.query(name) != nil {
            throw APIError.invalidRequest("\(name) has no meaning with user agents and addresses", hint: Self.hint)
        }
        if let sort = request.query("sort"), sort != UsageQuery.Order.requests.rawValue {
            throw APIError.invalidRequest("calls are sorted by requests, not by \"\(sort)\"", hint: Self.hint)
        }
        let (step, dimensions) = try Self.taken(by)
        var report = CallReport.Request(
            window: try ReportQuery.window(request, now, zone), step: step, dimensions: dimensions)
        report.principal = try request.query("principal").map { try find($0).id }
        report.team = request.query("team")
        report.limit = try ReportQuery.limit(request)
        self.request = report
    }

    private static let hint = """
        User agents and addresses come from CloudTrail, which counts calls; models and costs from Bedrock's log, which knows \
        neither user agent nor address.
        """

    private static func taken(_ by: [String]) throws -> (ReportStep?, Set<CallDimension>) {
        var step: ReportStep?
        var dimensions: Set<CallDimension> = []
        for name in by {
            if let dimension = CallDimension(rawValue: name) {
                dimensions.insert(dimension)
            } else if let cut = ReportStep(rawValue: name) {
                guard step == nil || step == cut else { throw ReportQuery.twoSteps }
                step = cut
            } else {
                throw APIError.invalidRequest("calls can't be added up by \"\(name)\"", hint: hint)
            }
        }
        return (step, dimensions)
    }
}
