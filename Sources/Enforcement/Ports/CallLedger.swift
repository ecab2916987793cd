package import Budgets
package import WallTime

/// The rows of what is known of calls besides what they used: who called by what from where, as CloudTrail tells it, and how
/// long uses took, as the invocation log does. Both are only ever added up by the hour.
package protocol CallLedger: AnyObject, SendableMetatype {
    /// Remembers that a call is counted; false when it was counted before, and when it is so old that this can't be told any
    /// more.
    func insertCall(_ id: String, at: Instant) throws -> Bool
    /// Adds what a batch has counted. The principals have to be there. What would be more than `CallSlot.mostOfPrincipal`
    /// slots of an hour and a principal is added under `CallSlot.other`.
    func addCalls(_ hours: [CallHour]) throws
    /// Calls added up by the query's dimensions, the most first.
    func callGroups(_ query: CallQuery) throws -> [CallGroup]
    /// Adds what a batch of uses told. The principals have to be there.
    func addLatencies(_ hours: [LatencyHour]) throws
    /// How long the query's uses took, by those of its dimensions that tell latencies apart; nothing for a query that asks
    /// for others (`UsageQuery.tellsLatencies`). All that are asked for are looked for: the query's order and its limit
    /// mean nothing here.
    /// - Parameter keys: those that are asked for; nil for all.
    func latencies(_ query: UsageQuery, of keys: Set<LatencyKey>?) throws -> [LatencyKey: LatencySums]
}

/// By what calls are added up.
package enum CallDimension: String, Sendable, Hashable, CaseIterable {
    case principal
    case team
    case userAgent = "user-agent"
    case address
    case operation
}

/// Which calls to add up, by what, and how many of the sums to give.
package struct CallQuery: Sendable, Hashable {
    /// Hours since 1970, up to and without `to`.
    package var from: Int64
    package var to: Int64
    package var dimensions: Set<CallDimension>
    package var principal: PrincipalID?
    package var team: String?
    package var limit: Int

    package init(
        from: Int64, to: Int64, dimensions: Set<CallDimension> = [], principal: PrincipalID? = nil, team: String? = nil,
        limit: Int = 100
    ) {
        self.from = from
        self.to = to
        self.dimensions = dimensions
        self.principal = principal
        self.team = team
        self.limit = limit
    }
}

/// Calls that have the same values in a query's dimensions. A dimension that was not asked for is nil.
package struct CallGroup: Sendable, Hashable {
    package var principal: Principal?
    package var team: String?
    package var agent: String?
    package var address: String?
    package var operation: String?
    package var sums: CallSums

    package init(
        principal: Principal? = nil, team: String? = nil, agent: String? = nil, address: String? = nil,
        operation: String? = nil, sums: CallSums
    ) {
        self.principal = principal
        self.team = team
        self.agent = agent
        self.address = address
        self.operation = operation
        self.sums = sums
    }
}

/// What tells latencies apart, of what a query asks for; the rest is nil.
package struct LatencyKey: Sendable, Hashable {
    package var principal: PrincipalID?
    package var team: String?
    package var purpose: String?
    package var tier: String?
    package var model: String?

    package init(
        principal: PrincipalID? = nil, team: String? = nil, purpose: String? = nil, tier: String? = nil,
        model: String? = nil
    ) {
        self.principal = principal
        self.team = team
        self.purpose = purpose
        self.tier = tier
        self.model = model
    }

    package init(_ group: UsageGroup) {
        self.init(
            principal: group.principal?.id, team: group.team, purpose: group.purpose, tier: group.tier,
            model: group.model)
    }
}

extension UsageQuery {
    /// Latencies are kept by principal and model, and by tags and model.
    package var tellsLatencies: Bool { region == nil && dimensions.isDisjoint(with: [.region, .operation]) }
}
