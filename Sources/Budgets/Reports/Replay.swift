package import WallTime

/// What was used at an instant, as a replay needs it.
package struct RecordedUse: Sendable, Hashable {
    package var at: Instant
    package var principal: Principal
    package var team: String?
    package var cost: NanoDollars
    /// The part of the cost that is not sure. Of a whole hour, only what was charged at safe rates is known.
    package var fallbackCost: NanoDollars
    /// Of all classes.
    package var tokens: Int64
    /// Uses that Bedrock bills.
    package var requests: Int64

    package init(
        at: Instant, principal: Principal, team: String? = nil, cost: NanoDollars, fallbackCost: NanoDollars = .zero,
        tokens: Int64 = 0, requests: Int64 = 1
    ) {
        self.at = at
        self.principal = principal
        self.team = team
        self.cost = cost
        self.fallbackCost = fallbackCost
        self.tokens = tokens
        self.requests = requests
    }

    package func amount(in unit: BudgetUnit) -> Int64 {
        switch unit {
        case .money: cost.rawValue
        case .tokens: tokens
        case .requests: requests
        }
    }
}

/// Plays recorded usage against other budgets: who would have been warned, who suspended, when, and what would not have
/// been spent. The same thresholds, periods and decisions as metering's.
///
/// What is suspended stays so until its period ends. What somebody would have used while suspended counts as saved, and
/// towards no budget.
package struct Replay: Sendable {
    /// What became of one budget.
    package struct Line: Sendable {
        package let budget: FurtherBudget
        package fileprivate(set) var crossings: [Crossing] = []
        /// Crossings beyond those that are listed.
        package fileprivate(set) var furtherCrossings = 0
        package fileprivate(set) var suspensions: [Suspension] = []
        package fileprivate(set) var furtherSuspensions = 0
        package fileprivate(set) var saved = Outcome()
        /// Spent beyond the limit: during grace, by those who can't be suspended, and while a budget only observes.
        package fileprivate(set) var overshoot = NanoDollars.zero
        /// Why principals beyond the limit would have kept their access, and how many.
        package fileprivate(set) var spared: [SuspensionDecision.Reason: Set<PrincipalID>] = [:]

        fileprivate var standing: FurtherStanding?
        /// When access would have been gone in the current period.
        fileprivate var closedFrom: Instant?
        /// Whether those who had spent by then are among `suspended`.
        fileprivate var hasClosed = false
        /// Those whose access would be gone in this period.
        fileprivate var suspended: Set<PrincipalID> = []
        /// The last use of each in this period, of a budget that suspends.
        fileprivate var spenders: [PrincipalID: RecordedUse] = [:]
    }

    package struct Crossing: Sendable, Hashable {
        package var threshold: Threshold
        package var at: Instant
        /// Whose use it was.
        package var principal: PrincipalID
        /// In the budget's unit.
        package var spent: Int64
    }

    package struct Suspension: Sendable, Hashable {
        package var principal: PrincipalID
        package var from: Instant
        package var until: Instant
    }

    package struct Outcome: Sendable, Hashable {
        package var cost = NanoDollars.zero
        package var requests: Int64 = 0

        fileprivate mutating func add(_ use: RecordedUse) {
            cost = NanoDollars(rawValue: saturated(cost.rawValue, use.cost.rawValue))
            requests = saturated(requests, use.requests)
        }
    }

    /// Crossings and suspensions that are listed of one budget; the rest is counted.
    package static let mostListed = 200

    package private(set) var lines: [Line]
    /// All that was recorded, and what would still have been spent of it.
    package private(set) var recorded = Outcome()
    package private(set) var spent = Outcome()
    private let policy: SuspensionPolicy
    private let ofScope: [FurtherScope: [Int]]
    /// Those who have a budget in dollars of their own; a quota alone leaves one in the pool.
    private var outsidePool: Set<PrincipalID>

    package init(_ budgets: [FurtherBudget], policy: SuspensionPolicy) {
        lines = budgets.map(Line.init(budget:))
        // A replay starts suspensions of weeks within a second: the breaker is not for it.
        var policy = policy
        policy.maximumStarts = .max
        self.policy = policy
        ofScope = Dictionary(grouping: budgets.indices) { budgets[$0].scope }
        outsidePool = Set(
            budgets.compactMap { budget -> PrincipalID? in
                guard case .principal(let id) = budget.scope, budget.unit == .money else { return nil }
                return id
            })
    }

    /// Who has a budget in dollars of its own although none of the replay's is.
    package mutating func leaveOutOfPool(_ principals: Set<PrincipalID>) { outsidePool.formUnion(principals) }

    /// Takes the next use. Uses come in the order of time.
    package mutating func take(_ use: RecordedUse) {
        recorded.add(use)
        let indices = lines(of: use)
        close(indices, by: use.at)
        for index in indices { lines[index].move(to: use.at) }
        if let index = closedLine(of: use, indices) { return lines[index].block(use) }
        spent.add(use)
        for index in indices { charge(use, index) }
    }

    /// Suspends those whose grace has ended by then and who used nothing since. Call it when all uses are taken.
    package mutating func end(at instant: Instant) { close(lines.indices, by: instant) }

    /// Closes budgets whose grace has ended, the first one first.
    private mutating func close(_ indices: some Collection<Int>, by instant: Instant) {
        let due = indices.compactMap { index in lines[index].closing(by: instant).map { (at: $0, index: index) } }
        for (at, index) in due.sorted(by: { $0 < $1 }) {
            lines[index].hasClosed = true
            let spenders = lines[index].spenders.values.map { (name: $0.principal.id.description, use: $0) }
            for (_, use) in spenders.sorted(by: { $0.name < $1.name })
            where decision(use, [index]) == .suspend && !isSuspended(use, at: at) {
                lines[index].suspend(use.principal.id)
            }
        }
    }

    /// Whether another budget has taken the principal's access already.
    private func isSuspended(_ use: RecordedUse, at instant: Instant) -> Bool {
        lines(of: use).contains { index in
            let line = lines[index]
            guard let closed = line.closedFrom, let period = line.standing?.period, closed <= instant,
                instant < period.end
            else { return false }
            if line.suspended.contains(use.principal.id) { return true }
            // It is closed with the next use that it counts.
            return !line.hasClosed && line.spenders[use.principal.id] != nil && decision(use, [index]) == .suspend
        }
    }

    private func lines(of use: RecordedUse) -> [Int] {
        let own = ofScope[.principal(use.principal.id)] ?? []
        let team = use.team.flatMap { ofScope[.team($0)] } ?? []
        let pool = outsidePool.contains(use.principal.id) ? [] : ofScope[.pool] ?? []
        return own + team + pool + (ofScope[.everyone] ?? [])
    }

    /// The budget that would have kept the use from happening: the one that closed first.
    private func closedLine(of use: RecordedUse, _ indices: [Int]) -> Int? {
        let closed = indices.filter { lines[$0].closedFrom.map { $0 <= use.at } ?? false }
        guard !closed.isEmpty, decision(use, closed) == .suspend else { return nil }
        return closed.min { lines[$0].closedFrom ?? .distantFuture < lines[$1].closedFrom ?? .distantFuture }
    }

    private mutating func charge(_ use: RecordedUse, _ index: Int) {
        let wasExceeded = lines[index].isExceeded
        let crossed = lines[index].charge(use)
        guard lines[index].isExceeded else { return }
        let beyond = wasExceeded ? use.cost : lines[index].excess(of: use)
        lines[index].overshoot = saturatedSum(lines[index].overshoot, beyond)
        if crossed.contains(.exceeded), lines[index].budget.mode == .enforce {
            lines[index].closedFrom = use.at + .seconds(lines[index].budget.graceSeconds)
        }
        if case .spare(let reason) = decision(use, [index]) {
            lines[index].spared[reason, default: []].insert(use.principal.id)
        }
    }

    private func decision(_ use: RecordedUse, _ indices: [Int]) -> SuspensionDecision {
        let exceeded = indices.compactMap { index in
            lines[index].standing.flatMap { ExceededBudget(lines[index].budget, $0) }
        }
        let standing = Standing(
            budget: Self.unlimited.id, period: Period(start: use.at, end: .distantFuture),
            access: Access(status: .active, since: use.at))
        return SuspensionCase(
            budget: Self.unlimited, standing: standing, principal: use.principal, further: exceeded
        ).decision(under: policy)
    }

    /// The account that each principal has: out of the way here.
    private static let unlimited = Budget.unlimited
}

