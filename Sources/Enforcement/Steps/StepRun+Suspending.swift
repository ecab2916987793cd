import Budgets
import Engine
import Interpreter
import JSONModel
import WallTime
import Words

extension StepRun {
    /// `check-budget`: whether the suspension that the input asks for is still right: a budget is still exceeded, in the
    /// same period, or a person's block is in force, and nothing speaks against it. Returns `exceeded`, a `reason` when it
    /// is false, and `superseded`: another suspension of the principal is under way, or was done, in the place of this one,
    /// or the principal was deleted; or what this one shortened a grace for is gone, and the one before it goes on.
    func checkBudget() throws -> JSONValue {
        var account = try account()
        let periodStart = try input["periodStart"].map { _ in try reader.instant("periodStart") }
        let suspensionCase = try caseOfNow(account, periodStart)
        let request = desk.request(account, suspensionCase).json
        if try isSuperseded(account) {
            let reason = account.standing.access.status == .closed ? "closed" : "superseded"
            return request.setting("exceeded", false).setting("superseded", true).setting("reason", .string(reason))
        }
        if let reason = reasonToStop(account, suspensionCase, periodStart) {
            return request.setting("exceeded", false).setting("superseded", false).setting("reason", .string(reason))
        }
        if try givesGraceBack(&account, suspensionCase) {
            return request.setting("exceeded", false).setting("superseded", true).setting("reason", "superseded")
        }
        if !account.workflows.contains(context.executionName) {
            // Redriven after the one in its place has failed, or started by hand: nothing else is begun beside it.
            account.workflows = [context.executionName]
            try desk.save(account)
        }
        return request.setting("exceeded", true).setting("superseded", false)
    }

    /// The account knows the one suspension that is at work on it. What it was about may be long over: access was given
    /// back, or somebody was spared, after this one had begun.
    private func isSuperseded(_ account: BudgetAccount) throws -> Bool {
        let access = account.standing.access
        // Who told of the deletion has told people.
        if access.status == .closed { return true }
        guard !account.workflows.contains(context.executionName) else { return false }
        if access.status == .active, try isPast(account) { return true }
        return try access.status == .suspended || desk.hasRunningWorkflow(account)
    }

    /// Whether the grace that was announced before this suspension shortened it goes on: what it was shortened for (a
    /// stricter budget, a person's block) is gone, and what is left to suspend for leaves as much time by itself. Then the
    /// suspension that this one took the place of is at work again.
    private func givesGraceBack(_ account: inout BudgetAccount, _ suspensionCase: SuspensionCase) throws -> Bool {
        guard let earlier = input["supersedes"], account.standing.access.status == .grace,
            account.workflows.contains(context.executionName), suspensionCase.block == nil,
            let strictest = suspensionCase.cause
        else { return false }
        let end = try RequestReader(json: earlier).instant("graceUntil")
        let names = (earlier["executions"]?.arrayValue ?? []).compactMap(\.stringValue)
        let cause = input["cause"]?["budgetId"]?.stringValue
        let wasBlock = input["reason"]?.stringValue == SuspensionRequest.Reason.blocked.rawValue
        let isStillThere = suspensionCase.exceeded.contains { $0.mode == .enforce && $0.id.rawValue == cause }
        guard wasBlock || !isStillThere, now < end, end <= now + .seconds(strictest.graceSeconds) else { return false }
        account.standing.access = try account.standing.access.moved(
            to: .grace, at: now, reason: account.standing.access.reason, graceUntil: end)
        account.workflows = names
        try desk.audit(
            "suspension.gave-way", by: actor, subject: account.principal.id.description,
            [
                "budgetId": .string(account.id.rawValue), "executions": .array(names.map { .string($0) }),
                "graceUntil": .string(end.iso8601),
            ])
        try desk.save(account)
        return true
    }

    /// What speaks for and against the suspension; spending of a period that it was not started for does not count.
    private func caseOfNow(_ account: BudgetAccount, _ periodStart: Instant?) throws -> SuspensionCase {
        var suspensionCase = try desk.suspensionCase(account)
        // The circuit breaker counted this suspension when it started.
        suspensionCase.recentStarts = 0
        if hasPeriodChanged(account, periodStart) {
            suspensionCase.standing.spending = Spending()
        }
        return suspensionCase
    }

