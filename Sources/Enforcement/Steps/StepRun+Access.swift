import Budgets
package import Engine
import Interpreter
import JSONModel
import WallTime

extension DomainSteps {
    /// The recording half of the steps that tag and untag: the composition root joins it to those that touch IAM.
    package static func recordTags<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> Step<Transaction>.Record {
        { work, context, input, performed in
            try failingTask { try StepRun(Desk(work, settings), context, input).recordTags(performed) }
        }
    }
}

extension StepRun {
    /// That tags could not be changed fails nothing, and is written down.
    func recordTags(_ performed: JSONValue) throws -> JSONValue {
        guard let problem = performed["tagProblem"]?.stringValue else { return performed }
        try desk.audit(
            "access.tags-refused", by: actor, subject: input["principalId"]?.stringValue ?? "",
            ["problem": .string(problem)])
        return performed
    }

    /// `scope-access`: whom a suspension is for: everybody who acts as the principal, or, in a role that several share,
    /// the sessions that have spent in this period. Returns `enforcement` and `sessions`, which is null for everybody; and
    /// `wasWhole` where an earlier attempt, which has failed, may have been for everybody: what it has taken of the
    /// sessions that are not named is to be given back.
    ///
    /// A session's name is chosen by its caller and can be left by choosing another: the deny of a shared role stops the
    /// careless, not the malicious.
    /// - Throws: `TaskFailure` `Steward.UnscopableRole` when it can't be said which sessions: nobody is denied then.
    func scopeAccess() throws -> JSONValue {
        let account = try account()
        guard desk.settings.access.isShared(account.principal) else {
            return ["enforcement": .string(try enforcement().rawValue), "sessions": .null, "fellBack": false]
        }
        let names: [String]
        switch try desk.roleScope(of: account) {
        case .sessions(let sessions): names = sessions
        case .unknown(let reason): throw unscopable(account.principal.id, reason)
        }
        let scope: JSONValue = [
            "enforcement": .string(EnforcementMode.deny.rawValue), "sessions": .array(names.map { .string($0) }),
            "fellBack": false,
        ]
        // Who is suspended is only compared with IAM, which gives nothing.
        guard account.standing.access.status != .suspended,
            try desk.transaction.openBackup(of: account.principal.id) != nil
        else { return scope }
        return scope.setting("wasWhole", true)
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
        // What an attempt before may have taken is part of it; and a deny that is there is taken off whatever the backup
        // says. Saying that there is one, the backup would have it missed by each comparison with IAM.
        try desk.transaction.setEnforcement(instead, ofBackup: backup.id)
        try desk.audit(
            "suspension.fell-back", by: actor, subject: account.principal.id.description,
            ["reason": input["failure"] ?? .null, "enforcement": .string(instead.rawValue)])
        return ["enforcement": .string(instead.rawValue), "sessions": .null, "fellBack": true]
    }

    /// `record-principal-gone`: IAM does not know the principal. Its account is closed, and so are its backups: they are
    /// of somebody who will not come back, even under the same name. Who was made anew under it since is left alone.
    func recordPrincipalGone() throws -> JSONValue {
        var account = try account()
        if try isPast(account) { return status(account) }
        try desk.discardLetters(of: account, by: actor)
        account.workflows = []
        try desk.transaction.closeBackups(of: account.principal.id, at: now)
        // CloudTrail may have told of it first.
        if account.standing.access.status != .closed {
            try move(&account, to: .closed, reason: "principal-gone", "principal.closed")
        }
        try desk.save(account)
        return status(account)
    }

    /// Whether the account has gone on without this run, and is at something else by now: the principal was deleted, or
    /// deleted and made anew, or another workflow took the place of this one.
    func isPast(_ account: BudgetAccount) throws -> Bool {
        guard !account.workflows.contains(context.executionName),
            let own = try desk.transaction.execution(context.execution)
        else { return false }
        return account.standing.access.since > own.startedAt
    }

    /// Of somebody who was deleted meanwhile, access is neither taken nor given back.
    /// - Throws: `TaskFailure` `Steward.PrincipalGone` when the account is closed.
    func requireThere(_ account: BudgetAccount) throws {
        guard account.standing.access.status == .closed else { return }
        throw TaskFailure(
            error: StepError.principalGone,
            cause: "\(account.principal.id) was deleted, and its budget is closed: nothing to take or to give back")
    }

    /// `record-unenforceable`: AWS lets nobody change the principal, so nothing was taken and nothing will be. What makes
    /// it so is kept with the principal: it is spared from now on; in this period only where the `failure` says that it
    /// belongs to another account than IAM's, since Steward may come to act there.
    func recordUnenforceable() throws -> JSONValue {
        var account = try account()
        account.workflows = []
        if input["failure"]?["Error"]?.stringValue == StepError.otherAccount {
            guard try desk.transaction.openBackup(of: account.principal.id) == nil else {
                throw TaskFailure(
                    error: StepError.otherAccount,
                    cause:
                        "\(account.principal.id) has a backup that waits to be given back, and Steward acts in another "
                        + "account now: check its credentials, then redrive")
            }
            let reason = SuspensionDecision.Reason.otherAccount.rawValue
            try move(&account, to: .active, reason: reason, "suspension.unenforceable")
            try desk.save(account)
            return status(account)
        }
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

extension BudgetAccount {
    /// Whether a suspension has found in this period that the principal belongs to another account than IAM's.
    var wasElsewhere: Bool {
        let access = standing.access
        return access.status == .active && access.reason == SuspensionDecision.Reason.otherAccount.rawValue
            && access.since >= standing.period.start
    }
}
