import Budgets
import Engine
import WallTime

extension BudgetLedger {
    /// What was used under a name from `from` up to and without `to`: the sums by the hour, without those uses of the first
    /// and the last hour that lie outside. Where single uses are gone already, all of such an hour counts.
    func used(by name: PrincipalID, from: Instant, to: Instant) throws -> UsageSums {
        guard from < to else { return UsageSums() }
        let first = Instant(hour: from.hour)
        let end = Instant(hour: to.hour) == to ? to : Instant(hour: to.hour + 1)
        let query = UsageQuery(from: first.hour, to: end.hour, principal: name, limit: 1)
        guard var sums = try usageGroups(query).first?.sums else { return UsageSums() }
        if first < from { sums = sums.without(try sumOfUses(by: name, from: first, to: from)) }
        if to < end { sums = sums.without(try sumOfUses(by: name, from: to, to: end)) }
        return sums
    }
}

extension BudgetLedger where Self: ExecutionTransaction {
    /// What a principal has used since an instant, also under the names that it had then, and in sessions of which it was told
    /// later that they are its own.
    func used(byAllNamesOf principal: PrincipalID, since start: Instant, now: Instant) throws -> UsageSums {
        try used(byAllNamesOf: principal, from: start, to: Instant(hour: now.hour + 1))
    }

    /// The same up to and without `end`, which may lie ahead as uses may.
    func used(byAllNamesOf principal: PrincipalID, from start: Instant, to end: Instant) throws -> UsageSums {
        var handovers = Handovers(self)
        var sums = UsageSums()
        for time in try handovers.names(of: principal, since: start) {
            let last = min(end, time.to ?? end)
            sums.add(try used(by: time.name, from: max(start, time.from ?? start), to: last))
        }
        return sums
    }
}