    /// A suspension for another budget does not hang on the period of the principal's own.
    private func hasPeriodChanged(_ account: BudgetAccount, _ periodStart: Instant?) -> Bool {
        if let cause = input["cause"]?["budgetId"]?.stringValue, cause != account.id.rawValue { return false }
        return periodStart.map { $0 != account.standing.period.start } ?? false
    }

    private func reasonToStop(
        _ account: BudgetAccount, _ suspensionCase: SuspensionCase, _ periodStart: Instant?
    ) -> String? {
        guard case .spare(let reason) = suspensionCase.decision(under: desk.settings.policy) else { return nil }
        guard reason == .notExceeded else { return reason.rawValue }
        if hasPeriodChanged(account, periodStart) { return "period-changed" }
        return account.standing.period.end <= now ? "period-ended" : reason.rawValue
    }

    /// `record-suspended`: access was taken away, and reading it back has shown so: the input's `verified` is true.
    func recordSuspended() throws -> JSONValue {
        guard input["verified"]?.boolValue == true else {
            throw TaskFailure(
                error: StepError.notVerified,
                cause: "IAM was not read back with the expected result, so access is not said to be suspended")
        }
        var account = try account()
        // One that a person started by hand beside it may have said so.
        guard account.standing.access.status != .suspended else { return status(account) }
        try requireThere(account)
        try move(
            &account, to: .suspended, reason: input["reason"]?.stringValue ?? "budget-exceeded", "access.suspended")
        try desk.save(account)
        return status(account)
    }

    /// `record-spared`: the suspension ends without having changed anything. What is not grace was said by another
    /// workflow, and stands.
    func recordSpared() throws -> JSONValue {
        var account = try account()
        guard try !isSuperseded(account) else { return status(account) }
        if account.standing.access.status == .grace {
            try endGrace(&account, reason: input["reason"]?.stringValue)
        } else {
            account.workflows.removeAll { $0 == context.executionName }
            try desk.save(account)
            try giveBackToSharedRole(&account)
        }
        return status(account)
    }

    /// A role that was not shared yet when an earlier attempt failed may lack the access of all its sessions. Now that
    /// nobody can say whom to deny, it gets back what was taken.
    private func giveBackToSharedRole(_ account: inout BudgetAccount) throws {
        let isUnscopable = input["reason"]?.stringValue == SuspensionRequest.Reason.unscopable.rawValue
        guard isUnscopable, account.standing.access.status == .suspensionFailed else { return }
        _ = try desk.restoreIfEligible(&account, reason: .unscopable, isOverride: true)
    }

    /// Access stays: nothing was taken in grace, so a backup that was made is of no more use.
    func endGrace(_ account: inout BudgetAccount, reason: String?) throws {
        try move(&account, to: .active, reason: reason, "suspension.spared")
        account.workflows = []
        try desk.transaction.closeBackups(of: account.principal.id, at: now)
        try desk.rollOver(&account)
        try desk.announceCrossingsOfNewPeriod(&account)
        try desk.save(account)
    }

    /// Ends the grace of a suspension that runs no more and for which nothing speaks. Once it had made its backup, nobody
    /// knows how far it came: what it has taken is given back. Else people, who were told of the grace, are told that
    /// access stays.
    func endAbandonedGrace(_ account: inout BudgetAccount, reason: String) throws {
        guard try desk.transaction.openBackup(of: account.principal.id) != nil else {
            let suspensionCase = try desk.suspensionCase(account)
            var notice = desk.notice(.spared, account, desk.request(account, suspensionCase))
            notice.id += "/grace/\(account.standing.access.since.milliseconds)"
            notice.data = notice.data.setting("spared", .string(reason))
            try endGrace(&account, reason: reason)
            return try desk.tell(notice)
        }
        try desk.noteInterrupted(&account, reason: reason, by: actor)
        _ = try restoreIfEligible(&account)
    }

    /// `record-suspension-failed`: the suspension ended without a verified result.
    ///
    /// A backup is durable before anything is changed: without one, access is as it was, and the monitor tries again
    /// after a while. With one, nobody knows whether access is there.
    func recordSuspensionFailed() throws -> JSONValue {
        // One that could not even look, while another is in its place, has nothing to say about access.
        if try isSuperseded(account()) { return try recordFailure(nil, "suspension.failed", .suspensionFailed) }
        let isUntouched = try desk.transaction.openBackup(of: account().principal.id) == nil
        return try recordFailure(isUntouched ? .active : .suspensionFailed, "suspension.failed", .suspensionFailed)
    }

