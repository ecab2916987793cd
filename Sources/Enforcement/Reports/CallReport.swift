package import Budgets
import WallTime

/// Calls over a time by what and from where they came, added up by whatever is asked for. Says nothing of what they used.
package struct CallReport: Sendable, Equatable {
    package struct Request: Sendable {
        package var window: ReportWindow
        /// Nil for the whole window at once.
        package var step: ReportStep?
        package var dimensions: Set<CallDimension>
        package var principal: PrincipalID?
        package var team: String?
        package var limit: Int

        package init(
            window: ReportWindow, step: ReportStep? = nil, dimensions: Set<CallDimension> = [],
            principal: PrincipalID? = nil, team: String? = nil, limit: Int = 100
        ) {
            self.window = window
            self.step = step
            self.dimensions = dimensions
            self.principal = principal
            self.team = team
            self.limit = limit
        }

        fileprivate func query(_ from: Int64, _ to: Int64, _ dimensions: Set<CallDimension>, limit: Int) -> CallQuery {
            CallQuery(
                from: from, to: to, dimensions: dimensions, principal: principal, team: team, limit: limit)
        }
    }

    package struct Row: Sendable, Equatable {
        /// Nil when the window is not cut.
        package var slice: ReportWindow.Slice?
        package var group: CallGroup
    }

    package var rows: [Row]
    /// Of all calls of the window, those included that are not listed; nil when none was told of.
    package var total: CallSums?
    /// Whether there are more rows than were asked for.
    package var isCut: Bool

    /// - Throws: `ReportError.tooManySlices`, or the store's errors.
    package static func read(_ request: Request, _ transaction: some CallLedger) throws -> CallReport {
        let window = request.window
        let limit = min(max(1, request.limit), UsageReport.mostRows)
        var rows: [Row] = []
        if let step = request.step {
            guard let slices = window.slices(by: step) else { throw ReportError.tooManySlices }
            for slice in slices where rows.count <= limit {
                let query = request.query(slice.from, slice.to, request.dimensions, limit: limit + 1 - rows.count)
                rows += try transaction.callGroups(query).map { Row(slice: slice, group: $0) }
            }
        } else {
            let query = request.query(window.from, window.to, request.dimensions, limit: limit + 1)
            rows = try transaction.callGroups(query).map { Row(slice: nil, group: $0) }
        }
        let total = try transaction.callGroups(request.query(window.from, window.to, [], limit: 1)).first?.sums
        return CallReport(rows: Array(rows.prefix(limit)), total: total, isCut: rows.count > limit)
    }
}
