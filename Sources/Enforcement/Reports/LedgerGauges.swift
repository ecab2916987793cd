package import Budgets
package import Engine
package import WallTime

/// How many rows of a kind the metrics show at most: each is a series that whoever scrapes has to keep.
package struct GaugeLimits: Sendable, Hashable {
    package var principals: Int
    package var models: Int
    package var sources: Int
    package var tallies: Int
    package var furtherBudgets: Int
    /// Of each tag: so many teams, purposes and tiers.
    package var tagValues: Int

    package init(
        principals: Int = 20, models: Int = 200, sources: Int = 50, tallies: Int = 300, furtherBudgets: Int = 200,
        tagValues: Int = 200
    ) {
        self.principals = principals
        self.models = models
        self.sources = sources
        self.tallies = tallies
        self.furtherBudgets = furtherBudgets
        self.tagValues = tagValues
    }
}

/// What the metrics show of the database, read in one transaction.
package struct LedgerGauges: Sendable, Equatable {
    /// How many times something happened since the database was made, whatever has aged out since.
    package struct Tally: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// Audit entries, by action.
            case audit
            /// Notices, by kind.
            case notice
            /// Dead letters, by kind.
            case deadLetter = "dead-letter"
            /// Usage records, by what became of them.
            case ingest
        }

        package var kind: Kind
        package var key: String
        package var count: Int64

        package init(kind: Kind, key: String, count: Int64) {
            self.kind = kind
            self.key = key
            self.count = count
        }
    }

    /// Ended executions of a state machine, by how long they took.
    package struct Endings: Sendable, Hashable {
        /// Upper bounds of the buckets in seconds; the last bucket has none.
        package static let bounds: [Int64] = [1, 10, 60, 300, 900, 3600, 86_400]

        package var stateMachine: String
        package var status: ExecutionStatus
        /// One more than `bounds`.
        package var counts: [Int64]
        package var milliseconds: Int64

        package init(
            stateMachine: String, status: ExecutionStatus,
            counts: [Int64] = [Int64](repeating: 0, count: Self.bounds.count + 1), milliseconds: Int64 = 0
        ) {
            self.stateMachine = stateMachine
            self.status = status
            self.counts = counts
            self.milliseconds = milliseconds
        }

        /// Which bucket a duration belongs in.
        package static func bucket(milliseconds: Int64) -> Int {
            bounds.firstIndex { milliseconds <= $0 * 1000 } ?? bounds.count
        }
    }

    package struct Source: Sendable, Hashable {
        package var name: String
        /// When a batch of it was last recorded.
        package var heardAt: Instant
        /// The newest use that it brought.
        package var latestUse: Instant?

        package init(name: String, heardAt: Instant, latestUse: Instant?) {
            self.name = name
            self.heardAt = heardAt
            self.latestUse = latestUse
        }
    }

    /// A day as AWS has billed it, and as the ledger has charged it.
    package struct Bill: Sendable, Hashable {
        package var day: Instant
        package var billed: NanoDollars
        package var charged: NanoDollars

        package init(day: Instant, billed: NanoDollars, charged: NanoDollars) {
            self.day = day
            self.billed = billed
            self.charged = charged
        }
    }

    package struct Count<Key: Sendable & Hashable>: Sendable, Hashable {
        package var key: Key
        package var count: Int64

        package init(_ key: Key, _ count: Int64) {
            self.key = key
            self.count = count
        }
    }

    /// Charged since the database was made, by model, in the order in which the models first appeared; beyond the limit
    /// together under the name `other`.
    package var models: [UsageGroup] = []
    /// Charged by team, purpose and tier since that is kept, to who was tagged so when it was charged. Bounded as models
    /// are.
    package var tagged: [TaggedSums] = []
    package var tallies: [Tally] = []
    package var endings: [Endings] = []
    package var runningExecutions: Int64 = 0
    /// Those of them that wait for something and are only rows.
    package var parkedExecutions: Int64 = 0
    package var openDeadLetters: [Count<DeadLetterKind>] = []
    package var budgets: [Count<AccessStatus>] = []
    /// Budgets of those who are still there whose highest announced threshold is this one.
    package var thresholds: [Count<Threshold>] = []
    /// The budgets with the most of their limit used.
    package var top: [BudgetAccount] = []
    /// Shared ones first. In the period in which they were last used, unless read by `gaugesAndBill`.
    package var further: [FurtherAccount] = []
    package var waitingNotices: Int64 = 0
    /// When the oldest notice that still waits was written.
    package var oldestNotice: Instant?
    package var sources: [Source] = []
    /// The day that was last compared with AWS's bill; nil when none was. Only of `gaugesAndBill`.
    package var bill: Bill?

    package init() {}
}

extension BudgetLedger where Self: ExecutionTransaction {
    /// Those of the store, with further budgets in their periods of `now`, and what the trail of comparisons with AWS's
    /// bill says.
    package func gaugesAndBill(_ limits: GaugeLimits, at now: Instant) throws -> LedgerGauges {
        var gauges = try self.gauges(limits)
        gauges.further = try gauges.further.map { try $0.inPeriod(of: now, self) }
        gauges.bill = try BillComparison.last(self)
        return gauges
    }
}

extension IngestReport {
    /// What became of the records, as the metrics name it.
    package var outcomes: [(key: String, count: Int)] {
        [
            ("received", received), ("recorded", recorded), ("duplicate", duplicates), ("ignored", ignored),
            ("unreadable", unreadable), ("fallback-priced", atFallbackPrices), ("unmetered", unmetered),
            ("new-principal", newPrincipals), ("crossing", crossings),
        ]
    }
}
