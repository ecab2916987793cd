import Budgets
import Engine
import JSONModel
import WallTime

extension StepRun {
    /// `validate-restoration`: whether access may be given back. When it may, the account is marked as restoring.
    /// Returns `eligible`, a `reason`, and the open `backup` without its snapshot, or null.
    func validateRestoration() throws -> JSONValue {
        var account = try account()
        if try desk.endUntouchedSuspension(&account, by: actor) {
            return status(account).setting("eligible", false).setting("reason", "nothing-taken").setting(
                "backup", .null)
        }
        let backup = try desk.transaction.openBackup(of: account.principal.id)
        var result = status(account)
        result = result.setting("backup", backup.map { .int($0.id.rawValue) } ?? .null)
            .setting("enforcement", .string(account.budget.enforcement.rawValue))
        // Another restoration is at work: of two, the second could give back what is taken anew after the first.
        if account.standing.access.status == .restoring, !account.workflows.contains(context.executionName),
            try desk.hasRunningWorkflow(account)
        {
            return result.setting("eligible", false).setting("reason", "superseded")
        }
        // What a person has ordered is about the suspension that they saw, not about a later one.
        let isOverride = try input["override"]?.boolValue == true && !isPast(account)
        switch try desk.eligibility(account, isOverride: isOverride) {
        case .no(let reason):
            try desk.audit(
                "restoration.skipped", by: actor, subject: account.principal.id.description,
                ["reason": .string(reason)])
            return result.setting("eligible", false).setting("reason", .string(reason))
        case .yes(let eligible):
            let reason = reasonToRestore(eligible)
            try move(&account, to: .restoring, reason: reason, "restoration.started")
            account.workflows = [context.executionName]
            try desk.save(account)
            return result.setting("eligible", true).setting("reason", .string(reason))
                .setting("status", .string(AccessStatus.restoring.rawValue))
        }
    }

    /// Whoever asked for it knows better than the sums why they are below the limit, or why it does not matter.
    private func reasonToRestore(_ eligible: String) -> String {
        let asked = input["reason"]?.stringValue.flatMap(SuspensionRequest.Reason.init(rawValue:))
        if let asked, [.unscopable, .protected, .breakGlass].contains(asked), eligible == "operator-override" {
            return asked.rawValue
        }
        return eligible == "limit-raised" && (asked == .repriced || asked == .blockLifted)
            ? asked?.rawValue ?? eligible : eligible
    }

    /// `reset-budget`: access is back, so the account is active again, in the period of now, with everything armed.
    ///
    /// The boundary of the period comes from the one before, not from when this happens. Within the same period (a
    /// raised limit, an operator's word) what was spent stays spent.
    func resetBudget() throws -> JSONValue {
        guard input["verified"]?.boolValue == true else {
            throw InvalidRequest(member: "verified", problem: "has to be true: access is read back before it is said")
        }
        var account = try account()
        try requireThere(account)
        try move(&account, to: .active, reason: input["reason"]?.stringValue, "access.restored")
        account.workflows = []
        try desk.rollOver(&account)
        try desk.transaction.closeBackups(of: account.principal.id, at: now)
        try desk.announceCrossingsOfNewPeriod(&account)
        // What was ordered, or crossed, while access was being given back could not stop that.
        if account.workflows.isEmpty, try desk.isToLoseAccess(account) { try desk.suspendOrSpare(&account) }
        try desk.save(account)
        let period = account.standing.period
        return status(account).setting("periodStart", .string(period.start.iso8601))
            .setting("periodEnd", .string(period.end.iso8601))
            .setting("refreshCount", .int(Int64(account.standing.refreshCount)))
    }
}

/// Whether access may be given back, and why.
enum RestorationEligibility: Equatable {
    case yes(String)
    case no(String)
}

extension Desk {
    /// Access comes back when neither a person's block nor any budget that applies and enforces stands against it.
    /// - Parameter isOverride: a person's word goes past exceeded budgets, never past a block.
    func eligibility(_ account: BudgetAccount, isOverride: Bool) throws -> RestorationEligibility {
        switch account.standing.access.status {
        case .active, .grace: return .no("not-suspended")
        case .closed: return .no("principal-gone")
        case .suspended, .restoring, .suspensionFailed, .restorationFailed: break
        }
        if account.block.inForce(at: now) != nil { return .no("blocked-by-person") }
        let hasEnded = account.standing.period.end <= now
        let further = try exceededFurtherBudgets(of: account).filter { $0.mode == .enforce }
        if further.isEmpty, hasEnded { return .yes("period-ended") }
        if further.isEmpty, !account.standsAgainstAccess {
            return .yes(try hasFurtherPeriodEnded(account) ? "period-ended" : "limit-raised")
        }
        if isOverride { return .yes("operator-override") }
        let isHeldByOthers = hasEnded || !account.standsAgainstAccess
        return .no(isHeldByOthers ? "further-budget-exceeded" : "still-exceeded")
    }

    /// Whether the further budget that the account was suspended for has begun a new period since.
    private func hasFurtherPeriodEnded(_ account: BudgetAccount) throws -> Bool {
        guard let crossing = account.furtherCrossing else { return false }
        let applying = try furtherBudgets(of: account)
        return !applying.contains { crossing.hasPrefix("\($0.id)/\($0.standing.period.start.milliseconds)/") }
    }

    /// A failed suspension that has no backup has changed nothing, since the backup comes first: access is there.
    /// - Returns: whether that was so, and the account is active again.
    func endUntouchedSuspension(_ account: inout BudgetAccount, by actor: String) throws -> Bool {
        guard account.standing.access.status == .suspensionFailed,
            try transaction.openBackup(of: account.principal.id) == nil
        else { return false }
        account.standing.access = try account.standing.access.moved(to: .active, at: now, reason: "nothing-taken")
        account.workflows = []
        try audit(
            "suspension.ended", by: actor, subject: account.principal.id.description,
            ["budgetId": .string(account.id.rawValue), "reason": "nothing-taken"])
        try rollOver(&account)
        try announceCrossingsOfNewPeriod(&account)
        try save(account)
        return true
    }
}
