package import Budgets
package import Engine
import JSONModel
import WallTime

/// What operators do about access besides budgets.
package enum AccessCommands {
    /// Why a command can't be carried out.
    package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// A person gives up what a restoration could not give back: from now on a policy of the backup that no longer exists
    /// holds it up no more. What does exist is still given back.
    /// - Returns: the open dead letters of the executions that wait for that word.
    /// - Throws: `Refusal` when nothing waits.
    package static func acceptLoss<Transaction>(
        of principal: PrincipalID, by actor: String, _ desk: Desk<Transaction>
    ) throws -> [DeadLetterID] {
        guard let account = try desk.transaction.account(BudgetScope.principal(principal).budgetID),
            let backup = try desk.transaction.openBackup(of: principal)
        else { throw Refusal(description: "there is no backup of \(principal) that waits to be given back") }
        let policies = (backup.backup.snapshot["attachedPolicies"]?.arrayValue ?? []).filter {
            $0["grantsBedrock"]?.boolValue == true
        }.compactMap { $0["arn"]?.stringValue }
        try desk.transaction.acceptLoss(policies, ofBackup: backup.id, at: desk.now)
        try desk.audit(
            "restoration.loss-accepted", by: actor, subject: principal.description,
            ["backupId": .int(backup.id.rawValue), "policies": .array(policies.map { .string($0) })])
        return try desk.openLetters(of: account).map(\.id)
    }

    /// Whether anything is taken, or being taken, from the principal: then nobody gives it anything by the way.
    package static func isRestricted<Transaction: BudgetLedger>(
        _ principal: PrincipalID, _ transaction: Transaction
    ) throws -> Bool {
        let account = try transaction.account(BudgetScope.principal(principal).budgetID)
        switch account?.standing.access.status {
        case nil, .active, .closed: return try transaction.openBackup(of: principal) != nil
        case .grace, .suspended, .restoring, .suspensionFailed, .restorationFailed: return true
        }
    }

    /// Whether access was taken, at least in part, and is not being given back: what a grant to its groups could undo.
    /// Inactive keys alone stay so whatever is granted, and a suspension that is yet to come looks at groups.
    package static func isTaken<Transaction: BudgetLedger>(
        _ principal: PrincipalID, _ transaction: Transaction
    ) throws -> Bool {
        let backup = try transaction.openBackup(of: principal)
        if backup?.backup.enforcement == .key { return false }
        switch try transaction.account(BudgetScope.principal(principal).budgetID)?.standing.access.status {
        case .suspended, .suspensionFailed, .restorationFailed: return true
        case nil, .active, .closed: return backup != nil
        case .grace, .restoring: return false
        }
    }

    /// The principal was deleted by a person: its account is closed, and so are its backups.
    package static func close<Transaction>(
        _ principal: PrincipalID, by actor: String, _ desk: Desk<Transaction>
    ) throws {
        guard var account = try desk.transaction.account(BudgetScope.principal(principal).budgetID) else { return }
        let before = account.standing.access.status
        try desk.close(&account, by: actor)
        try desk.audit(
            "principal.closed", by: actor, subject: principal.description,
            ["budgetId": .string(account.id.rawValue), "from": .string(before.rawValue), "reason": "deleted"])
        try desk.save(account)
    }
}

extension Desk {
    /// Closes the account of a principal that was deleted, and its backups: they are of somebody who will not come back,
    /// even under the same name. A workflow that is at work on it finds it closed, and ends; one that has failed is not
    /// redriven. The caller saves it.
    func close(_ account: inout BudgetAccount, by actor: String) throws {
        try transaction.closeBackups(of: account.principal.id, at: now)
        account.standing.access = try account.standing.access.moved(to: .closed, at: now, reason: "deleted")
        try discardLetters(of: account, by: actor)
        account.workflows = []
    }

    /// Somebody of the name of a closed account is there again. The caller saves it.
    func reopen(_ account: inout BudgetAccount, reason: String, by actor: String) throws {
        try account.standing.reopen(at: now, reason: reason)
        try audit(
            "principal.reopened", by: actor, subject: account.principal.id.description,
            ["budgetId": .string(account.id.rawValue), "reason": .string(reason)])
    }

    /// When the principal was last deleted, as CloudTrail has told it; nil for never.
    func lastDeletion(of id: PrincipalID) throws -> Instant? {
        try [transaction.trail(of: id)?.deletedAt, transaction.deletion(of: id)].compactMap(\.self).max()
    }

    /// Whether the principal was deleted then or later.
    func isDeleted(_ id: PrincipalID, since instant: Instant) throws -> Bool {
        try lastDeletion(of: id).map { $0 >= instant } ?? false
    }

    /// Takes away the dead letters of the account's workflows: a redrive would find nobody.
    func discardLetters(of account: BudgetAccount, by actor: String) throws {
        for letter in try openLetters(of: account) {
            try transaction.setDeadLetter(
                letter.id, status: .discarded, attempts: letter.attempts, nextRedrive: nil, at: now)
            try audit(
                "deadLetter.discarded", by: actor, subject: letter.letter.subject,
                ["deadLetter": .int(letter.id.rawValue), "reason": "principal-gone"])
        }
    }

    /// The open dead letters of the account's workflows, looked up by these: however many others there are.
    func openLetters(of account: BudgetAccount) throws -> [DeadLetter] {
        try failedWorkflows(of: account).flatMap { record in
            try transaction.deadLetters(DeadLetterQuery(kind: .execution, status: .open, execution: record.id))
        }
    }

    /// Keeps what IAM's tags say of a principal that is known: its tags, and the team whose budgets it spends from.
    package func noteTags(_ tags: [String: String], of principal: PrincipalID) throws {
        guard var record = try transaction.principal(principal) else { return }
        record.team = settings.trail.team(of: record.team, named: record.tags, now: tags)
        record.tags = tags
        try save(record)
    }
}
