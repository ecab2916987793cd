package import Budgets

/// What enforcement is told by the configuration.
package struct EnforcementSettings: Sendable {
    /// The price book in force. Shared by all copies of the settings: it is exchanged while the daemon runs.
    package var prices: CurrentPrices
    package var defaultBudget: DefaultBudget
    private var configuredPolicy: SuspensionPolicy
    /// Who Steward is. Shared by all copies of the settings, as the prices are.
    package var ownIdentity = OwnIdentity()
    /// Whether others take access away for this process, in an account that it does not know.
    package var isIAMElsewhere = false
    /// Who is never suspended: once it is known, Steward's own identity and all of other accounts than its own.
    package var policy: SuspensionPolicy {
        get {
            var policy = configuredPolicy
            policy.own = policy.own ?? ownIdentity.principal?.id
            if !isIAMElsewhere { policy.account = policy.own?.account }
            return policy
        }
        set { configuredPolicy = newValue }
    }
    /// Through which channels a notice goes.
    package var channels: @Sendable (Notice) -> [String]
    /// A hash of bytes, such as SHA-256 in hexadecimal, for backups.
    package var digest: @Sendable ([UInt8]) -> String
    /// Stands in the envelope of published events.
    package var account: String
    package var region: String
    /// How long after the end of grace a suspension that is no longer running is started again.
    package var graceSlack: Duration
    /// How long after a failed suspension or restoration it is tried again.
    package var retryFailedAfter: Duration
    /// How long after a suspension further spending is a leak. Logs and IAM need minutes to settle.
    package var leakAfter: Duration
    /// How far in the future a use may lie; beyond it, its clock is wrong.
    package var maximumClockSkew: Duration
    package var access = AccessSettings()
    /// What CloudTrail's records of principals are read by.
    package var trail = TrailSettings()
    /// What roles of AgentCore runtimes may spend.
    package var agents = AgentSettings()
    /// When an ingest source counts as silent.
    package var ingestWatch = IngestWatch()

    package init(
        prices: CurrentPrices = CurrentPrices(), defaultBudget: DefaultBudget = DefaultBudget(),
        policy: SuspensionPolicy = SuspensionPolicy(), channels: @escaping @Sendable (Notice) -> [String],
        digest: @escaping @Sendable ([UInt8]) -> String, account: String = "000000000000",
        region: String = "us-east-1", graceSlack: Duration = .seconds(900),
        retryFailedAfter: Duration = .seconds(3600), leakAfter: Duration = .seconds(300),
        maximumClockSkew: Duration = .seconds(86_400)
    ) {
        self.prices = prices
        self.defaultBudget = defaultBudget
        configuredPolicy = policy
        self.channels = channels
        self.digest = digest
        self.account = account
        self.region = region
        self.graceSlack = graceSlack
        self.retryFailedAfter = retryFailedAfter
        self.leakAfter = leakAfter
        self.maximumClockSkew = maximumClockSkew
    }
}

/// The budget of a principal that nobody has given one.
package struct DefaultBudget: Sendable, Hashable {
    package var limit: NanoDollars
    package var thresholds: Thresholds
    package var periodRule: PeriodRule
    package var mode: BudgetMode
    package var enforcement: EnforcementMode
    package var graceSeconds: Int

    /// One dollar in thirty days.
    package init(
        limit: NanoDollars = NanoDollars(rawValue: NanoDollars.perDollar), thresholds: Thresholds = .standard,
        periodRule: PeriodRule = .standard, mode: BudgetMode = .enforce, enforcement: EnforcementMode = .both,
        graceSeconds: Int = Budget.defaultGraceSeconds
    ) {
        self.limit = limit
        self.thresholds = thresholds
        self.periodRule = periodRule
        self.mode = mode
        self.enforcement = enforcement
        self.graceSeconds = graceSeconds
    }

    /// - Throws: `BudgetError`.
    func budget(for principal: PrincipalID) throws(BudgetError) -> Budget {
        try Budget(
            scope: .principal(principal), limit: limit, thresholds: thresholds, periodRule: periodRule, mode: mode,
            enforcement: enforcement, graceSeconds: graceSeconds)
    }
}
