import Budgets
import Engine
import JSONModel
import WallTime

/// Accounts read at a time, and in one run at most: one transaction may not hold up all others for long.
private let pageSize = 200
private let maximumAccounts = 10_000

extension StepRun {
    /// `monitor-budgets`: the safety net. Starts the suspensions that should be under way and are not: a crossing that
    /// nobody listened to, a grace that nobody ended, a failed suspension that is to be tried again.
    ///
    /// Reads only accounts beyond their limit. The circuit breaker bounds what one run can start.
    func monitorBudgets() throws -> JSONValue {
        var (checked, started) = (0, 0)
        var spared: [String: Int64] = [:]
        try forEachAccount(.exceeded) { account in
            checked += 1
            guard account.standing.period.end > now, try isStalled(account) else { return }
            switch try desk.decision(account) {
            case .suspend:
                account.standing.arming += 1
                try desk.suspendOrSpare(&account)
                started += account.suspensionStartedAt == now ? 1 : 0
                try desk.save(account)
            case .spare(let reason):
                spared[reason.rawValue, default: 0] += 1
                if reason == .circuitBreaker { try desk.suspendOrSpare(&account) }
            }
        }
        let reasons = JSONObject(spared.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
        return ["checked": .int(Int64(checked)), "started": .int(Int64(started)), "spared": .object(reasons)]
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
    ///
    /// Periods are counted from their boundaries, so that after an outage nobody is forgotten and nobody moved twice.
    func refreshBudgets() throws -> JSONValue {
        var (reset, restorations, waiting) = (0, 0, 0)
        try forEachAccount(.periodEnded(by: now)) { account in
            switch account.standing.access.status {
            case .active:
                try desk.rollOver(&account)
                try desk.announceCrossingsOfNewPeriod(&account)
                try desk.save(account)
                reset += 1
            case .grace:
                // The suspension's own check finds the period ended. Only when it no longer runs is it ended here.
                guard try !desk.hasRunningWorkflow(account) else { return waiting += 1 }
                try move(&account, to: .active, reason: "period-ended", "suspension.spared")
                account.workflows = []
                try desk.rollOver(&account)
                try desk.transaction.closeBackups(of: account.principal.id, at: now)
                try desk.announceCrossingsOfNewPeriod(&account)
                try desk.save(account)
                reset += 1
            case .suspended, .restoring, .suspensionFailed, .restorationFailed:
                if try desk.endUntouchedSuspension(&account, by: actor) { return reset += 1 }
                guard try isRestorable(account), try desk.startRestoration(&account, reason: .periodEnded) else {
                    return waiting += 1
                }
                restorations += 1
            case .closed: waiting += 1
            }
        }
        return [
            "reset": .int(Int64(reset)), "restorations": .int(Int64(restorations)), "waiting": .int(Int64(waiting)),
        ]
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

extension Desk {
    /// Publishes `Budget Refreshed`, which starts the restoration.
    /// - Returns: whether a workflow was started.
    func startRestoration(_ account: inout BudgetAccount, reason: SuspensionRequest.Reason) throws -> Bool {
        account.standing.arming += 1
        let request = SuspensionRequest(
            account, reason: reason, isOverride: reason == .limitRaised || reason == .repriced)
        let started = try publish(
            event("Budget Refreshed", id: occurrenceID("budget-refreshed", account), request))
        guard !started.isEmpty else { return false }
        account.workflows = started
        try save(account)
        return true
    }
}
