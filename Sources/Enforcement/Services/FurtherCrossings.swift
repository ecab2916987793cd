import Budgets
import Engine
import JSONModel
import WallTime

/// Members that one transaction suspends when a shared budget is used up, and looks at: the monitor goes on with the
/// rest, and whoever spends meanwhile is suspended for it.
private let membersAtOnce = 2000
private let membersSeenAtOnce = 20_000

/// What became of one member of a shared budget.
enum MemberOutcome {
    case actedOn, passed
    /// Nobody else is to be looked at.
    case enough
}

extension Desk {
    /// The further budgets that apply to the account and are used up in their period of now.
    func exceededFurtherBudgets(of account: BudgetAccount) throws -> [ExceededBudget] {
        try furtherBudgets(of: account).compactMap { ExceededBudget($0.budget, $0.standing) }
    }

    /// All further budgets that apply to the account, each in its period of now.
    package func furtherBudgets(of account: BudgetAccount) throws -> [FurtherAccount] {
        try account.furtherScopes.flatMap { try transaction.furtherBudgets(of: $0) }.map(current)
    }

    /// The budget in its period of now, with nothing written.
    package func current(_ account: FurtherAccount) throws -> FurtherAccount {
        try account.inPeriod(of: now, transaction)
    }

    func save(_ account: FurtherAccount) throws {
        var account = account
        account.updatedAt = now
        try transaction.saveFurtherBudget(account)
    }

    /// Announces the thresholds that a further budget has crossed, each once in a period.
    /// - Returns: the thresholds that are new.
    func announceCrossings(of account: inout FurtherAccount) throws -> [Threshold] {
        let crossed = account.standing.announceCrossings(under: account.budget)
        guard let highest = crossed.last else { return [] }
        let kind: Notice.Kind =
            switch highest {
            case .warning: .budgetWarning
            case .critical: .budgetCritical
            // What follows from it is told for each principal; this is about the budget itself.
            case .exceeded: .furtherBudgetExceeded
            }
        try tell(
            Notice(
                id: "\(kind.rawValue)/\(account.crossing)", kind: kind, principal: account.budget.scope.principal,
                data: account.noticeData, at: now))
        return crossed
    }

    /// Suspends an account that has access when a further budget that applies to it is used up and nothing was done about
    /// it for this account yet. Who has spent nothing, because its calls failed, say, keeps access.
    /// - Returns: whether the account was changed.
    func actOnFurtherBudgets(_ account: inout BudgetAccount) throws -> Bool {
        guard account.isMemberToSuspend else { return false }
        let exceeded = try furtherBudgets(of: account).filter { $0.state == .exceeded }
        let strictest = exceeded.compactMap { further in
            ExceededBudget(further.budget, further.standing).map { (further.crossing, $0) }
        }.min { ExceededBudget.isStricter($0.1, $1.1) }
        guard let (crossing, _) = strictest, account.furtherCrossing != crossing else { return false }
        // While the breaker is open the mark is not set, so that the monitor and the next use come back to it.
        guard try suspendOrSpare(&account) != .spare(.circuitBreaker) else { return false }
        account.furtherCrossing = crossing
        return true
    }

    /// Suspends those who spent from a shared budget that is used up. Who has not spent in its own period is left until
    /// it does: the breaker's places are for those who cost something.
    func suspendMembers(of further: FurtherAccount) throws {
        try forEachMember(of: further) { account in
            guard account.furtherCrossing != further.crossing else { return .passed }
            guard try suspendOrSpare(&account) != .spare(.circuitBreaker) else { return .enough }
            account.furtherCrossing = further.crossing
            try save(account)
            return .actedOn
        }
    }

    /// Whether somebody with access is to be suspended now: blocked, beyond the own limit, or a spender beyond a shared
    /// one.
    func isToLoseAccess(_ account: BudgetAccount) throws -> Bool {
        let isConcerned = account.block.inForce(at: now) != nil || account.state == .exceeded || account.hasSpent
        return try isConcerned && decision(account) == .suspend
    }

    /// Those with access that have spent, until `membersAtOnce` were acted on, or `body` says that it is enough.
    func forEachMember(of further: FurtherAccount, _ body: (inout BudgetAccount) throws -> MemberOutcome) throws {
        var after: BudgetID?
        var (seen, actedOn) = (0, 0)
        repeat {
            let page = try transaction.accounts(
                AccountQuery(.members(of: further.budget.scope), after: after, limit: 200))
            for var account in page where account.isMemberToSuspend {
                switch try body(&account) {
                case .actedOn: actedOn += 1
                case .passed: break
                case .enough: return
                }
            }
            seen += page.count
            after = page.count == 200 ? page.last?.id : nil
        } while after != nil && actedOn < membersAtOnce && seen < membersSeenAtOnce
    }
}

extension BudgetAccount {
    /// Has access, be it in a grace that a stricter budget may shorten, and has spent of what it shares.
    fileprivate var isMemberToSuspend: Bool {
        [.active, .grace].contains(standing.access.status) && hasSpent
    }

    /// In the period that it stands in, be it what nobody could price.
    fileprivate var hasSpent: Bool { standing.spending.requests + standing.spending.unmetered > 0 }
}

extension FurtherScope {
    /// Whom a budget of one principal is about.
    var principal: PrincipalID? { if case .principal(let id) = self { id } else { nil } }
}

extension FurtherAccount {
    /// What a message about the budget may say.
    var noticeData: JSONValue {
        let percent = NanoDollars(rawValue: standing.spent).perMille(of: NanoDollars(rawValue: budget.limit)) / 10
        return [
            "budgetId": .string(id.rawValue), "scope": .string(budget.scope.description),
            "unit": .string(budget.unit.rawValue), "spentAmount": .int(standing.spent),
            "limitAmount": .int(budget.limit), "percent": .int(Int64(percent)),
            "text": .string("\(budget.unit.text(standing.spent)) of \(budget.unit.text(budget.limit))"),
            "periodStart": .string(standing.period.start.iso8601), "periodEnd": .string(standing.period.end.iso8601),
            "mode": .string(budget.mode.rawValue),
        ]
    }
}
