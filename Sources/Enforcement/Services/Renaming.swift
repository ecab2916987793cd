package import Budgets
import Engine
import JSONModel
import WallTime

/// An IAM user that has another name: who it was, who it is, and since when.
struct Renaming {
    let before: PrincipalID
    let after: PrincipalID
    let at: Instant
    /// Where it is told.
    var path: String?
    /// Who did it, or found it out, for the audit log.
    let actor: String
    /// What tells of it, for the audit log.
    var evidence: JSONObject = [:]
}

/// A person's order about a user that has another name by now.
package struct RenamedPrincipal: Error, Equatable, Sendable, CustomStringConvertible {
    package let before: PrincipalID
    package let after: PrincipalID

    package var description: String { "\(before) was renamed: it is \(after) now; order it for that one" }
}

/// What the new name takes over of its access.
private struct Inheritance {
    var access: Access
    /// Open, or closed because the old name was not found in IAM any more.
    var backup: PolicyBackup?
}

extension Desk {
    /// What is known of a user goes on under its new name: terms and sums of its budget, its access with the backup, holds,
    /// tags, team, and the budgets that are its own. The account of the old name is closed, with nothing left in it.
    ///
    /// A workflow that is at work under the old name finds that closed, and ends; what it may have changed in IAM is known
    /// by the backup, and a workflow under the new name begins where that one may have stopped.
    /// - Returns: whether there was anything to carry over.
    @discardableResult
    func carryOver(_ renaming: Renaming) throws -> Bool {
        guard let old = try transaction.account(BudgetScope.principal(renaming.before).budgetID),
            let inherited = try inheritance(from: old, renaming)
        else { return false }
        // Uses are often told of before their cause: the new name may have an account of its own already.
        let found = try transaction.account(BudgetScope.principal(renaming.after).budgetID)
        let other = found?.standing.access.status == .closed ? nil : found
        let principal = renamedPrincipal(old, inherited.backup, renaming)
        try saveRecord(of: principal, joining: found, old, renaming)
        var account = try account(
            of: principal, from: old, inherited.access, joining: other, createdAt: found?.createdAt)
        try save(account)
        account.standing.spending = try carrySpending(from: old, joining: other, to: account)
        try save(account)
        let backup = try inherited.backup.map { try carry($0, to: account, renaming) }
        try carryFurtherBudgets(from: old, to: account, usedSince: other == nil ? nil : renaming.at)
        try carryBatchJobs(from: renaming.before, to: principal)
        try vacate(old, renaming)
        try audit(
            "principal.renamed", by: renaming.actor, subject: renaming.after.description,
            .object(
                renaming.facts.merging([
                    "budgetId": .string(account.id.rawValue),
                    "status": .string(account.standing.access.status.rawValue),
                    "backupId": backup.map { .int($0.rawValue) } ?? .null,
                ])))
        try takeUp(&account, by: renaming.actor)
        return true
    }

    /// What was begun under the old name goes on, and what is due under the new one begins.
    private func takeUp(_ account: inout BudgetAccount, by actor: String) throws {
        if account.standing.access.status.rollsOver { try rollOver(&account) }
        try announceCrossings(of: &account)
        switch account.standing.access.status {
        case .active, .grace, .suspensionFailed:
            let isUnderWay = try hasRunningWorkflow(account)
            if !isUnderWay, try isToLoseAccess(account) { try suspendOrSpare(&account) }
        case .suspended, .restoring, .restorationFailed, .closed: break
        }
        try save(account)
        // What was taken half-way, if anything, or being given back: nothing may speak for taking it any more.
        if account.standing.access.status == .suspensionFailed, try !hasRunningWorkflow(account),
            case .yes = try eligibility(account, isOverride: false),
            try !endUntouchedSuspension(&account, by: actor)
        {
            _ = try restoreIfEligible(&account, reason: .periodEnded)
        }
        if let block = account.block.inForce(at: now) { try startTimer(of: block, account) }
    }
}