    /// `record-restoration-failed`: the same for a restoration. Unless it had begun, the status stands as it was.
    func recordRestorationFailed() throws -> JSONValue {
        let hasBegun = try account().standing.access.status == .restoring
        return try recordFailure(hasBegun ? .restorationFailed : nil, "restoration.failed", .restorationFailed)
    }

    private func recordFailure(_ next: AccessStatus?, _ action: String, _ kind: Notice.Kind) throws -> JSONValue {
        var account = try account()
        // Of somebody gone there is nothing left that could have failed.
        guard account.standing.access.status != .closed else { return status(account) }
        if let next { try move(&account, to: next, reason: failure.english, action) }
        // The execution stays known: redriven, it is at work on this account again.
        try desk.save(account)
        // Of a suspension it is told what it was for: another budget than the own one, say, or a person's word.
        let request =
            kind == .suspensionFailed
            ? try desk.request(account, desk.suspensionCase(account))
            : SuspensionRequest(account, reason: .budgetExceeded)
        var data = request.json.setting("status", .string(account.standing.access.status.rawValue))
        for (name, value) in Wording.members("reason", failure) { data = data.setting(name, value) }
        if let step = try failedStep() { data = data.setting("step", .string(step)) }
        try desk.tell(
            Notice(
                id: "\(kind.rawValue)/\(context.idempotencyKey)", kind: kind, principal: account.principal.id,
                data: data, at: now))
        return status(account)
    }

    /// The state whose failure was caught and brought the execution here: `Catch` tells only of the error.
    private func failedStep() throws -> String? {
        let records = try desk.transaction.journal(context.execution)
        do {
            return FailedStep.lastCaught(in: try records.flatMap { try HistoryCodec.decode($0) })?.state
        } catch is HistoryCodecError {
            // People are told of the failure all the same; whoever asks for the execution is told of this.
            return nil
        }
    }

    /// What a `Catch` put into the input: `Error` and `Cause`, at the top or under `error`.
    private var failure: Wording {
        let failure = input["error"]?.objectValue == nil ? input : input["error"] ?? .null
        func text(_ names: String...) -> String { names.compactMap { failure[$0]?.stringValue }.first ?? "" }
        let (error, cause) = (text("Error", "error"), text("Cause", "cause"))
        guard !error.isEmpty || !cause.isEmpty else { return Wording("unknown", es: "desconocido") }
        return .failure(error, cause: cause)
    }

    func status(_ account: BudgetAccount) -> JSONValue {
        [
            "budgetId": .string(account.id.rawValue), "principalId": .string(account.principal.id.description),
            "status": .string(account.standing.access.status.rawValue),
            "since": .string(account.standing.access.since.iso8601),
        ]
    }
}

extension Desk {
    /// Whether a suspension was stopped, or ran out of its time, without a word after it had made its backup.
    func isInterrupted(_ account: BudgetAccount) throws -> Bool {
        try account.standing.access.status == .grace && !hasRunningWorkflow(account)
            && transaction.openBackup(of: account.principal.id) != nil
    }

    /// Nobody knows how far such a suspension came.
    func noteInterrupted(_ account: inout BudgetAccount, reason: String, by actor: String) throws {
        account.standing.access = try account.standing.access.moved(to: .suspensionFailed, at: now, reason: reason)
        account.workflows = []
        try audit(
            "suspension.interrupted", by: actor, subject: account.principal.id.description,
            [
                "budgetId": .string(account.id.rawValue), "from": .string(AccessStatus.grace.rawValue),
                "to": .string(AccessStatus.suspensionFailed.rawValue), "reason": .string(reason),
                "spent": .string(account.standing.spending.total.description),
                "limit": .string(account.budget.limit.description),
            ])
        try save(account)
    }

    /// After a roll-over, what was spent early in the new period may have crossed its thresholds already.
    func announceCrossingsOfNewPeriod(_ account: inout BudgetAccount) throws {
        guard account.standing.access.status == .active, account.standing.announced.isEmpty else { return }
        try announceCrossings(of: &account)
    }
}
