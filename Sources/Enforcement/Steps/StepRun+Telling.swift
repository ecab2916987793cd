import Budgets
import Engine
import JSONModel
import WallTime

extension StepRun {
    /// `send-notice`: puts a message of the input's `kind` into the outbox. What it may say is the input itself, or its
    /// `data` when there is one. Returns the notice's id; null for what others have told already.
    func sendNotice() throws -> JSONValue {
        let kind: Notice.Kind = try reader.choice("kind")
        let severity: Notice.Severity? = input["severity"] == nil ? nil : try reader.choice("severity")
        let principal = try input["principalId"].map { value -> PrincipalID in
            guard let id = value.stringValue.flatMap(PrincipalID.init) else {
                throw InvalidRequest(member: "principalId", problem: "has to be ACCOUNT/KIND/NAME")
            }
            return id
        }
        guard let id = try noticeID(kind, principal) else { return ["noticeId": .null] }
        var data = input["data"] ?? input
        if kind == .graceCountdown {
            guard let left = try graceLeft(of: principal) else { return ["noticeId": .null] }
            data = data.setting("secondsLeft", .int(left))
        }
        try desk.tell(Notice(id: id, kind: kind, severity: severity, principal: principal, data: data, at: now))
        return ["noticeId": .string(id)]
    }

    /// The key is the same for every try of this entry of the state: a message is told once. That somebody is gone is told
    /// once, by whoever finds it out: a workflow, the reconciliation, CloudTrail.
    /// - Returns: nil when the account was closed, and people told, and is about the next one of that name by now; and when
    ///   it is not somebody who is gone, but a name.
    private func noticeID(_ kind: Notice.Kind, _ principal: PrincipalID?) throws -> String? {
        let own = "\(kind.rawValue)/\(context.idempotencyKey)"
        guard kind == .principalGone, let principal,
            let account = try desk.transaction.account(BudgetScope.principal(principal).budgetID)
        else { return own }
        if try desk.newName(of: account) != nil { return nil }
        if account.standing.access.status == .closed { return account.goneNoticeID }
        return try isPast(account) ? nil : own
    }

    /// Seconds until the grace ends; nil unless this suspension is the one at work, and would take access by then.
    private func graceLeft(of principal: PrincipalID?) throws -> Int64? {
        guard let principal, let account = try desk.transaction.account(BudgetScope.principal(principal).budgetID),
            account.workflows.contains(context.executionName), let end = account.standing.access.graceUntil, end > now
        else { return nil }
        switch try desk.decision(account) {
        // The circuit breaker counted this suspension when it started.
        case .suspend, .spare(.circuitBreaker): return (end.milliseconds - now.milliseconds + 999) / 1000
        case .spare: return nil
        }
    }

    /// `audit`: appends an entry with the input's `action`, `subject` and `detail`. The actor is always the workflow.
    func appendAudit() throws -> JSONValue {
        let action = try reader.text("action")
        let subject = try reader.text("subject")
        try desk.audit(action, by: actor, subject: subject, input["detail"] ?? .null)
        return ["recorded": true]
    }
}