extension Replay.Line {
    fileprivate init(budget: FurtherBudget) { self.budget = budget }

    fileprivate var isExceeded: Bool { standing.map { budget.state(spent: $0.spent) == .exceeded } ?? false }

    /// Begins the period that holds `instant`; what was closed opens with it.
    fileprivate mutating func move(to instant: Instant) {
        guard let known = standing?.period else {
            standing = FurtherStanding(period: budget.periodRule.firstPeriod(containing: instant))
            return
        }
        guard known.end <= instant else { return }
        standing = FurtherStanding(period: budget.periodRule.period(containing: instant, countedFrom: known))
        closedFrom = nil
        hasClosed = false
        suspended = []
        spenders = [:]
    }

    /// When it closes, where that is due by `instant` and not done. A grace that outlasts the period closes nothing.
    fileprivate func closing(by instant: Instant) -> Instant? {
        guard !hasClosed, let closedFrom, let standing, closedFrom <= instant, closedFrom < standing.period.end
        else { return nil }
        return closedFrom
    }

    fileprivate mutating func charge(_ use: RecordedUse) -> [Threshold] {
        guard var now = standing else { return [] }
        if budget.mode == .enforce { spenders[use.principal.id] = use }
        now.spent = saturated(now.spent, use.amount(in: budget.unit))
        if budget.unit == .money { now.spentAtFallback = saturated(now.spentAtFallback, use.fallbackCost.rawValue) }
        let crossed = now.announceCrossings(under: budget)
        standing = now
        for threshold in crossed {
            guard crossings.count < Replay.mostListed else {
                furtherCrossings += 1
                continue
            }
            crossings.append(
                Replay.Crossing(threshold: threshold, at: use.at, principal: use.principal.id, spent: now.spent))
        }
        return crossed
    }

