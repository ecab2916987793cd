import Budgets
import Engine
import WallTime

/// A correction as one of the budgets sees it that may have paid for the use.
private struct PaidChange {
    let change: ChargeChange
    let share: Share

    enum Share {
        /// Of what was charged to the budget's member from the start.
        case direct
        /// Of what a session had used when its user took it over: the budgets that only the user has.
        case taken(SessionShare)
        /// The same of those that only the session had.
        case left(SessionShare)
    }

    func isPart(of further: FurtherAccount) -> Bool {
        let isPaid = change.use.usage.recordedAt >= further.createdAt
        return switch share {
        case .direct: isPaid
        case .taken(let session): session.isMoved(change.at, further)
        case .left(let session): isPaid && !session.isMoved(change.at, further)
        }
    }
}

/// Which part of what a session had used goes over to its user's further budgets, and from its own ones: that of their periods
/// of then, as far as they were there.
struct SessionShare {
    /// When the session was first charged for something.
    let openedAt: Instant
    let takenAt: Instant

    /// What counts of it; nil for nothing.
    func start(in further: FurtherAccount, _ period: Period) -> Instant? {
        guard further.createdAt <= takenAt else { return nil }
        // A budget that was made after the session had begun to use counts from then on.
        return further.createdAt <= openedAt ? period.start : max(period.start, further.createdAt)
    }

    func isMoved(_ instant: Instant, _ further: FurtherAccount) -> Bool {
        let period = further.budget.periodRule.period(containing: instant, countedFrom: further.standing.period)
        guard period.contains(takenAt), let start = start(in: further, period) else { return false }
        return instant >= start
    }
}

extension Desk {
    /// Moves the sums of the further budgets that paid for charges that were corrected, each in the period in which the
    /// use happened: those of the teams to which the principal belonged when the use was recorded, and the pool's if it
    /// was in it. A budget that was made after a use was recorded never paid for it.
    ///
    /// `changes` have one course.
    func adjustFurtherSpending(_ course: ChargeCourse, by changes: [ChargeChange]) throws {
        for (scope, changes) in try paid(course, changes) {
            for var further in try transaction.furtherBudgets(of: scope).map(current) {
                let wasExceeded = further.state == .exceeded
                guard try move(&further, by: changes.filter { $0.isPart(of: further) }.map(\.change)) else { continue }
                try settle(&further, wasExceeded: wasExceeded)
            }
        }
    }

    /// The sum of a further budget is another: announces what is crossed, and does what follows from it.
    private func settle(_ further: inout FurtherAccount, wasExceeded: Bool) throws {
        further.standing.rearm(under: further.budget)
        let crossed = try announceCrossings(of: &further)
        try save(further)
        if crossed.last == .exceeded { try suspendMembers(of: further) }
        if wasExceeded, further.state != .exceeded { try restoreMembers(of: further, reason: .repriced) }
    }

    /// The changes by whose budgets paid for the uses; the strictest first.
    private func paid(
        _ course: ChargeCourse, _ changes: [ChargeChange]
    ) throws -> [(scope: FurtherScope, changes: [PaidChange])] {
        let session = try course.taken.flatMap { try share(of: $0) }
        let former = try transaction.formerMemberships(of: course.used)
        let last = try transaction.account(BudgetScope.principal(course.used).budgetID)?.membership
        let taker = try course.taken.flatMap { try membership(of: $0.to, at: $0.at) }
        var paid: [FurtherScope: [PaidChange]] = [:]
        for change in changes {
            let own = (former.membership(paying: change.use) ?? last)?.scopes(of: course.used) ?? []
            let others = taker?.scopes(of: course.member) ?? own
            for scope in own {
                let share = session.map { others.contains(scope) ? .direct : .left($0) } ?? PaidChange.Share.direct
                paid[course.now(scope), default: []].append(PaidChange(change: change, share: share))
            }
            guard let session else { continue }
            for scope in others where !own.contains(scope) {
                paid[course.now(scope), default: []].append(PaidChange(change: change, share: .taken(session)))
            }
        }
        return paid.sorted { ($0.key.rank, $0.key.description) < ($1.key.rank, $1.key.description) }
            .map { ($0.key, $0.value) }
    }

