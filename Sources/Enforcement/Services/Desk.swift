import Budgets
package import Engine
import Interpreter
import JSONModel
package import WallTime

/// One transaction as enforcement sees it: the rows, the time, the settings, and where events go.
package struct Desk<Transaction: ExecutionTransaction & BudgetLedger> {
    package let transaction: Transaction
    package let now: Instant
    package let settings: EnforcementSettings
    /// Publishes an event and returns the names of the executions that it started.
    let publish: (BusEvent) throws -> [String]
    /// Told whom the monitor leaves alone, and why.
    var noteSpared: (BudgetAccount, SuspensionDecision.Reason) -> Void = { _, _ in }

    package init(_ work: Work<Transaction>, _ settings: EnforcementSettings) {
        self.init(transaction: work.transaction, now: work.now, settings: settings) { try work.publish($0) }
    }

    /// By the settings that are in force now, for the whole transaction.
    package init(_ work: Work<Transaction>, _ settings: CurrentSettings) { self.init(work, settings.value) }

    /// A desk where nothing is changed and nothing goes out.
    init(reading transaction: Transaction, at now: Instant, _ settings: EnforcementSettings) {
        self.init(transaction: transaction, now: now, settings: settings) { _ in [] }
    }

    init(
        transaction: Transaction, now: Instant, settings: EnforcementSettings,
        publish: @escaping (BusEvent) throws -> [String]
    ) {
        self.transaction = transaction
        self.now = now
        self.settings = settings
        self.publish = publish
    }

    /// The source of all events that enforcement publishes.
    package static var eventSource: String { "steward.budgets" }

    func event(_ detailType: String, id: String, _ request: SuspensionRequest) -> BusEvent {
        BusEvent(
            id: id, source: Self.eventSource, detailType: detailType, at: now, account: settings.account,
            region: settings.region, resources: [request.principal.arn], detail: request.json)
    }

    /// Tells people something, once for each id.
    func tell(_ notice: Notice) throws { _ = try enqueue(notice) }

    /// The same; who is behind the principal, as its tags say, goes along.
    /// - Returns: false for what was told before.
    func enqueue(_ notice: Notice) throws -> Bool {
        var notice = notice
        if let id = notice.principal, let tags = try transaction.principal(id)?.tags {
            let named = [("person", settings.trail.person(tags)), ("email", settings.trail.email(tags))]
            let owner = JSONObject(named.compactMap { name, text in text.map { (name, JSONValue.string($0)) } })
            if !owner.isEmpty { notice.data = notice.data.setting("owner", .object(owner)) }
        }
        return try transaction.enqueue(notice, channels: settings.channels(notice))
    }

    func audit(_ action: String, by actor: String, subject: String, _ detail: JSONValue) throws {
        try transaction.appendAudit(
            AuditEntry(at: now, actor: actor, action: action, subject: subject, detail: detail))
    }

    func save(_ account: BudgetAccount) throws {
        var account = account
        account.updatedAt = now
        try transaction.saveAccount(account)
    }

    /// Saves what is known of a principal, what its tags say of its costs, and which team it left.
    func save(_ record: PrincipalRecord) throws {
        var record = record
        record.purpose = settings.trail.purpose(record.tags)
        record.tier = settings.trail.tier(record.tags)
        let id = record.principal.id
        if let account = try transaction.account(BudgetScope.principal(id).budgetID), account.team != record.team {
            try transaction.endMembership(account.membership, of: id, at: now)
        }
        try transaction.savePrincipal(record)
    }

    /// Moves a budget to the period of now, when its own has ended, or lies far ahead. What was spent in that one already
    /// counts.
    func rollOver(_ account: inout BudgetAccount) throws {
        guard account.standing.period.isLeft(at: now) else { return }
        account = try account.inPeriod(of: now, transaction)
        let standing = account.standing
        try transaction.saveSpending(
            PeriodSpending(budget: account.id, period: standing.period, spending: standing.spending))
    }

    /// Whether one of the executions that were last started for the account has failed since then.
    func hasFailedWorkflow(_ account: BudgetAccount, since: Instant) throws -> Bool {
        try failedWorkflows(of: account).contains { $0.stoppedAt.map { $0 > since } == true }
    }

    /// The executions that were last started for the account and have failed.
    func failedWorkflows(of account: BudgetAccount) throws -> [ExecutionRecord] {
        try account.workflows.flatMap { try executions(named: $0, [.failed, .timedOut, .aborted]) }
    }

    /// Whether one of the executions that were started for the account still runs.
    func hasRunningWorkflow(_ account: BudgetAccount) throws -> Bool {
        try account.workflows.contains { try !executions(named: $0, [.running]).isEmpty }
    }

    private func executions(named name: String, _ statuses: Set<ExecutionStatus>) throws -> [ExecutionRecord] {
        let query = ExecutionQuery(statuses: statuses, namePrefix: name, limit: 20)
        // Names that go on otherwise after this one are others'; that of an express execution goes on with a colon.
        return try transaction.executions(query).executions.filter { record in
            record.name == name || record.name.hasPrefix("\(name):")
        }
    }
}