// MARK: - Access

extension Desk {
    /// The name that whoever had this account's name has now; nil where it was not renamed, or somebody else has the name.
    func newName(of account: BudgetAccount) throws -> PrincipalID? {
        let access = account.standing.access
        guard access.status == .closed, access.reason == Self.renamed else { return nil }
        guard let last = try transaction.owners(of: account.principal.id).last else { return nil }
        // It may have been given others since.
        var owners = try NameOwners(desk: self)
        return try owners.latestName(of: last.owner, since: last.at)
    }

    /// What a person orders for an old name is about whoever has spent under it, and would change nothing for that one.
    /// - Throws: `RenamedPrincipal`.
    func requireName(of account: BudgetAccount) throws {
        guard let name = try newName(of: account) else { return }
        throw RenamedPrincipal(before: account.principal.id, after: name)
    }

    /// The same of a quota, which would be nobody's.
    /// - Throws: `RenamedPrincipal`.
    package func requireName(of scope: FurtherScope) throws {
        guard case .principal(let id) = scope,
            let account = try transaction.account(BudgetScope.principal(id).budgetID)
        else { return }
        try requireName(of: account)
    }

    /// Why the account of an old name is closed.
    private static var renamed: String { "renamed" }

    /// - Returns: nil where nothing goes on under the new name: the old one's was deleted, or carried over before.
    private func inheritance(from account: BudgetAccount, _ renaming: Renaming) throws -> Inheritance? {
        let access = account.standing.access
        guard access.status != .closed else {
            // A workflow may have looked for the old name in IAM before CloudTrail told of the new one.
            guard access.reason == "principal-gone", access.since + .seconds(1) >= renaming.at else { return nil }
            let last = try transaction.lastBackup(of: account.principal.id)
            let backup = last.flatMap { $0.consumedAt == access.since ? $0 : nil }
            // It looked at the end of the grace: another name gives no other one.
            return Inheritance(access: failed, backup: backup)
        }
        let backup = try transaction.openBackup(of: account.principal.id)
        switch access.status {
        case .active, .suspended, .closed: return Inheritance(access: access, backup: backup)
        // The backup comes before anything is taken: until then access is whole.
        case .grace where backup == nil: return Inheritance(access: access, backup: nil)
        case .restoring where backup == nil, .restorationFailed where backup == nil:
            return Inheritance(access: Access(status: .active, since: now, reason: Self.renamed), backup: nil)
        case .grace, .restoring, .suspensionFailed, .restorationFailed:
            return Inheritance(access: failed, backup: backup)
        }
    }

    /// The workflow that was at work can't go on: with a backup nobody knows how far it came. What has failed once is tried
    /// again without a grace.
    private var failed: Access { Access(status: .suspensionFailed, since: now, reason: Self.renamed) }

    /// The backup under the new name, which the IAM steps go by; those that were taken under it are of the same user, who
    /// lacked by then what was taken.
    private func carry(
        _ backup: PolicyBackup, to account: BudgetAccount, _ renaming: Renaming
    ) throws -> PolicyBackupID {
        var (enforcement, taking) = (backup.backup.enforcement, backup.backup.taking)
        if let later = try transaction.openBackup(of: account.principal.id) {
            enforcement = enforcement.and(later.backup.enforcement)
            taking = taking.flatMap { known in later.backup.taking.map { known + $0.filter { !known.contains($0) } } }
            try transaction.closeBackups(of: account.principal.id, at: now)
        }
        let (snapshot, hash) = backup.renamed(to: account.principal, digest: settings.digest)
        let id = try transaction.insertBackup(
            NewPolicyBackup(
                principal: account.principal.id, budget: account.id, snapshot: snapshot, hash: hash,
                isTakenUnderSuspension: backup.backup.isTakenUnderSuspension, enforcement: enforcement, taking: taking,
                // Of who has this name, it can't be older than that: a deletion of who had it before is not about it.
                takenAt: max(backup.backup.takenAt, min(renaming.at, now))))
        let accepted = try transaction.acceptedLoss(ofBackup: backup.id)
        if !accepted.isEmpty { try transaction.acceptLoss(accepted, ofBackup: id, at: now) }
        return id
    }
}

