import Budgets
import Engine
import JSONModel
import WallTime
import Words

private enum MonitorPart: String, WatchPart {
    case exceeded, held, shared, grace, failed, suspended, restoring
}

extension StepRun {
    /// `monitor-budgets`: the safety net. Starts the suspensions that should be under way and are not: a crossing that
    /// nobody listened to, a grace that nobody ended, a failed suspension that is to be tried again, a block that a
    /// restoration stood in the way of. A grace that nobody ended, and that nothing speaks for any more, is ended. Starts
    /// the restorations of those against whom nothing stands any more: a period that ended, in whatever zone, a team that
    /// was left, a reason that went away while the suspension was at work. A restoration that was stopped half-way is begun
    /// again.
    ///
    /// Reads only accounts beyond a limit, those that a person has blocked, and those whose suspension was begun. The
    /// circuit breaker bounds what one run can start. Returns `cursor` when there is more than one transaction should
    /// look at: with that in `monitor` of its input, the next run goes on there.
    func monitorBudgets() throws -> JSONValue {
        var outcome = MonitorOutcome(input["monitor"])
        let start = try WatchCursor<MonitorPart>(progress: input["monitor"])
        let cursor = try walk(from: start) { part, after in
            switch part {
            case .exceeded:
                return try accounts(.exceeded, after: after) { account in
                    outcome.checked += 1
                    guard isBeyondOwnLimit(account) else { return }
                    try monitor(&account, &outcome)
                }
            case .held:
                return try accounts(.held, after: after) { account in
                    guard account.block.inForce(at: now) != nil, !isBeyondOwnLimit(account) else { return }
                    outcome.checked += 1
                    try monitor(&account, &outcome)
                }
            case .shared:
                return try furtherBudgets(.exceeded, after: after) { try monitorMembers(of: $0, &outcome) }
            case .grace: return try monitorBegun(.grace, after: after, &outcome)
            case .failed: return try monitorBegun(.suspensionFailed, after: after, &outcome)
            case .suspended:
                return try accounts(.status(.suspended), after: after) { account in
                    outcome.restorations += try restoreAgain(&account) ? 1 : 0
                }
            case .restoring:
                return try accounts(.status(.restoring), after: after) { account in
                    outcome.restorations += try takeUpRestoration(&account) ? 1 : 0
                }
            }
        }
        return outcome.json(cursor?.json)
    }

    private func monitorMembers(of further: FurtherAccount, _ outcome: inout MonitorOutcome) throws {
        guard further.standing.period.end > now else { return }
        try desk.forEachMember(of: further) { account in
            // Beyond its own limit, it was looked at above.
            guard !isBeyondOwnLimit(account) else { return .passed }
            outcome.checked += 1
            switch try monitor(&account, &outcome) {
            case .spare(.circuitBreaker): return .enough
            case .suspend: return .actedOn
            case .spare, nil: return .passed
            }
        }
    }

    /// Those whose suspension was begun for something that may not hold any more.
    private func monitorBegun(
        _ status: AccessStatus, after: BudgetID?, _ outcome: inout MonitorOutcome
    ) throws -> BudgetID? {
        try accounts(.status(status), after: after) { account in
            // Beyond its own limit, or blocked, it was looked at above; with its period over, the refresh does.
            guard account.standing.period.end > now, !isBeyondOwnLimit(account), account.block.inForce(at: now) == nil
            else { return }
            outcome.checked += 1
            // The limit was raised while it was tried again: what it has taken is given back.
            if status == .suspensionFailed, try !desk.hasRunningWorkflow(account), try restoreIfEligible(&account) {
                outcome.restorations += 1
            } else {
                try monitor(&account, &outcome)
            }
        }
    }

    /// In the period of now: what one that has ended had used up says nothing any more.
    private func isBeyondOwnLimit(_ account: BudgetAccount) -> Bool {
        account.state == .exceeded && account.standing.period.end > now
    }

    /// Restores a suspended account against which nothing stands. One whose last restoration failed before it had begun
    /// is left for a while: it waits in the dead letters for a person.
    /// - Returns: whether a restoration was started.
    private func restoreAgain(_ account: inout BudgetAccount) throws -> Bool {
        guard account.block.inForce(at: now) == nil else { return false }
        let isOverride = isOnlyBlockOver(account)
        guard isOverride || account.standing.period.end <= now || !account.standsAgainstAccess else { return false }
        guard try !desk.hasRunningWorkflow(account), try !desk.hasFailedWorkflow(account, since: retryAfter) else {
            return false
        }
        guard isOverride else { return try restoreIfEligible(&account) }
        return try desk.restoreIfEligible(&account, reason: .blockLifted, isOverride: true)
    }

