import Budgets
import Engine
import WallTime

/// Whose the uses under a name are, each name looked up once for a batch: a user that was renamed goes on paying for what is
/// logged under its old name, and for what is used in sessions that it got with GetFederationToken.
struct NameOwners<Transaction: ExecutionTransaction & BudgetLedger> {
    /// How long after a renaming calls may still be logged under the old name: IAM's changes take a while to be everywhere.
    static var settling: Duration { .seconds(300) }
    /// The longest that a session of GetFederationToken may last.
    static var longestSession: Duration { .seconds(36 * 3600) }
    /// A name that was handed on this often goes nowhere.
    private static var mostHops: Int { 16 }

    private let desk: Desk<Transaction>
    /// Almost always nothing is remembered: then nothing is looked up for any use.
    private let hasAny: Bool
    private var known: [PrincipalID: [NameOwner]] = [:]

    init(desk: Desk<Transaction>) throws {
        self.desk = desk
        hasAny = try desk.transaction.hasNameOwners()
    }

    /// The use as whoever owns the name it was logged under has to pay it.
    mutating func attributed(_ event: UsageEvent) throws -> UsageEvent {
        guard hasAny, let payer = try owner(of: event.principal, at: event.at, settling: Self.settling) else {
            return event
        }
        var event = event
        event.principal = payer
        return event
    }

    /// What happened to somebody before the name was given up happened to whoever has the new one. That a user was made,
    /// deleted or renamed is about the name.
    mutating func attributed(_ event: PrincipalEvent) throws -> PrincipalEvent {
        switch event.occurrence {
        case .created, .deleted, .renamed: return event
        default: break
        }
        guard hasAny, let holder = try owner(of: event.principal, at: event.at, settling: .zero) else { return event }
        var event = event
        // Whose the session is was found out here, and is no news.
        event.principal = Principal(id: holder.id, partition: holder.partition, path: holder.path)
        return event
    }

    /// - Returns: nil where the name is its own.
    private mutating func owner(
        of principal: Principal, at instant: Instant, settling: Duration
    ) throws -> Principal? {
        switch principal.id.kind {
        case .user:
            let last = try latestName(of: principal.id, since: instant, settling: settling)
            guard last != principal.id else { return nil }
            return Principal(
                id: last, partition: principal.partition, path: principal.path, session: principal.session)
        case .federatedUser:
            return try issuer(of: principal.id, at: instant).map {
                Principal(id: $0, partition: principal.partition, session: principal.id.name)
            }
        case .role, .root: return nil
        }
    }

    /// The user who has asked for sessions of that name.
    /// - Returns: nil where nobody has, or several have: then a use is the name's own, as it is where the name has terms of
    ///   its own.
    private mutating func issuer(of session: PrincipalID, at instant: Instant) throws -> PrincipalID? {
        var issuers: Set<PrincipalID> = []
        for asked in try owners(of: session) where asked.at + Self.longestSession >= instant {
            issuers.insert(try latestName(of: asked.owner, since: asked.at))
        }
        guard issuers.count == 1, let issuer = issuers.first else { return nil }
        let own = try desk.transaction.account(BudgetScope.principal(session).budgetID)
        return own?.hasOwnTerms == true ? nil : issuer
    }

    /// The name that whoever had this one at an instant has now: it may have been handed on several times since.
    mutating func latestName(
        of name: PrincipalID, since instant: Instant, settling: Duration = .zero
    ) throws -> PrincipalID {
        var (current, time, hops) = (name, instant, 0)
        while hops < Self.mostHops, let later = try next(after: current, since: time, hops == 0 ? settling : .zero) {
            (current, time, hops) = (later.owner, later.at, hops + 1)
        }
        return current
    }

    private mutating func next(
        after name: PrincipalID, since time: Instant, _ settling: Duration
    ) throws -> NameOwner? {
        let all = try owners(of: name)
        if let former = all.last(where: { $0.at < time && $0.at + settling >= time }) {
            // Calls of whoever was made anew under the name are its own at once, or whoever has its next name.
            let madeAt = try desk.transaction.trail(of: name)?.createdAt
            if madeAt.map({ $0 <= former.at }) ?? true { return former }
        }
        return all.first { $0.at >= time }
    }

    private mutating func owners(of name: PrincipalID) throws -> [NameOwner] {
        if let found = known[name] { return found }
        let found = try desk.transaction.owners(of: name)
        known[name] = found
        return found
    }
}
