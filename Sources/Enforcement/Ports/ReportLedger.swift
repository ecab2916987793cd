package import Budgets
package import WallTime

/// The rows that reports and metrics are read from: uses added up by the hour, and counts that only grow.
///
/// Reports over a period read the rollup, never single uses.
package protocol ReportLedger: CallLedger {
    // Rollup
    /// Adds what a batch recorded. Belongs in the transaction that inserted the uses, so that the two never disagree.
    func addUsageHours(_ hours: [UsageHour]) throws
    /// A use of that slot, which was charged under these tags, is no longer what it was charged as: adds `change`, whose
    /// members may be negative. Whoever writes a correction beside a use calls this in the same transaction. What was
    /// charged in all (`LedgerGauges.models`) stays: it only grows.
    func adjustUsageHour(_ slot: UsageSlot, tags: CostTags, by change: UsageSums) throws
    /// Adds what a batch charged, by the tags of who paid, to what was charged since ever (`LedgerGauges.tagged`).
    /// Corrections do not change it: it only grows.
    func addTaggedSums(_ sums: [TaggedSums]) throws
    /// Uses added up by the query's dimensions, in its order.
    func usageGroups(_ query: UsageQuery) throws -> [UsageGroup]
    /// What these groups of the query, without their sums (`UsageGroup.key`), add up to; those of which nothing is known
    /// are left out. All are looked for: the query's order and its limit mean nothing here.
    func usageSums(of groups: Set<UsageGroup>, _ query: UsageQuery) throws -> [UsageGroup: UsageSums]
    /// Hours in which something was used, ascending, with how many uses they hold.
    func hoursWithUsage(from: Int64, to: Int64) throws -> [HourLoad]
    /// What was used in an hour, in the order of time. `singly` gives each use its own instant where it is still there and
    /// costs what the rollup says; otherwise a slot's uses stand at the hour's end.
    func recordedUses(inHour hour: Int64, singly: Bool) throws -> [RecordedUse]

    // Ingestion
    /// Counts what became of a batch, over all sources.
    func countIngest(_ report: IngestReport) throws

    // Budgets
    /// Accounts by how much of their limit is used, the most first; those without a limit by what they spent. Who has
    /// access, or is gone, and a period that has ended by `now` has used nothing of the new one, uses that came early
    /// aside.
    func topAccounts(_ order: AccountOrder, limit: Int, at now: Instant) throws -> [BudgetAccount]

    // Metrics
    /// What the metrics show of the database. Reads indexes and small tables, never single uses.
    func gauges(_ limits: GaugeLimits) throws -> LedgerGauges
}

extension ReportLedger {
    /// See `adjustUsageHour(_:tags:by:)`: the correction of one use.
    package func adjustUsageHour(of usage: ChargedUsage, by change: UsageSums) throws {
        try adjustUsageHour(UsageSlot(usage.event), tags: usage.tags, by: change)
    }
}

/// By what uses are added up.
package enum UsageDimension: String, Sendable, Hashable, CaseIterable {
    case principal
    case team
    case purpose
    case tier
    case model
    case region
    case operation
}

/// Which uses to add up, by what, and which of the sums to give.
package struct UsageQuery: Sendable, Hashable {
    package enum Order: String, Sendable, Hashable, CaseIterable { case cost, requests, tokens }

    /// Hours since 1970, up to and without `to`.
    package var from: Int64
    package var to: Int64
    package var dimensions: Set<UsageDimension>
    package var principal: PrincipalID?
    package var team: String?
    package var model: String?
    package var region: String?
    package var order: Order
    package var limit: Int
    /// Whether a team is who is in it now, as in a query that tells principals apart: for the sum of such a one.
    package var goesByPrincipals = false

    package init(
        from: Int64, to: Int64, dimensions: Set<UsageDimension> = [], principal: PrincipalID? = nil,
        team: String? = nil, model: String? = nil, region: String? = nil, order: Order = .cost, limit: Int = 100
    ) {
        self.from = from
        self.to = to
        self.dimensions = dimensions
        self.principal = principal
        self.team = team
        self.model = model
        self.region = region
        self.order = order
        self.limit = limit
    }

    /// Whether principals have to be told apart; otherwise smaller tables answer. Then tags are those that principals have
    /// now; otherwise those under which uses were charged.
    package var needsPrincipals: Bool { principal != nil || dimensions.contains(.principal) || goesByPrincipals }

    /// Whether uses are told apart by tags.
    package var tellsTags: Bool { !dimensions.isDisjoint(with: [.team, .purpose, .tier]) }

    /// Whether uses are told apart, or picked, by tags.
    package var asksForTags: Bool { team != nil || tellsTags }
}

/// Uses that have the same values in a query's dimensions. A dimension that was not asked for is nil.
package struct UsageGroup: Sendable, Hashable {
    package var principal: Principal?
    package var team: String?
    package var purpose: String?
    package var tier: String?
    package var model: String?
    package var region: String?
    package var operation: String?
    package var sums: UsageSums

    package init(
        principal: Principal? = nil, team: String? = nil, purpose: String? = nil, tier: String? = nil,
        model: String? = nil, region: String? = nil, operation: String? = nil, sums: UsageSums
    ) {
        self.principal = principal
        self.team = team
        self.purpose = purpose
        self.tier = tier
        self.model = model
        self.region = region
        self.operation = operation
        self.sums = sums
    }

    /// What tells it apart from others: all but its sums.
    package var key: UsageGroup {
        var key = self
        key.sums = UsageSums()
        return key
    }

    /// Names that order groups of equal sums, so that a report is the same each time.
    package var name: String {
        [principal?.id.description, team, purpose, tier, model, region, operation].map { $0 ?? "" }
            .joined(separator: "\n")
    }
}

package struct HourLoad: Sendable, Hashable {
    package var hour: Int64
    package var requests: Int64

    package init(hour: Int64, requests: Int64) {
        self.hour = hour
        self.requests = requests
    }
}

package enum AccountOrder: String, Sendable, Hashable, CaseIterable {
    /// By what was spent.
    case spent
    /// By how much of the limit that is.
    case percent
}