    /// Begins a restoration again that was stopped, or ran out of its time, without a word; an hour later, since a person may
    /// have stopped it. Where something stands against it by now, or only a person's order went past that, a person has to
    /// look. With a block in force, what has come back is taken again (`isStalled`).
    /// - Returns: whether a restoration was started.
    private func takeUpRestoration(_ account: inout BudgetAccount) throws -> Bool {
        guard account.block.inForce(at: now) == nil, try !desk.hasRunningWorkflow(account),
            try !desk.hasFailedWorkflow(account, since: retryAfter)
        else { return false }
        if try restoreIfEligible(&account) { return true }
        if account.isProtected(at: now) {
            return try desk.startRestoration(&account, reason: .protected, isOverride: true)
        }
        guard case .no = try desk.eligibility(account, isOverride: false) else { return false }
        try move(&account, to: .restorationFailed, reason: "interrupted", "restoration.interrupted")
        try desk.save(account)
        let problem = Wording(
            "it was stopped half-way, and a budget stands against it by now",
            es: "se detuvo a medias, y ahora hay un presupuesto que se opone")
        var data = SuspensionRequest(account, reason: .budgetExceeded).json
            .setting("status", .string(account.standing.access.status.rawValue))
        for (name, value) in Wording.members("reason", problem) { data = data.setting(name, value) }
        try desk.tell(
            Notice(
                id:
                    "\(Notice.Kind.restorationFailed.rawValue)/\(account.id)/"
                    + "\(account.standing.access.since.milliseconds)/interrupted", kind: .restorationFailed,
                principal: account.principal.id, data: data, at: now))
        return false
    }

    /// Whether only a block has taken the access of somebody who is protected, and that block is over: it ended, or was
    /// lifted, while the suspension was at work. Who was protected when the suspension was done was not suspended for a
    /// budget; who is protected since stays suspended.
    private func isOnlyBlockOver(_ account: BudgetAccount) -> Bool {
        let access = account.standing.access
        if let protection = account.protection.inForce(at: now), protection.since <= access.since { return true }
        return account.budget.isProtected && access.reason == SuspensionRequest.Reason.blocked.rawValue
    }

    private var retryAfter: Instant { now - desk.settings.retryFailedAfter }

    /// Starts the suspension that should be under way for one account.
    /// - Returns: nil when one is.
    @discardableResult
    private func monitor(
        _ account: inout BudgetAccount, _ outcome: inout MonitorOutcome
    ) throws -> SuspensionDecision? {
        guard try isStalled(account) else { return nil }
        if account.standing.access.status == .restoring {
            // It was stopped, or ran out of its time, without a word.
            try move(&account, to: .restorationFailed, reason: "interrupted", "restoration.interrupted")
            try desk.save(account)
        }
        let decision = try desk.decision(account)
        switch decision {
        case .suspend: outcome.started += try startStalled(&account) ? 1 : 0
        case .spare(let reason):
            outcome.spared[reason.rawValue, default: 0] += 1
            desk.noteSpared(account, reason)
            outcome.restorations += try spareStalled(&account, reason) ? 1 : 0
        }
        return decision
    }

    /// - Returns: whether a suspension was started.
    private func startStalled(_ account: inout BudgetAccount) throws -> Bool {
        account.standing.arming += 1
        try desk.suspendOrSpare(&account)
        // Where nobody listens all stays as it was: the next try has the same names, and people are told once.
        guard account.suspensionStartedAt == now else { return false }
        try desk.save(account)
        return true
    }

    /// - Returns: whether a restoration was started.
    private func spareStalled(_ account: inout BudgetAccount, _ reason: SuspensionDecision.Reason) throws -> Bool {
        switch (reason, account.standing.access.status) {
        case (.circuitBreaker, _): try desk.suspendOrSpare(&account)
        case (_, .grace): try endAbandonedGrace(&account, reason: reason.rawValue)
        // The block that it was for is over, say: it is not tried again, so that what it has taken is given back.
        case (.protected, .suspensionFailed):
            return try desk.restoreIfEligible(&account, reason: .protected, isOverride: true)
        case (.breakGlass, .suspensionFailed):
            return try desk.restoreIfEligible(&account, reason: .breakGlass, isOverride: true)
        default: break
        }
        return false
    }

    /// Whether no suspension is under way although the limit is crossed.
    private func isStalled(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        switch access.status {
        case .active:
            // One that failed before it changed anything is tried again after a while; a block that was ordered since
            // has not been tried.
            let since = account.block.inForce(at: now).map { max($0.since, retryAfter) } ?? retryAfter
            return try !desk.hasRunningWorkflow(account) && !desk.hasFailedWorkflow(account, since: since)
        case .grace:
            guard let until = access.graceUntil, until + desk.settings.graceSlack <= now else { return false }
            return try !desk.hasRunningWorkflow(account)
        case .suspensionFailed:
            // `since` stays when a further try fails as well.
            guard access.since <= retryAfter, account.suspensionStartedAt.map({ $0 <= retryAfter }) ?? true else {
                return false
            }
            return try !desk.hasRunningWorkflow(account)
        case .restoring, .restorationFailed:
            // A block that was ordered while access was being given back could not be carried out then, and takes what
            // has come back. Budgets wait for a person.
            return try account.block.inForce(at: now) != nil && !desk.hasRunningWorkflow(account)
        case .suspended, .closed: return false
        }
    }
}

private struct MonitorOutcome {
    var (checked, started, restorations): (Int64, Int64, Int64)
    var spared: [String: Int64] = [:]

    /// - Parameter before: what the runs before this one have come to.
    init(_ before: JSONValue?) {
        let counts = ["checked", "started", "restorations"].map { before?[$0]?.intValue ?? 0 }
        (checked, started, restorations) = (counts[0], counts[1], counts[2])
        for (reason, count) in before?["spared"]?.objectValue ?? [:] { spared[reason] = count.intValue ?? 0 }
    }

    func json(_ cursor: JSONValue?) -> JSONValue {
        let reasons = JSONObject(spared.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
        return [
            "checked": .int(checked), "started": .int(started), "spared": .object(reasons),
            "restorations": .int(restorations), "cursor": cursor ?? .null,
        ]
    }
}