    /// What lies beyond the limit of the use that has reached it. Of a quota's nobody can tell what it cost.
    fileprivate func excess(of use: RecordedUse) -> NanoDollars {
        guard budget.unit == .money, let standing else { return .zero }
        return NanoDollars(rawValue: max(0, min(use.cost.rawValue, standing.spent - budget.limit)))
    }

    fileprivate mutating func block(_ use: RecordedUse) {
        saved.add(use)
        suspend(use.principal.id)
    }

    fileprivate mutating func suspend(_ principal: PrincipalID) {
        guard let closedFrom, let standing, suspended.insert(principal).inserted else { return }
        guard suspensions.count < Replay.mostListed else {
            furtherSuspensions += 1
            return
        }
        suspensions.append(
            Replay.Suspension(principal: principal, from: closedFrom, until: standing.period.end))
    }
}

private func saturatedSum(_ left: NanoDollars, _ right: NanoDollars) -> NanoDollars {
    NanoDollars(rawValue: saturated(left.rawValue, right.rawValue))
}

extension Budget {
    /// A budget that nothing exceeds.
    fileprivate static let unlimited = Budget(
        withoutLimitFor: PrincipalID(account: "000000000000", kind: .root, name: "root"))

    private init(withoutLimitFor principal: PrincipalID) {
        scope = .principal(principal)
        limit = NanoDollars(rawValue: .max)
        thresholds = .standard
        periodRule = .standard
        mode = .enforce
        enforcement = .both
        graceSeconds = 0
        isProtected = false
    }
}
