import Budgets
import Engine
import JSONModel
import WallTime
import Words

/// What happens when spending crosses thresholds: the one place that starts suspensions.
extension Desk {
    /// Announces the thresholds that the account has crossed since it was last looked at, each once in a period, and
    /// starts the suspension when the limit is one of them.
    /// - Returns: the thresholds that are new.
    @discardableResult
    func announceCrossings(of account: inout BudgetAccount) throws -> [Threshold] {
        let crossed = account.standing.announceCrossings(under: account.budget)
        for threshold in crossed where threshold != .exceeded {
            _ = try publish(event(threshold.detailType, id: eventID(threshold, account), request(threshold, account)))
        }
        // One message for a jump over several lines: the highest says it all.
        switch crossed.last {
        case .exceeded: try suspendOrSpare(&account)
        case .critical: try warn(.budgetCritical, .critical, account)
        case .warning: try warn(.budgetWarning, .warning, account)
        case nil: break
        }
        return crossed
    }

    /// Tells that a line was crossed, and of whom nothing is taken at the limit either, why.
    private func warn(_ kind: Notice.Kind, _ threshold: Threshold, _ account: BudgetAccount) throws {
        var notice = notice(kind, account, request(threshold, account))
        if let exemption = try suspensionCase(account).exemption(under: settings.policy) {
            notice.data = notice.data.setting("spared", .string(exemption.rawValue))
        }
        try tell(notice)
    }

    /// Starts the suspension of an account beyond a limit or blocked by a person, or says why not.
    /// - Returns: the decision.
    @discardableResult
    func suspendOrSpare(_ account: inout BudgetAccount) throws -> SuspensionDecision {
        let suspensionCase = try suspensionCase(account)
        let decision = suspensionCase.decision(under: settings.policy)
        switch decision {
        case .suspend: try startSuspension(&account, suspensionCase)
        case .spare(let reason): try spare(account, reason, suspensionCase.cause)
        }
        return decision
    }

    func decision(_ account: BudgetAccount) throws -> SuspensionDecision {
        try suspensionCase(account).decision(under: settings.policy)
    }

    /// All that speaks for and against a suspension now. Spending of a period that is over no longer counts.
    func suspensionCase(_ account: BudgetAccount) throws -> SuspensionCase {
        var standing = account.standing
        if standing.period.end <= now { standing.spending = Spending() }
        return SuspensionCase(
            budget: account.budget, standing: standing, principal: account.principal,
            further: try exceededFurtherBudgets(of: account), block: account.block.inForce(at: now),
            protection: account.protection.inForce(at: now), isUnscopable: try isStillUnscopable(account),
            isElsewhere: account.wasElsewhere,
            recentStarts: try transaction.suspensionStarts(after: now - settings.policy.breakerWindow))
    }

    /// Starts the suspension, unless one is under way that ends as soon: that one looks at all that speaks for it before
    /// it takes anything, so a second crossing has nothing to add.
    private func startSuspension(_ account: inout BudgetAccount, _ suspensionCase: SuspensionCase) throws {
        let grace = Grace(
            account, request(account, suspensionCase),
            shortest: suspensionCase.shortestGraceSeconds(under: settings.policy), at: now)
        let isUnderWay = try hasRunningWorkflow(account)
        guard !isUnderWay || grace.isShortened else { return }
        let detailType = suspensionCase.block == nil ? Threshold.exceeded.detailType : Self.blockOrdered
        var event = self.event(detailType, id: suspensionID(account, suspensionCase), grace.request)
        if let countdown = grace.countdown(at: now) { event.detail = event.detail.setting("countdown", countdown) }
        let before = JSONValue.array(account.workflows.map { .string($0) })
        // By this the grace that was announced before goes on, should what shortens it go away (`check-budget`).
        if isUnderWay, let announced = account.standing.access.graceUntil {
            event.detail = event.detail.setting(
                "supersedes", ["executions": before, "graceUntil": .string(announced.iso8601)])
        }
        let started = try publish(event)
        guard !started.isEmpty else {
            // Access is still there and nothing takes it away: that has to be said, and the monitor tries again.
            var notice = notice(.suspensionFailed, account, grace.request)
            notice.id += "/unhandled"
            let problem = Wording(
                "no workflow is bound to the event \(detailType)",
                es: "ningún flujo de trabajo está ligado al evento \(detailType)")
            for (name, value) in Wording.members("reason", problem) { notice.data = notice.data.setting(name, value) }
            return try tell(notice)
        }
        // A failed suspension that is tried again stays one: its access may be gone in part, which is no grace. What a
        // failed restoration has left is not known either.
        if account.standing.access.status == .restorationFailed {
            account.standing.access = try account.standing.access.moved(
                to: .suspensionFailed, at: now, reason: grace.request.reason.rawValue)
        } else if account.standing.access.status != .suspensionFailed {
            account.standing.access = try account.standing.access.moved(
                to: .grace, at: now, reason: grace.request.reason.rawValue, graceUntil: grace.end)
        }
        var detail = grace.request.json.setting("executions", .array(started.map { .string($0) }))
        // What waits for the end of a longer grace finds another in its place, and gives way (`check-budget`).
        if isUnderWay { detail = detail.setting("supersedes", before) }
        account.workflows = started
        account.suspensionStartedAt = now
        try audit(
            "suspension.started", by: suspensionCase.block?.by ?? "steward:budgets",
            subject: account.principal.id.description, detail)
    }