extension PolicyBackup {
    /// The snapshot as of the same user under its new name, with its hash. A damaged one stays damaged.
    fileprivate func renamed(
        to principal: Principal, digest: ([UInt8]) -> String
    ) -> (snapshot: JSONValue, hash: String) {
        let kept = (backup.snapshot, backup.hash)
        guard digest(backup.snapshot.jsonBytes) == backup.hash, var object = backup.snapshot.objectValue else {
            return kept
        }
        let inner = object["hash"]
        object["hash"] = nil
        // The hash that the IAM steps look at is the snapshot's own, and covers all else of it.
        if let inner, inner.stringValue != digest(JSONValue.object(object).jsonBytes) { return kept }
        if object["userName"] != nil { object["userName"] = .string(principal.id.name) }
        if object["arn"] != nil { object["arn"] = .string(principal.arn) }
        if inner != nil { object["hash"] = .string(digest(JSONValue.object(object).jsonBytes)) }
        let snapshot = JSONValue.object(object)
        return (snapshot, digest(snapshot.jsonBytes))
    }
}

// MARK: - The account

extension Desk {
    /// IAM's own word on the path goes before what a log has shown.
    private func renamedPrincipal(_ old: BudgetAccount, _ backup: PolicyBackup?, _ renaming: Renaming) -> Principal {
        let path = renaming.path ?? backup.flatMap(Self.path(in:)) ?? old.principal.path
        return Principal(id: renaming.after, partition: old.principal.partition, path: path)
    }

    private static func path(in backup: PolicyBackup) -> String? {
        guard let arn = backup.backup.snapshot["arn"]?.stringValue else { return nil }
        // A damaged backup says nothing of the path; what the logs have shown stands in for it.
        do { return try Principal(arn: arn).path } catch { return nil }
    }

    /// The account of the new name; where it has one, the stricter of both counts.
    private func account(
        of principal: Principal, from old: BudgetAccount, _ inherited: Access, joining other: BudgetAccount?,
        createdAt: Instant?
    ) throws -> BudgetAccount {
        let keepsOther = other?.hasOwnTerms == true && !old.hasOwnTerms
        let terms = keepsOther ? other?.budget ?? old.budget : old.budget
        let scope = BudgetScope.principal(principal.id)
        let budget = try Budget(
            scope: scope, limit: terms.limit, thresholds: terms.thresholds, periodRule: terms.periodRule,
            mode: terms.mode, enforcement: terms.enforcement, graceSeconds: terms.graceSeconds,
            isProtected: terms.isProtected)
        let access = stricter(inherited, other?.standing.access)
        let record = try transaction.principal(principal.id)
        let standing = Standing(
            budget: scope.budgetID, period: old.standing.period, spending: old.standing.spending,
            announced: old.standing.announced,
            arming: max(old.standing.arming, other?.standing.arming ?? 0) + 1, access: access,
            refreshCount: old.standing.refreshCount)
        return BudgetAccount(
            budget: budget, standing: standing, principal: principal, team: record?.team, purpose: record?.purpose,
            tier: record?.tier, hasOwnTerms: old.hasOwnTerms || keepsOther,
            block: old.block ?? other?.block, protection: old.protection ?? other?.protection,
            furtherCrossing: old.furtherCrossing ?? other?.furtherCrossing,
            // What waits under the old name gives way.
            workflows: access == inherited ? [] : other?.workflows ?? [],
            suspensionStartedAt: old.suspensionStartedAt ?? other?.suspensionStartedAt,
            createdAt: createdAt ?? old.createdAt, updatedAt: now)
    }

