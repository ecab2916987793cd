import Budgets
import Engine
import JSONModel
import WallTime

/// Accounts read at a time, and in one run at most: one transaction may not hold up all others for long.
private let pageSize = 200
private let maximumAccounts = 10_000

extension StepRun {
    /// `monitor-budgets`: the safety net. Starts the suspensions that should be under way and are not: a crossing that
    /// nobody listened to, a grace that nobody ended, a failed suspension that is to be tried again. A grace that nobody
    /// ended, and that nothing speaks for any more, is ended.
    ///
    /// Reads only accounts beyond a limit, those that a person has blocked, and those whose suspension was begun. The
    /// circuit breaker bounds what one run can start.
    func monitorBudgets() throws -> JSONValue {
        var outcome = MonitorOutcome()
        try forEachAccount(.exceeded) { account in
            outcome.checked += 1
            guard isBeyondOwnLimit(account) else { return }
            try monitor(&account, &outcome)
        }
        try forEachAccount(.held) { account in
            guard account.block.inForce(at: now) != nil, !isBeyondOwnLimit(account) else { return }
            outcome.checked += 1
            try monitor(&account, &outcome)
        }
        try forEachFurther(.exceeded) { further in
            guard further.standing.period.end > now else { return }
            try desk.forEachMember(of: further) { account in
                // Beyond its own limit, it was looked at above.
                guard !isBeyondOwnLimit(account) else { return true }
                outcome.checked += 1
                return try monitor(&account, &outcome) != .spare(.circuitBreaker)
            }
        }
        for status in [AccessStatus.grace, .suspensionFailed] {
            try forEachAccount(.status(status)) { account in
                // Beyond its own limit, or blocked, it was looked at above; with its period over, the refresh does.
                guard account.standing.period.end > now, !isBeyondOwnLimit(account),
                    account.block.inForce(at: now) == nil
                else { return }
                outcome.checked += 1
                try monitor(&account, &outcome)
            }
        }
        return outcome.json
    }

    /// In the period of now: what one that has ended had used up says nothing any more.
    private func isBeyondOwnLimit(_ account: BudgetAccount) -> Bool {
        account.state == .exceeded && account.standing.period.end > now
    }

    private struct MonitorOutcome {
        var (checked, started) = (0, 0)
        var spared: [String: Int64] = [:]

        var json: JSONValue {
            let reasons = JSONObject(spared.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
            return ["checked": .int(Int64(checked)), "started": .int(Int64(started)), "spared": .object(reasons)]
        }
    }

    /// Starts the suspension that should be under way for one account.
    /// - Returns: nil when one is.
    @discardableResult
    private func monitor(
        _ account: inout BudgetAccount, _ outcome: inout MonitorOutcome
    ) throws -> SuspensionDecision? {
        guard try isStalled(account) else { return nil }
        let decision = try desk.decision(account)
        switch decision {
        case .suspend:
            account.standing.arming += 1
            try desk.suspendOrSpare(&account)
            outcome.started += account.suspensionStartedAt == now ? 1 : 0
            try desk.save(account)
        case .spare(let reason):
            outcome.spared[reason.rawValue, default: 0] += 1
            desk.noteSpared(account, reason)
            if reason == .circuitBreaker {
                try desk.suspendOrSpare(&account)
            } else if account.standing.access.status == .grace {
                try endGrace(&account, reason: reason.rawValue)
            }
        }
        return decision
    }

    /// Whether no suspension is under way although the limit is crossed.
    private func isStalled(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        switch access.status {
        case .active:
            // One that failed before it changed anything is tried again after a while.
            if let last = account.suspensionStartedAt, last + desk.settings.retryFailedAfter > now { return false }
            return try !desk.hasRunningWorkflow(account)
        case .grace:
            guard let until = access.graceUntil, until + desk.settings.graceSlack <= now else { return false }
            return try !desk.hasRunningWorkflow(account)
        case .suspensionFailed:
            guard access.since + desk.settings.retryFailedAfter <= now else { return false }
            return try !desk.hasRunningWorkflow(account)
        case .suspended, .restoring, .restorationFailed, .closed: return false
        }
    }

