import Budgets
import Engine
import JSONModel
import WallTime

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
        case .critical: try tell(notice(.budgetCritical, account, request(.critical, account)))
        case .warning: try tell(notice(.budgetWarning, account, request(.warning, account)))
        case nil: break
        }
        return crossed
    }

    /// Starts the suspension of an account beyond its limit, or says why not.
    /// - Returns: the decision.
    @discardableResult
    func suspendOrSpare(_ account: inout BudgetAccount) throws -> SuspensionDecision {
        let decision = try decision(account)
        switch decision {
        case .suspend: try startSuspension(&account)
        case .spare(let reason): try spare(account, reason)
        }
        return decision
    }

    func decision(_ account: BudgetAccount) throws -> SuspensionDecision {
        let starts = try transaction.suspensionStarts(after: now - settings.policy.breakerWindow)
        return SuspensionCase(
            budget: account.budget, standing: account.standing, principal: account.principal, recentStarts: starts
        ).decision(under: settings.policy)
    }

    private func startSuspension(_ account: inout BudgetAccount) throws {
        let request = request(.exceeded, account)
        let started = try publish(event(Threshold.exceeded.detailType, id: eventID(.exceeded, account), request))
        guard !started.isEmpty else {
            // Access is still there and nothing takes it away: that has to be said, and the monitor tries again.
            var notice = notice(.suspensionFailed, account, request)
            notice.id += "/unhandled"
            notice.data = notice.data.setting("reason", "no workflow is bound to the event Budget Exceeded")
            return try tell(notice)
        }
        // A failed suspension that is tried again stays one: its access may be gone in part, which is no grace.
        if account.standing.access.status == .active {
            account.standing.access = try account.standing.access.moved(
                to: .grace, at: now, reason: request.reason.rawValue,
                graceUntil: now + .seconds(account.budget.graceSeconds))
        }
        account.workflows = started
        account.suspensionStartedAt = now
        try audit(
            "suspension.started", by: "steward:budgets", subject: account.principal.id.description,
            request.json.setting("executions", .array(started.map { .string($0) })))
    }

    private func spare(_ account: BudgetAccount, _ reason: SuspensionDecision.Reason) throws {
        var notice = notice(reason == .circuitBreaker ? .circuitBreaker : .spared, account, request(.exceeded, account))
        notice.id += "/\(reason.rawValue)"
        notice.data = notice.data.setting("spared", .string(reason.rawValue))
        try tell(notice)
    }

    func request(_ threshold: Threshold, _ account: BudgetAccount) -> SuspensionRequest {
        SuspensionRequest(account, reason: threshold.reason)
    }

    /// The same for one crossing of one budget in one period, whoever notices it.
    func eventID(_ threshold: Threshold, _ account: BudgetAccount) -> String {
        occurrenceID("budget-\(threshold.rawValue)", account)
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
