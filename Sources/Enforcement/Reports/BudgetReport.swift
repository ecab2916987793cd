package import Budgets
package import Engine
package import WallTime

/// Where a principal's budgets stand in their periods of now, and where they are going.
package struct BudgetReport: Sendable, Equatable {
    /// A budget beside the principal's own.
    package struct Further: Sendable, Equatable {
        package var account: FurtherAccount
        package var forecast: Forecast
        /// In the budget's unit, an hour.
        package var burnRate: Int64?
    }

    package var account: BudgetAccount
    package var forecast: Forecast
    /// Money of an hour, over the last hours; nil when nothing is known.
    package var burnRate: NanoDollars?
    package var further: [Further]

    /// How far back the recent rate looks.
    package static let recentHours: Int64 = 24

    /// A row stands in the period in which it was last used or refreshed. When that one has ended since, the report is
    /// of the one that `now` lies in, unless access is taken away, which keeps the period for which it was. Who is gone
    /// spends no more, so that nothing is forecast.
    /// - Throws: the store's errors.
    package static func read<Transaction: ExecutionTransaction & BudgetLedger>(
        _ account: BudgetAccount, at now: Instant, _ transaction: Transaction
    ) throws -> BudgetReport {
        var known: [FurtherScope: [Further]] = [:]
        return try read(account, at: now, transaction, &known)
    }

    /// Several at once: what they share is added up once.
    /// - Throws: the store's errors.
    package static func read<Transaction: ExecutionTransaction & BudgetLedger>(
        _ accounts: [BudgetAccount], at now: Instant, _ transaction: Transaction
    ) throws -> [BudgetReport] {
        var known: [FurtherScope: [Further]] = [:]
        return try accounts.map { try read($0, at: now, transaction, &known) }
    }

    private static func read<Transaction: ExecutionTransaction & BudgetLedger>(
        _ account: BudgetAccount, at now: Instant, _ transaction: Transaction, _ known: inout [FurtherScope: [Further]]
    ) throws -> BudgetReport {
        var report = try own(account, at: now, transaction)
        for scope in report.account.furtherScopes {
            let found =
                try known[scope] ?? transaction.furtherBudgets(of: scope).map { try read($0, at: now, transaction) }
            known[scope] = found
            report.further += found
        }
        return report
    }

    /// The same without the budgets beside the own one.
    static func own<Transaction: ExecutionTransaction & BudgetLedger>(
        _ account: BudgetAccount, at now: Instant, _ transaction: Transaction
    ) throws -> BudgetReport {
        let status = account.standing.access.status
        let account = try status.keepsPeriod ? account : account.inPeriod(of: now, transaction)
        let since = recentSince(now, in: account.standing.period)
        let recent = try sums(of: .principal(account.principal.id), since: since, at: now, transaction)
        let course = account.course(at: now, recent: recent, since: since)
        let hasData = account.standing.spending.requests > 0 || account.standing.spending.unmetered > 0
        return BudgetReport(
            account: account, forecast: course.forecast(hasData: hasData && status != .closed),
            burnRate: hasData ? course.burnRate : nil, further: [])
    }

    package static func read<Transaction: ExecutionTransaction & BudgetLedger>(
        _ account: FurtherAccount, at now: Instant, _ transaction: Transaction
    ) throws -> Further {
        let account = try account.inPeriod(of: now, transaction)
        let since = recentSince(now, in: account.standing.period)
        let recent = try sums(of: account.budget.scope, since: since, at: now, transaction)
        let unit = account.budget.unit
        var course = Course(
            limit: NanoDollars(rawValue: account.budget.limit), period: account.standing.period,
            spent: NanoDollars(rawValue: account.standing.spent), now: now,
            recent: recent.map { NanoDollars(rawValue: $0.amount(in: unit)) }, recentSince: since)
        // What was used before it was made is not in it.
        course.countedSince = max(account.standing.period.start, account.createdAt)
        let hasData = account.standing.spent > 0
        return Further(
            account: account, forecast: course.forecast(hasData: hasData),
            burnRate: hasData ? course.burnRate?.rawValue : nil)
    }

    /// What was used of late; nil where the rollup can't tell (who is in the pool is not in it).
    private static func sums(
        of scope: FurtherScope, since: Instant, at now: Instant, _ transaction: some ExecutionTransaction & BudgetLedger
    ) throws -> UsageSums? {
        var query = UsageQuery(from: since.hour, to: now.hour + 1, limit: 1)
        switch scope {
        // Almost always nobody was renamed, and no session taken over.
        case .principal(let id) where try transaction.hasNameOwners():
            return try transaction.used(byAllNamesOf: id, since: since, now: now)
        case .principal(let id): query.principal = id
        case .team(let name): query.team = name
        case .everyone: break
        case .pool: return nil
        }
        return try transaction.usageGroups(query).first?.sums ?? UsageSums()
    }

    /// The beginning of the last hours, or of the period if that is later: of its first whole hour, since usage is kept
    /// by the hour, and what was used before the period is none of it.
    private static func recentSince(_ now: Instant, in period: Period) -> Instant {
        let first = period.start.hour
        let start = Instant(hour: first) == period.start ? period.start : Instant(hour: first + 1)
        return max(Instant(hour: now.hour - recentHours), start)
    }
}

extension BudgetAccount {
    fileprivate func course(at now: Instant, recent: UsageSums?, since: Instant) -> Course {
        Course(
            limit: budget.limit, period: standing.period, spent: standing.spending.total, now: now,
            recent: recent?.cost, recentSince: since)
    }

    /// Why access is as it is and when that ends, in a sentence or two.
    package func explanation(at now: Instant) -> String {
        let spent = "$\(standing.spending.total.roundedToCents) of $\(budget.limit.roundedToCents)"
        let end = standing.period.end.iso8601
        if let block, block.isInForce(at: now) {
            return "Blocked by \(block.by): \(block.reason). It ends: \(block.end)."
        }
        switch standing.access.status {
        case .active:
            let state = self.state
            let protection = protection.inForce(at: now).map { " Protected by \($0.by): \($0.reason)." } ?? ""
            if state != .exceeded {
                return "Active: \(spent) is spent; a new period begins at \(end).\(protection)"
            }
            let why = budget.mode == .observe ? "the budget only observes" : "nothing has taken it away"
            return "Active although \(spent) is spent: \(isProtected(at: now) ? "it is protected" : why).\(protection)"
        case .grace:
            let until = standing.access.graceUntil.map { ", at \($0.iso8601)" } ?? ""
            return "In grace: \(why(spent)). Access goes when grace ends\(until), unless the limit is raised."
        case .suspended:
            let returns =
                furtherCause == nil
                ? "after \(end), or when the limit is raised" : "when no budget is exceeded any more"
            return
                "Suspended since \(standing.access.since.iso8601) (\(standing.access.reason ?? "no reason is known")): "
                + "\(why(spent)). Access returns \(returns)."
        case .restoring: return "Its access is being given back."
        case .suspensionFailed: return "A suspension failed: access may still be there. A person has to look."
        case .restorationFailed: return "A restoration failed: access may still be missing. A person has to look."
        case .closed: return "The principal no longer exists."
        }
    }

    private func why(_ spent: String) -> String {
        guard let furtherCause else { return "\(spent) is spent" }
        return "the budget \(furtherCause) is exceeded (of its own, \(spent) is spent)"
    }
}

extension UsageSums {
    /// What counts towards a budget of that unit.
    package func amount(in unit: BudgetUnit) -> Int64 {
        switch unit {
        case .money: cost.rawValue
        case .tokens: allTokens
        case .requests: requests - errors
        }
    }
}
