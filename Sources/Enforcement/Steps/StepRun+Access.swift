import Budgets
import Engine
import Interpreter
import JSONModel
import WallTime

/// Sessions that one deny names at most, as many as an inline policy of a role holds with room to spare.
private let maximumSessions = 80

extension StepRun {
    /// `scope-access`: whom a suspension is for: everybody who acts as the principal, or, in a role that several share,
    /// the sessions that have spent in this period. Returns `enforcement` and `sessions`, which is null for everybody.
    ///
    /// A session's name is chosen by its caller and can be left by choosing another: the deny of a shared role stops the
    /// careless, not the malicious.
    /// - Throws: `TaskFailure` `Steward.UnscopableRole` when it can't be said which sessions: nobody is denied then.
    func scopeAccess() throws -> JSONValue {
        let account = try account()
        guard desk.settings.access.isShared(account.principal) else {
            return ["enforcement": .string(try enforcement().rawValue), "sessions": .null, "fellBack": false]
        }
        let id = account.principal.id
        let names = try desk.transaction.sessions(
            of: id, since: account.standing.period.start, limit: maximumSessions + 1
        ).map(\.session)
        guard !names.isEmpty else { throw unscopable(id, "no usage in this period says in which session it was") }
        guard names.count <= maximumSessions else {
            throw unscopable(
                id, "more than \(maximumSessions) sessions have spent in this period, and one deny can't name them")
        }
        // RoleSessionName, as STS documents it. Anything else did not come from STS, and `*` would deny everybody.
        guard names.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_+=,.@\-]{2,64}/) != nil }) else {
            throw unscopable(id, "the usage names sessions that can't exist")
        }
        return [
            "enforcement": .string(EnforcementMode.deny.rawValue), "sessions": .array(names.map { .string($0) }),
            "fellBack": false,
        ]
    }

    private func unscopable(_ id: PrincipalID, _ reason: String) -> TaskFailure {
        TaskFailure(
            error: StepError.unscopableRole,
            cause: "\(id.name) is a role that several share (access.sharedRoles), and \(reason): nobody was denied")
    }

    /// `widen-backup`: the deny does not fit, so the policies are detached and the keys set inactive instead, and the
    /// backup says so before it is done. Returns a scope. A shared role has no such way out: it would hit everybody.
    func widenBackup() throws -> JSONValue {
        let account = try account()
        let instead = EnforcementMode.detachAndKey
        if input["scope"]?["fellBack"]?.boolValue == true || input["scope"]?["sessions"]?.arrayValue != nil {
            throw TaskFailure(
                error: StepError.denyDoesNotFit,
                cause: "the deny does not fit, and there is nothing else that would take the access of only this one: "
                    + "make room in the policies of \(account.principal.id.name), then redrive")
        }
        guard let backup = try desk.transaction.openBackup(of: account.principal.id) else {
            throw TaskFailure(error: StepError.noBackup, cause: "no open backup of \(account.principal.id)")
        }
        _ = try widen(backup, to: instead)
        try desk.audit(
            "suspension.fell-back", by: actor, subject: account.principal.id.description,
            ["reason": input["failure"] ?? .null, "enforcement": .string(instead.rawValue)])
        return ["enforcement": .string(instead.rawValue), "sessions": .null, "fellBack": true]
    }

    /// `record-principal-gone`: IAM does not know the principal. Its account is closed, and so are its backups: they are
    /// of somebody who will not come back, even under the same name.
    func recordPrincipalGone() throws -> JSONValue {
        var account = try account()
        account.workflows = []
        try desk.transaction.closeBackups(of: account.principal.id, at: now)
        try move(&account, to: .closed, reason: "principal-gone", "principal.closed")
        try desk.save(account)
        return status(account)
    }

    /// `record-unenforceable`: AWS lets nobody change the principal, so nothing was taken and nothing will be. What makes
    /// it so is kept with the principal: it is spared from now on.
    func recordUnenforceable() throws -> JSONValue {
        var account = try account()
        account.workflows = []
        try desk.transaction.closeBackups(of: account.principal.id, at: now)
        if account.principal.unenforceable == nil, var record = try desk.transaction.principal(account.principal.id) {
            // Only IAM shows the path; a role that nobody may change is one of these.
            let principal = Principal(
                id: account.principal.id, partition: account.principal.partition, path: "/aws-service-role/")
            record.principal = principal
            account.principal = principal
            try desk.transaction.savePrincipal(record)
        }
        try move(&account, to: .active, reason: "unenforceable", "suspension.unenforceable")
        try desk.save(account)
        return status(account)
    }
}