    private func share(of taken: Handover) throws -> SessionShare? {
        try transaction.account(BudgetScope.principal(taken.from).budgetID).map {
            SessionShare(openedAt: $0.createdAt, takenAt: taken.at)
        }
    }

    private func membership(of id: PrincipalID, at instant: Instant) throws -> Membership? {
        let former = try transaction.formerMemberships(of: id).first { $0.until > instant }
        return try former?.membership ?? transaction.account(BudgetScope.principal(id).budgetID)?.membership
    }

    /// - Returns: whether anything was moved.
    private func move(_ further: inout FurtherAccount, by changes: [ChargeChange]) throws -> Bool {
        var periods: [FurtherSpending] = []
        for change in changes {
            let (event, unit) = (change.use.usage.event, further.budget.unit)
            let difference = unit.amount(of: event, change.after) - unit.amount(of: event, change.before)
            let unsure = change.unsureAmount(unit)
            guard difference != 0 || unsure != 0 else { continue }
            let start = further.budget.periodRule.period(
                containing: event.at, countedFrom: further.standing.period
            ).start
            if !periods.contains(where: { $0.period.start == start }) {
                guard let known = try transaction.furtherSpending(of: further.id, periodStart: start) else { continue }
                periods.append(known)
            }
            for index in periods.indices where periods[index].period.start == start {
                periods[index].add(difference, unsure: unsure)
            }
        }
        for period in periods { try save(period, &further) }
        return !periods.isEmpty
    }

    private func save(_ spending: FurtherSpending, _ further: inout FurtherAccount) throws {
        try transaction.saveFurtherSpending(spending)
        guard spending.period.start == further.standing.period.start else { return }
        further.standing.spent = spending.spent
        further.standing.spentAtFallback = spending.spentAtFallback
    }
}

// MARK: - Sessions

extension Desk {
    /// What a session has used goes over to the further budgets that its user has and it has not, and leaves those that it has
    /// alone: of each the period of now.
    func moveFurtherSpending(of session: BudgetAccount, to user: BudgetAccount) throws {
        let share = SessionShare(openedAt: session.createdAt, takenAt: now)
        let (left, reached) = (session.furtherScopes, user.furtherScopes)
        for scope in left where !reached.contains(scope) { try move(session.principal.id, share, scope, sign: -1) }
        for scope in reached where !left.contains(scope) { try move(session.principal.id, share, scope, sign: 1) }
    }

    private func move(_ session: PrincipalID, _ share: SessionShare, _ scope: FurtherScope, sign: Int64) throws {
        for var further in try transaction.furtherBudgets(of: scope).map(current) {
            let (period, unit) = (further.standing.period, further.budget.unit)
            guard let start = share.start(in: further, period) else { continue }
            // Uses may be stamped ahead of the clock.
            let sums = try transaction.used(by: session, from: start, to: period.end)
            let amount = sums.amount(in: unit)
            guard amount > 0 else { continue }
            let wasExceeded = further.state == .exceeded
            var spending = FurtherSpending(
                budget: further.id, period: period, spent: further.standing.spent,
                spentAtFallback: further.standing.spentAtFallback)
            spending.add(sign * amount, unsure: unit == .money ? sign * sums.fallbackCost.rawValue : 0)
            try save(spending, &further)
            try settle(&further, wasExceeded: wasExceeded)
        }
    }
}

extension ChargeCourse {
    /// The scope as it is by now: what was the member's own is its heir's.
    fileprivate func now(_ scope: FurtherScope) -> FurtherScope {
        scope == .principal(member) ? .principal(heir) : scope
    }
}

extension FurtherSpending {
    fileprivate mutating func add(_ amount: Int64, unsure: Int64) {
        spent = max(0, saturated(spent, amount))
        spentAtFallback = max(0, saturated(spentAtFallback, unsure))
    }
}

extension ChargeChange {
    /// By how much the part that is not sure changes.
    fileprivate func unsureAmount(_ unit: BudgetUnit) -> Int64 {
        guard unit == .money else { return 0 }
        return (after.basis.isUnsure ? after.amount.rawValue : 0) - (before.basis.isUnsure ? before.amount.rawValue : 0)
    }
}
