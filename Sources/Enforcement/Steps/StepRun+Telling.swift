import Budgets
import Engine
import JSONModel
import WallTime

extension StepRun {
    /// `send-notice`: puts a message of the input's `kind` into the outbox. What it may say is the input itself, or its
    /// `data` when there is one. Returns the notice's id.
    func sendNotice() throws -> JSONValue {
        let kind: Notice.Kind = try reader.choice("kind")
        let severity: Notice.Severity? = input["severity"] == nil ? nil : try reader.choice("severity")
        let principal = try input["principalId"].map { value -> PrincipalID in
            guard let id = value.stringValue.flatMap(PrincipalID.init) else {
                throw InvalidRequest(member: "principalId", problem: "has to be ACCOUNT/KIND/NAME")
            }
            return id
        }
        // The key is the same for every try of this entry of the state: a message is told once.
        let notice = Notice(
            id: "\(kind.rawValue)/\(context.idempotencyKey)", kind: kind, severity: severity, principal: principal,
            data: input["data"] ?? input, at: now)
        try desk.tell(notice)
        return ["noticeId": .string(notice.id)]
    }

    /// `audit`: appends an entry with the input's `action`, `subject` and `detail`. The actor is always the workflow.
    func appendAudit() throws -> JSONValue {
        let action = try reader.text("action")
        let subject = try reader.text("subject")
        try desk.audit(action, by: actor, subject: subject, input["detail"] ?? .null)
        return ["recorded": true]
    }
}
