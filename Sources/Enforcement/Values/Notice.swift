package import Budgets
package import JSONModel
package import WallTime

/// Something that people are told. What it says in words is up to whoever delivers it.
package struct Notice: Sendable, Equatable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case budgetWarning = "budget-warning"
        case budgetCritical = "budget-critical"
        /// A budget beside a principal's own is used up: a team's, the pool's, a quota.
        case furtherBudgetExceeded = "further-budget-exceeded"
        case graceStarted = "grace-started"
        /// A long grace is about to end.
        case graceCountdown = "grace-countdown"
        case finalWarning = "final-warning"
        case suspended
        /// The limit is crossed, and access stays; the data says why.
        case spared
        case restored
        case restorationSkipped = "restoration-skipped"
        case suspensionFailed = "suspension-failed"
        case restorationFailed = "restoration-failed"
        /// A suspended principal still spends.
        case enforcementLeak = "enforcement-leak"
        /// Too many suspensions at once: the rest waits.
        case circuitBreaker = "circuit-breaker"
        /// A model without a price was used.
        case unknownModel = "unknown-model"
        /// A person has protected a principal from suspension, or does so no more.
        case protectionChanged = "protection-changed"
        /// IAM does not know the principal any more: its budget is closed.
        case principalGone = "principal-gone"
        /// AWS lets nobody in the account restrict it.
        case unenforceable
        /// Something besides what the mode takes granted access, so that it was denied.
        case grantElsewhere = "grant-elsewhere"
        /// IAM is not as Steward left it.
        case accessDrift = "access-drift"
        /// Ways for spending to escape its budgets.
        case bypass
        /// A key that nobody provisioned.
        case rogueKey = "rogue-key"
        /// Somebody else changed a tag that budgets go by.
        case tagTampering = "tag-tampering"
        /// A Bedrock operation that this version doesn't know.
        case unknownOperation = "unknown-operation"
        /// An ingest source brings nothing while others do.
        case ingestSilent = "ingest-silent"
        /// A single use cost more than any should.
        case implausibleCost = "implausible-cost"
        /// A price that was read is not believed and waits for a person.
        case priceQuarantined = "price-quarantined"
        /// The Price List has not been read for too long.
        case pricesStale = "prices-stale"
        /// What was spent in a day, by whom, and who has no access.
        case dailySummary = "daily-summary"
        /// AWS's own bill says something else than the ledger.
        case costDrift = "cost-drift"
        /// Somebody tries a channel. Sent to it directly, never through the outbox.
        case test
    }

    package enum Severity: String, Sendable, Hashable, CaseIterable {
        case info
        case warning
        case critical
    }

    /// Unique; the same thing is told once.
    package var id: String
    package var kind: Kind
    package var severity: Severity
    /// Nil when it is about no one in particular.
    package var principal: PrincipalID?
    /// What a message may say: amounts, times, reasons.
    package var data: JSONValue
    package var at: Instant

    package init(
        id: String, kind: Kind, severity: Severity? = nil, principal: PrincipalID?, data: JSONValue, at: Instant
    ) {
        self.id = id
        self.kind = kind
        self.severity = severity ?? kind.severity
        self.principal = principal
        self.data = data
        self.at = at
    }
}

extension Notice.Kind {
    /// How urgent it is unless somebody says otherwise.
    package var severity: Notice.Severity {
        switch self {
        case .restored, .restorationSkipped, .protectionChanged, .dailySummary, .test: .info
        case .budgetWarning, .spared, .unknownModel, .principalGone, .grantElsewhere, .bypass, .rogueKey,
            .unknownOperation, .priceQuarantined, .pricesStale, .costDrift:
            .warning
        case .budgetCritical, .furtherBudgetExceeded, .graceStarted, .graceCountdown, .finalWarning, .suspended,
            .suspensionFailed, .restorationFailed, .enforcementLeak, .circuitBreaker, .unenforceable, .accessDrift,
            .tagTampering, .ingestSilent, .implausibleCost:
            .critical
        }
    }
}

package struct OutboxItemID: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// One notice on its way through one channel.
package struct OutboxItem: Sendable, Equatable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case waiting, sent, abandoned
        /// Kept, and never sent: its channel or its topic was muted when its turn came.
        case muted
    }

    package var id: OutboxItemID
    package var notice: Notice
    package var channel: String
    package var status: Status
    /// Tries so far, the one it was claimed for included.
    package var attempts: Int
    /// When it is due; nil once it does not wait any more.
    package var nextTry: Instant?
    /// Of a muted one, who muted it and why.
    package var lastError: String?
    /// Whether a process has taken it and has not yet said what became of it.
    package var isClaimed: Bool

    package init(
        id: OutboxItemID, notice: Notice, channel: String, status: Status = .waiting, attempts: Int = 0,
        nextTry: Instant?, lastError: String? = nil, isClaimed: Bool = false
    ) {
        self.id = id
        self.notice = notice
        self.channel = channel
        self.status = status
        self.attempts = attempts
        self.nextTry = nextTry
        self.lastError = lastError
        self.isClaimed = isClaimed
    }
}