    /// Tells that access stays, and why; where there is none, nothing is spared.
    private func spare(
        _ account: BudgetAccount, _ reason: SuspensionDecision.Reason, _ cause: ExceededBudget?
    ) throws {
        guard [.active, .grace, .suspensionFailed].contains(account.standing.access.status) else { return }
        let request = SuspensionRequest(account, reason: .budgetExceeded, cause: cause)
        var notice = notice(reason == .circuitBreaker ? .circuitBreaker : .spared, account, request)
        if let cause, cause.id != account.id { notice.id += "/\(cause.id)/\(cause.period.start.milliseconds)" }
        notice.id += "/\(reason.rawValue)"
        notice.data = notice.data.setting("spared", .string(reason.rawValue))
        // Decided again by the monitor, it is told, and written down, once.
        guard try enqueue(notice) else { return }
        try audit(
            "principal.spared", by: "steward:budgets", subject: account.principal.id.description,
            [
                "budgetId": .string(account.id.rawValue), "reason": .string(reason.rawValue),
                "spent": .string(account.standing.spending.total.description),
                "limit": .string(account.budget.limit.description), "cause": cause?.json ?? .null,
            ])
    }

    /// What the workflow of a suspension is given, at its start and when it looks again.
    func request(_ account: BudgetAccount, _ suspensionCase: SuspensionCase) -> SuspensionRequest {
        var request = SuspensionRequest(account, reason: .budgetExceeded, cause: suspensionCase.cause)
        if let block = suspensionCase.block {
            request.block = block
            request.reason = .blocked
            request.graceSeconds = 0
            request.mode = .enforce
        }
        return request
    }

    func request(_ threshold: Threshold, _ account: BudgetAccount) -> SuspensionRequest {
        SuspensionRequest(account, reason: threshold.reason)
    }

    /// The same for one crossing of one budget in one period, whoever notices it.
    func eventID(_ threshold: Threshold, _ account: BudgetAccount) -> String {
        occurrenceID("budget-\(threshold.rawValue)", account)
    }

    private func suspensionID(_ account: BudgetAccount, _ suspensionCase: SuspensionCase) -> String {
        let id = eventID(.exceeded, account)
        if let block = suspensionCase.block { return "\(id)/block/\(block.since.milliseconds)" }
        guard let cause = suspensionCase.cause, cause.id != account.id else { return id }
        return "\(id)/\(cause.id)/\(cause.period.start.milliseconds)"
    }

    func occurrenceID(_ what: String, _ account: BudgetAccount) -> String {
        let standing = account.standing
        return "\(what)/\(account.id)/\(standing.period.start.milliseconds)/\(standing.arming)"
    }

    func notice(_ kind: Notice.Kind, _ account: BudgetAccount, _ request: SuspensionRequest) -> Notice {
        Notice(
            id: occurrenceID(kind.rawValue, account), kind: kind, principal: account.principal.id, data: request.json,
            at: now)
    }

    /// The `detail-type` of the event that asks for a suspension on a person's word.
    static var blockOrdered: String { "Block Ordered" }
}

/// The grace that a suspension gives: a whole one where access is there, what is left of one that was announced, and none
/// where an earlier suspension has failed half-way.
private struct Grace {
    let request: SuspensionRequest
    let end: Instant
    /// When people were told of it first.
    private let begin: Instant
    /// Whether one was announced and this one ends sooner.
    let isShortened: Bool

    /// - Parameter shortest: the shortest grace of what speaks for a suspension now. An announced one that ends sooner was
    ///   shortened by something that is gone since, whose suspension ended without giving it back.
    init(_ account: BudgetAccount, _ asked: SuspensionRequest, shortest: Int?, at now: Instant) {
        var request = asked
        let access = account.standing.access
        let whole = now + .seconds(request.graceSeconds)
        let isFailed = [.suspensionFailed, .restorationFailed].contains(access.status)
        let announced = isFailed ? now : access.graceUntil.map { max($0, access.since + .seconds(shortest ?? 0)) }
        end = min(whole, announced ?? whole)
        begin = access.status == .grace ? access.since : now
        isShortened = access.status == .grace && announced.map { whole < $0 } == true
        if announced != nil, !isShortened {
            request.isResumed = true
            request.graceSeconds = max(0, Int((end.milliseconds - now.milliseconds + 999) / 1000))
        }
        self.request = request
    }

    /// When people are told again, and when the grace ends, of one of an hour or more, however much of it is left. As
    /// instants: an outage makes no grace longer.
    func countdown(at now: Instant) -> JSONValue? {
        let instant = end - .seconds(600)
        guard end - begin >= .seconds(3600), instant > now else { return nil }
        return ["at": .string(instant.iso8601), "until": .string(end.iso8601)]
    }
}

extension Hold? {
    /// The hold, unless there is none or it is over.
    func inForce(at now: Instant) -> Hold? { flatMap { $0.isInForce(at: now) ? $0 : nil } }
}

extension Threshold {
    /// The `detail-type` of the event that says it was crossed.
    package var detailType: String {
        switch self {
        case .warning: "Budget Warning"
        case .critical: "Budget Critical"
        case .exceeded: "Budget Exceeded"
        }
    }

    var reason: SuspensionRequest.Reason {
        switch self {
        case .warning: .budgetWarning
        case .critical: .budgetCritical
        case .exceeded: .budgetExceeded
        }
    }
}

extension JSONValue {
    /// The object with one member more; anything else as it is.
    func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var object = objectValue else { return self }
        object[name] = value
        return .object(object)
    }
}