    private func stricter(_ inherited: Access, _ other: Access?) -> Access {
        guard let other else { return inherited }
        if inherited.status == .grace, other.status == .grace {
            let end = [inherited.graceUntil, other.graceUntil].compactMap(\.self).min()
            return Access(status: .grace, since: inherited.since, graceUntil: end, reason: inherited.reason)
        }
        return other.status.severity > inherited.status.severity ? other : inherited
    }

    /// Sums of the period in which the account stands, and of those after it, in which somebody suspended may have spent.
    /// - Returns: the sum of the account's own period.
    private func carrySpending(
        from old: BudgetAccount, joining other: BudgetAccount?, to account: BudgetAccount
    ) throws -> Spending {
        let own = old.standing.period
        var sums = try transaction.periods(of: old.id, limit: 8).filter { $0.period.start > own.start }
        sums.append(PeriodSpending(budget: old.id, period: own, spending: old.standing.spending))
        for sum in sums where sum.spending != Spending() {
            try transaction.saveSpending(PeriodSpending(budget: old.id, period: sum.period, spending: Spending()))
        }
        if let other {
            // Its own period gives way, which may be another.
            try transaction.saveSpending(
                PeriodSpending(budget: other.id, period: other.standing.period, spending: Spending()))
            // All of it is of now: the account is as old as the name.
            let period = old.budget.periodRule.period(containing: now, countedFrom: own)
            if let place = sums.firstIndex(where: { $0.period.start == period.start }) {
                sums[place].spending = try sums[place].spending.joined(with: other.standing.spending)
            } else {
                sums.append(PeriodSpending(budget: old.id, period: period, spending: other.standing.spending))
            }
        }
        for sum in sums {
            try transaction.saveSpending(
                PeriodSpending(budget: account.id, period: sum.period, spending: sum.spending))
        }
        return sums.first { $0.period.start == own.start }?.spending ?? old.standing.spending
    }

    /// The old name's account is closed, and nothing of the user is left in it: whoever is made under the name is another.
    private func vacate(_ old: BudgetAccount, _ renaming: Renaming) throws {
        var account = old
        let before = account.standing.access.status
        account.budget = try settings.defaultBudget.budget(for: renaming.before)
        account.hasOwnTerms = false
        (account.block, account.protection, account.furtherCrossing) = (nil, nil, nil)
        account.suspensionStartedAt = nil
        account.standing.spending = Spending()
        account.standing.announced = []
        account.standing.arming += 1
        try transaction.closeBackups(of: renaming.before, at: now)
        try discardLetters(of: account, by: renaming.actor)
        account.workflows = []
        let isMadeAnew = try transaction.trail(of: renaming.before)?.createdAt.map { $0 > renaming.at } ?? false
        if isMadeAnew {
            account.standing.access = Access(status: .active, since: now, reason: "created anew")
        } else {
            account.standing.access = try account.standing.access.moved(to: .closed, at: now, reason: Self.renamed)
        }
        try save(account)
        try audit(
            "principal.closed", by: renaming.actor, subject: renaming.before.description,
            .object(
                renaming.facts.merging([
                    "budgetId": .string(account.id.rawValue), "from": .string(before.rawValue),
                    "reason": .string(Self.renamed),
                    // What was spent in earlier periods stays the old name's (`Handover`).
                    "periodStart": .string(account.standing.period.start.iso8601),
                ])))
    }
}

extension Renaming {
    fileprivate var facts: JSONObject {
        evidence.merging([
            "before": .string(before.description), "after": .string(after.description), "at": .string(at.iso8601),
        ])
    }
}

extension JSONObject {
    fileprivate func merging(_ members: JSONObject) -> JSONObject {
        var object = self
        for (name, value) in members { object[name] = value }
        return object
    }
}

extension AccessStatus {
    /// Of two that are told of one principal, the higher counts.
    fileprivate var severity: Int {
        switch self {
        case .closed, .active: 0
        case .grace: 1
        case .restoring, .suspensionFailed, .restorationFailed: 2
        case .suspended: 3
        }
    }
}
