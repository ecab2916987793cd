import Budgets
import Engine
import JSONModel
import WallTime

/// Those who wait for their access come first.
private enum RefreshPart: String, WatchPart {
    case held, shared, suspended, restoring, suspensionFailed, restorationFailed, grace, active

    /// Those with access that is missing, or may be.
    var lackingAccess: AccessStatus? {
        switch self {
        case .suspended: .suspended
        case .restoring: .restoring
        case .suspensionFailed: .suspensionFailed
        case .restorationFailed: .restorationFailed
        case .held, .shared, .grace, .active: nil
        }
    }
}

extension StepRun {
    /// `refresh-budgets`: moves on the budgets whose period has ended. An active one begins the period of now; a
    /// suspended one is restored by the workflow that listens to `Budget Refreshed`, and moves on when that is done.
    /// With `liftsHolds` in the input, blocks and protections until the next reset end first, those given since
    /// `nominalTime` excepted: a late reset is not theirs.
    ///
    /// Periods are counted from their boundaries, so that after an outage nobody is forgotten and nobody moved twice.
    /// Returns `cursor` when there is more than one transaction should look at: with that in `refresh` of its input, the
    /// next run goes on there.
    func refreshBudgets() throws -> JSONValue {
        var outcome = RefreshOutcome(input["refresh"])
        let start = try WatchCursor<RefreshPart>(progress: input["refresh"])
        let cursor = try walk(from: start) { part, after in
            if let status = part.lackingAccess {
                return try accounts(.status(status), after: after) { try refreshLacking(&$0, &outcome) }
            }
            switch part {
            case .held: return try accounts(.held, after: after) { try endHolds(of: &$0, &outcome) }
            case .shared: return try furtherBudgets(.periodEnded(by: now), after: after) { try refresh($0, &outcome) }
            case .grace: return try accounts(.status(.grace), after: after) { try refreshGrace(&$0, &outcome) }
            // Each page leaves the selection by being refreshed, so the next one is the first again.
            default: return try accounts(.activeWithPeriodEnded(by: now), after: nil) { try refresh(&$0, &outcome) }
            }
        }
        return outcome.json(cursor?.json)
    }

    private func refresh(_ further: FurtherAccount, _ outcome: inout RefreshOutcome) throws {
        let current = try desk.current(further)
        try desk.save(current)
        try desk.transaction.saveFurtherSpending(
            FurtherSpending(
                budget: current.id, period: current.standing.period, spent: current.standing.spent,
                spentAtFallback: current.standing.spentAtFallback))
        outcome.furtherReset += 1
    }

    /// Ends the blocks and protections that are over.
    private func endHolds(of account: inout BudgetAccount, _ outcome: inout RefreshOutcome) throws {
        let before = account
        let reset = input["liftsHolds"]?.boolValue == true ? try nominalTime() : nil
        try desk.endHolds(of: &account, by: actor, reset: reset)
        guard account != before else { return }
        outcome.lifted += 1
        try desk.save(account)
        // Its word against a suspension by budgets goes on; only the block kept the access away.
        guard before.block != nil, account.block == nil, account.isProtected(at: now), try isRestorable(account)
        else { return }
        let isStarted = try desk.restoreIfEligible(&account, reason: .blockLifted, isOverride: true)
        outcome.restorations += isStarted ? 1 : 0
    }

    /// When the reset was due: what it lifts was given before. Without a schedule, now.
    private func nominalTime() throws -> Instant {
        let isGiven = input["nominalTime"].map { !$0.isNull } ?? false
        return isGiven ? try reader.instant("nominalTime") : now
    }

    private func refresh(_ account: inout BudgetAccount, _ outcome: inout RefreshOutcome) throws {
        try desk.rollOver(&account)
        try desk.announceCrossingsOfNewPeriod(&account)
        try desk.save(account)
        outcome.reset += 1
    }

    private func refreshGrace(_ account: inout BudgetAccount, _ outcome: inout RefreshOutcome) throws {
        guard account.standing.period.end <= now else { return }
        // The suspension's own check finds the period ended. Only when it no longer runs is it ended here.
        guard try !desk.hasRunningWorkflow(account) else { return outcome.waiting += 1 }
        try endAbandonedGrace(&account, reason: "period-ended")
        outcome.reset += 1
    }

    /// Who is suspended for a team's or a day's budget may have to wait much longer for the end of its own period, so
    /// that the period is not asked.
    private func refreshLacking(_ account: inout BudgetAccount, _ outcome: inout RefreshOutcome) throws {
        let hasEnded = account.standing.period.end <= now
        if hasEnded, try desk.endUntouchedSuspension(&account, by: actor) { return outcome.reset += 1 }
        if try isRestorable(account), try restoreIfEligible(&account) {
            outcome.restorations += 1
        } else if hasEnded {
            outcome.waiting += 1
        }
    }

    private func isRestorable(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        if access.status != .suspended, access.since + desk.settings.retryFailedAfter > now { return false }
        return try !desk.hasRunningWorkflow(account)
    }

    /// - Returns: whether a restoration was started.
    func restoreIfEligible(_ account: inout BudgetAccount) throws -> Bool {
        guard case .yes(let why) = try desk.eligibility(account, isOverride: false) else { return false }
        return try desk.startRestoration(&account, reason: SuspensionRequest.Reason(rawValue: why) ?? .periodEnded)
    }
}

private struct RefreshOutcome {
    private static let names = ["reset", "restorations", "waiting", "furtherReset", "lifted"]
    var (reset, restorations, waiting, furtherReset, lifted): (Int64, Int64, Int64, Int64, Int64)

    /// - Parameter before: what the runs before this one have come to.
    init(_ before: JSONValue?) {
        let counts = Self.names.map { before?[$0]?.intValue ?? 0 }
        (reset, restorations, waiting, furtherReset, lifted) = (counts[0], counts[1], counts[2], counts[3], counts[4])
    }

    func json(_ cursor: JSONValue?) -> JSONValue {
        [
            "reset": .int(reset), "restorations": .int(restorations), "waiting": .int(waiting),
            "furtherReset": .int(furtherReset), "lifted": .int(lifted), "cursor": cursor ?? .null,
        ]
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
