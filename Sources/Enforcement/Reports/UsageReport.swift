package import Budgets
import WallTime

/// Usage over a time, added up by whatever is asked for.
package struct UsageReport: Sendable, Equatable {
    package struct Request: Sendable {
        package var window: ReportWindow
        /// Nil for the whole window at once.
        package var step: ReportStep?
        package var dimensions: Set<UsageDimension>
        package var principal: PrincipalID?
        package var team: String?
        package var model: String?
        package var region: String?
        package var order: UsageQuery.Order
        package var limit: Int
        /// Whether the window before it is looked at too.
        package var comparesBefore: Bool

        package init(
            window: ReportWindow, step: ReportStep? = nil, dimensions: Set<UsageDimension> = [],
            principal: PrincipalID? = nil, team: String? = nil, model: String? = nil, region: String? = nil,
            order: UsageQuery.Order = .cost, limit: Int = 100, comparesBefore: Bool = false
        ) {
            self.window = window
            self.step = step
            self.dimensions = dimensions
            self.principal = principal
            self.team = team
            self.model = model
            self.region = region
            self.order = order
            self.limit = limit
            self.comparesBefore = comparesBefore
        }

        fileprivate func query(
            _ from: Int64, _ to: Int64, _ dimensions: Set<UsageDimension>, limit: Int
        ) -> UsageQuery {
            var query = UsageQuery(
                from: from, to: to, dimensions: dimensions, principal: principal, team: team, model: model,
                region: region, order: order, limit: limit)
            // The sum of all is that of the rows, also when somebody has moved to another team.
            query.goesByPrincipals = team != nil && self.dimensions.contains(.principal)
            return query
        }
    }

    package struct Row: Sendable, Equatable {
        /// Nil when the window is not cut.
        package var slice: ReportWindow.Slice?
        package var group: UsageGroup
        /// Of the window before; nil when it was not asked for, or nothing is known of it.
        package var before: UsageSums?
        /// How long its uses took; nil where no record told it, and where latencies are not told apart so.
        package var latency: LatencySums?
    }

    package var rows: [Row]
    /// Of all uses of the window, those included that are not listed; nil when nothing was recorded.
    package var total: UsageSums?
    package var totalBefore: UsageSums?
    /// As of a row, of all uses of the window.
    package var totalLatency: LatencySums?
    /// Whether there are more rows than were asked for.
    package var isCut: Bool

    /// Most rows of a report.
    package static let mostRows = 100_000

    /// - Throws: `ReportError.tooManySlices`, or the store's errors.
    package static func read(_ request: Request, _ transaction: some ReportLedger) throws -> UsageReport {
        let window = request.window
        let limit = min(max(1, request.limit), mostRows)
        var rows: [Row] = []
        if let step = request.step {
            guard let slices = window.slices(by: step) else { throw ReportError.tooManySlices }
            for slice in slices where rows.count <= limit {
                let query = request.query(slice.from, slice.to, request.dimensions, limit: limit + 1 - rows.count)
                rows += try transaction.usageGroups(query).map { Row(slice: slice, group: $0) }
            }
        } else {
            let query = request.query(window.from, window.to, request.dimensions, limit: limit + 1)
            rows = try transaction.usageGroups(query).map { Row(slice: nil, group: $0) }
        }
        let isCut = rows.count > limit
        var report = UsageReport(
            rows: Array(rows.prefix(limit)), total: try sum(request, window, transaction), totalBefore: nil,
            isCut: isCut)
        try report.addLatencies(request, transaction)
        if request.comparesBefore { try report.compare(request, transaction) }
        return report
    }

    private static func sum(
        _ request: Request, _ window: ReportWindow, _ transaction: some ReportLedger
    ) throws -> UsageSums? {
        try transaction.usageGroups(request.query(window.from, window.to, [], limit: 1)).first?.sums
    }

    private mutating func addLatencies(_ request: Request, _ transaction: some ReportLedger) throws {
        let window = request.window
        let query = request.query(window.from, window.to, request.dimensions, limit: 1)
        guard query.tellsLatencies else { return }
        totalLatency = try transaction.latencies(
            request.query(window.from, window.to, [], limit: 1), of: nil)[LatencyKey()]
        // Where nothing tells them, which is so without bodies in the log, there is nothing to look for.
        guard totalLatency != nil else { return }
        let keys = Set(rows.map { LatencyKey($0.group) })
        var known: [LatencyKey: LatencySums] = [:]
        for index in rows.indices {
            let slice = rows[index].slice
            if index == rows.startIndex || slice != rows[index - 1].slice {
                known = try transaction.latencies(
                    request.query(slice?.from ?? window.from, slice?.to ?? window.to, request.dimensions, limit: 1),
                    of: keys)
            }
            rows[index].latency = known[LatencyKey(rows[index].group)]
        }
    }

    private mutating func compare(_ request: Request, _ transaction: some ReportLedger) throws {
        let before = request.window.before
        totalBefore = try Self.sum(request, before, transaction)
        guard request.step == nil else { return }
        // Those of these rows, wherever they stood then: the highest of that time may be others.
        let query = request.query(before.from, before.to, request.dimensions, limit: 1)
        let known = try transaction.usageSums(of: Set(rows.map(\.group.key)), query)
        for index in rows.indices { rows[index].before = known[rows[index].group.key] }
    }
}

/// A report that can't be made.
package enum ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooManySlices

    package var description: String {
        switch self {
        case .tooManySlices:
            "the time is cut into more than \(ReportWindow.mostSlices) parts; ask for a shorter time, or cut it by days"
        }
    }
}