    /// `refresh-budgets`: moves on the budgets whose period has ended. An active one begins the period of now; a
    /// suspended one is restored by the workflow that listens to `Budget Refreshed`, and moves on when that is done.
    /// With `liftsHolds` in the input, blocks and protections until the next reset end first.
    ///
    /// Periods are counted from their boundaries, so that after an outage nobody is forgotten and nobody moved twice.
    func refreshBudgets() throws -> JSONValue {
        var outcome = RefreshOutcome()
        try endHolds(lifting: input["liftsHolds"]?.boolValue == true, &outcome)
        try forEachFurther(.periodEnded(by: now)) { further in
            let current = try desk.current(further)
            try desk.save(current)
            try desk.transaction.saveFurtherSpending(
                FurtherSpending(
                    budget: current.id, period: current.standing.period, spent: current.standing.spent,
                    spentAtFallback: current.standing.spentAtFallback))
            outcome.furtherReset += 1
        }
        try forEachAccount(.periodEnded(by: now)) { try refresh(&$0, &outcome) }
        // Who is suspended for a team's or a day's budget may have to wait much longer for the end of its own period.
        for status in AccessStatus.allCases where status.lacksAccess {
            try forEachAccount(.status(status)) { account in
                guard account.standing.period.end > now, try isRestorable(account) else { return }
                guard case .yes = try desk.eligibility(account, isOverride: false) else { return }
                outcome.restorations += try desk.startRestoration(&account, reason: .periodEnded) ? 1 : 0
            }
        }
        return outcome.json
    }

    private struct RefreshOutcome {
        var (reset, restorations, waiting, furtherReset, lifted) = (0, 0, 0, 0, 0)

        var json: JSONValue {
            [
                "reset": .int(Int64(reset)), "restorations": .int(Int64(restorations)),
                "waiting": .int(Int64(waiting)), "furtherReset": .int(Int64(furtherReset)),
                "lifted": .int(Int64(lifted)),
            ]
        }
    }

    /// Ends the blocks and protections that are over.
    private func endHolds(lifting: Bool, _ outcome: inout RefreshOutcome) throws {
        try forEachAccount(.held) { account in
            let before = account
            try desk.endHolds(of: &account, by: actor, isReset: lifting)
            guard account != before else { return }
            outcome.lifted += 1
            try desk.save(account)
        }
    }

    private func refresh(_ account: inout BudgetAccount, _ outcome: inout RefreshOutcome) throws {
        switch account.standing.access.status {
        case .active:
            try desk.rollOver(&account)
            try desk.announceCrossingsOfNewPeriod(&account)
            try desk.save(account)
            outcome.reset += 1
        case .grace:
            // The suspension's own check finds the period ended. Only when it no longer runs is it ended here.
            guard try !desk.hasRunningWorkflow(account) else { return outcome.waiting += 1 }
            try endGrace(&account, reason: "period-ended")
            outcome.reset += 1
        case .suspended, .restoring, .suspensionFailed, .restorationFailed:
            if try desk.endUntouchedSuspension(&account, by: actor) { return outcome.reset += 1 }
            guard try isRestorable(account), case .yes = try desk.eligibility(account, isOverride: false),
                try desk.startRestoration(&account, reason: .periodEnded)
            else { return outcome.waiting += 1 }
            outcome.restorations += 1
        case .closed: outcome.waiting += 1
        }
    }

    private func isRestorable(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        if access.status != .suspended, access.since + desk.settings.retryFailedAfter > now { return false }
        return try !desk.hasRunningWorkflow(account)
    }

    private func forEachAccount(
        _ selection: AccountQuery.Selection, _ body: (inout BudgetAccount) throws -> Void
    ) throws {
        var after: BudgetID?
        for _ in 0..<(maximumAccounts / pageSize) {
            let page = try desk.transaction.accounts(AccountQuery(selection, after: after, limit: pageSize))
            for var account in page { try body(&account) }
            guard page.count == pageSize, let last = page.last else { return }
            after = last.id
        }
    }
}

extension StepRun {
    private func forEachFurther(
        _ selection: FurtherQuery.Selection, _ body: (FurtherAccount) throws -> Void
    ) throws {
        var after: BudgetID?
        for _ in 0..<(maximumAccounts / pageSize) {
            let page = try desk.transaction.furtherBudgets(FurtherQuery(selection, after: after, limit: pageSize))
            for account in page { try body(account) }
            guard page.count == pageSize, let last = page.last else { return }
            after = last.id
        }
    }
}

extension Desk {
    /// Publishes `Budget Refreshed`, which starts the restoration.
    /// - Returns: whether a workflow was started.
    func startRestoration(
        _ account: inout BudgetAccount, reason: SuspensionRequest.Reason, isOverride: Bool = false
    ) throws -> Bool {
        account.standing.arming += 1
        let request = SuspensionRequest(account, reason: reason, isOverride: isOverride)
        let started = try publish(
            event("Budget Refreshed", id: occurrenceID("budget-refreshed", account), request))
        guard !started.isEmpty else { return false }
        account.workflows = started
        try save(account)
        return true
    }
}
