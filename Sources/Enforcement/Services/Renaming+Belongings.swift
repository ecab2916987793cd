import Budgets
import Engine
import JSONModel
import WallTime

/// What else belongs to a user that has another name.
extension Desk {
    /// Tags, team and what CloudTrail has told of the user go to the new name; one that was made anew keeps what it has
    /// been given since.
    func saveRecord(
        of principal: Principal, joining other: BudgetAccount?, _ old: BudgetAccount, _ renaming: Renaming
    ) throws {
        guard var former = try transaction.principal(renaming.before) else { return }
        let trail = try transaction.trail(of: renaming.after)
        // What is known of somebody who had the name before, and was deleted, is not about who has it now.
        let isTaggedSince = trail?.taggedAt.map { $0 >= renaming.at } ?? false
        let isAnothers = other?.standing.access.status == .closed && !isTaggedSince
        let known = try isAnothers ? nil : transaction.principal(renaming.after)
        var record = former
        record.principal = principal
        record.firstSeenAt = min(former.firstSeenAt, known?.firstSeenAt ?? former.firstSeenAt)
        record.tags.merge(known?.tags ?? [:]) { $1 }
        record.team = former.team ?? known?.team
        record.purpose = settings.trail.purpose(record.tags)
        record.tier = settings.trail.tier(record.tags)
        if let other, other.membership != Membership(team: record.team, isInPool: !old.hasOwnTerms) {
            try transaction.endMembership(other.membership, of: renaming.after, at: now)
        }
        try transaction.savePrincipal(record)
        let isMadeAnew = try carryTrail(renaming, joining: isAnothers ? nil : trail)
        if !isMadeAnew { (former.team, former.tags, former.purpose, former.tier) = (nil, [:], nil, nil) }
        if old.membership != Membership(team: former.team, isInPool: true) {
            try transaction.endMembership(old.membership, of: renaming.before, at: now)
        }
        if !isMadeAnew { try transaction.savePrincipal(former) }
    }

    /// - Parameter later: what was told of the user under the new name already.
    /// - Returns: whether somebody was made anew under the old name since.
    private func carryTrail(_ renaming: Renaming, joining later: PrincipalTrail?) throws -> Bool {
        var trail = try transaction.trail(of: renaming.before) ?? PrincipalTrail(principal: renaming.before)
        let named = try transaction.trail(of: renaming.after)
        let isMadeAnew = trail.createdAt.map { $0 > renaming.at } ?? false
        // Who has the name has it since the renaming: a deletion before that is not about it, and says so by its time.
        try transaction.saveTrail(
            PrincipalTrail(
                principal: renaming.after, uniqueID: isMadeAnew ? later?.uniqueID : trail.uniqueID ?? later?.uniqueID,
                createdAt: max(renaming.at, named?.createdAt ?? renaming.at), deletedAt: named?.deletedAt,
                taggedAt: [trail.taggedAt, later?.taggedAt].compactMap(\.self).max(),
                rogueSince: trail.rogueSince ?? later?.rogueSince))
        guard !isMadeAnew else { return true }
        (trail.uniqueID, trail.taggedAt, trail.rogueSince) = (nil, nil, nil)
        trail.deletedAt = max(trail.deletedAt ?? renaming.at, renaming.at)
        try transaction.saveTrail(trail)
        return false
    }

    /// Quotas that a person has given it.
    /// - Parameter instant: since when it may have been used under the new name already, without them; nil where it was not.
    func carryFurtherBudgets(
        from old: BudgetAccount, to account: BudgetAccount, usedSince instant: Instant?
    ) throws {
        for further in try transaction.furtherBudgets(of: .principal(old.principal.id)) {
            let terms = further.budget
            let budget = try FurtherBudget(
                scope: .principal(account.principal.id), unit: terms.unit, limit: terms.limit,
                periodRule: terms.periodRule, thresholds: terms.thresholds, mode: terms.mode,
                graceSeconds: terms.graceSeconds)
            var moved = FurtherAccount(
                budget: budget, standing: further.standing, createdAt: further.createdAt, updatedAt: now)
            if let known = try transaction.furtherBudget(budget.id) {
                // What was used in a period that is over says nothing of this one.
                let before = try current(further).standing
                moved = try current(known)
                moved.standing.spent = saturated(moved.standing.spent, before.spent)
                moved.standing.spentAtFallback = saturated(
                    moved.standing.spentAtFallback, before.spentAtFallback)
            } else if let instant {
                moved.standing = try current(further).standing
                let start = max(instant, moved.standing.period.start)
                // Uses may be stamped ahead of the clock.
                let used = try transaction.used(
                    by: account.principal.id, from: start, to: moved.standing.period.end)
                moved.standing.spent = saturated(moved.standing.spent, max(0, used.amount(in: terms.unit)))
                _ = try announceCrossings(of: &moved)
            }
            try save(moved)
            try transaction.saveFurtherSpending(
                FurtherSpending(
                    budget: moved.id, period: moved.standing.period, spent: moved.standing.spent,
                    spentAtFallback: moved.standing.spentAtFallback))
            _ = try transaction.removeFurtherBudget(further.id)
        }
    }

    /// Who made a batch job pays when it has ended, under the name of then. When it was made stands in the audit log of its
    /// creator, where the radar looks for it.
    func carryBatchJobs(from old: PrincipalID, to principal: Principal) throws {
        var carried: Set<String> = []
        for var job in try transaction.unfinishedBatchJobs(limit: 10_000) where job.creator?.id == old {
            job.creator = principal
            try transaction.saveBatchJob(job)
            if let arn = job.arn { carried.insert(arn) }
        }
        guard !carried.isEmpty else { return }
        for entry in try transaction.auditEntries(subject: old.description, limit: 1000)
        where entry.action == "bedrock.job-started" && carried.contains(entry.detail["job"]?.stringValue ?? "") {
            try audit(
                entry.action, by: entry.actor, subject: principal.id.description,
                entry.detail.setting("formerly", .string(old.description)))
        }
    }
}
