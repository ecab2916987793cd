import Budgets
import Engine
import JSONModel
import WallTime

/// What was charged to one name went over to another: a user got another name (`carryOver`), or CloudTrail told whose a
/// session is (`takeOver`). The ledger's uses keep the name that they were charged to; the audit log tells who pays for it now,
/// for as long as there is a ledger, and by when it was done: names are given to others, and the same name goes over again.
struct Handover: Hashable {
    enum Kind: Hashable { case renaming, session }

    let kind: Kind
    let from: PrincipalID
    let to: PrincipalID
    /// When the sums were moved.
    let at: Instant
    /// When the user got its other name, or asked for the session.
    let happenedAt: Instant
    /// The beginning of the first period whose sums were moved: what was used before stayed where it was.
    let since: Instant

    /// One that came after another. In one instant much may be done: then it goes by when it happened.
    fileprivate func isLater(than other: Handover) -> Bool { (other.at, other.happenedAt) < (at, happenedAt) }
}

/// Where a use counts that was charged to a name.
struct ChargeCourse: Hashable {
    /// The name that the ledger has.
    let used: PrincipalID
    /// Whose memberships decided which shared budgets paid: the name's own, or those of the user who took its session over.
    let member: PrincipalID
    /// Whose budget has it in its sums.
    let owner: PrincipalID
    /// Who has by now what was the member's own.
    let heir: PrincipalID
    /// Nil for what was charged to its member from the start.
    let taken: Handover?

    /// What tells it from another.
    var names: [PrincipalID] { [used, owner, heir, member] }
}

/// The time for which a name was a user's.
struct NamedTime: Equatable {
    let name: PrincipalID
    /// Nil for all that was before.
    var from: Instant?
    /// Nil for all that is after.
    var to: Instant?
}

/// Who pays for what, each name looked up once.
struct Handovers<Transaction: ExecutionTransaction & BudgetLedger> {
    /// A name that was handed on this often goes nowhere.
    private static var mostHops: Int { 16 }
    /// Names that are looked at for one user, the latest first: sessions may have any number of them.
    private static var mostNames: Int { 200 }
    /// Entries of one name that are looked through, the latest first.
    private static var mostEntries: Int { 1000 }

    private struct Known {
        /// To others, the earliest first.
        var departures: [Handover]
        /// From others, the latest first.
        var arrivals: [Handover]
    }

    private let transaction: Transaction
    private var known: [PrincipalID: Known] = [:]

    init(_ transaction: Transaction) { self.transaction = transaction }

    /// Where a use counts by now.
    mutating func course(of use: ChargedUse) throws -> ChargeCourse {
        let used = use.usage.event.principal.id
        let chain = try chain(of: use)
        let taken = chain.first.flatMap { $0.kind == .session ? $0 : nil }
        var owner = used
        for handover in chain {
            guard try handover.moved(use, transaction) else { break }
            owner = handover.to
        }
        return ChargeCourse(
            used: used, member: taken?.to ?? used, owner: owner, heir: chain.last?.to ?? used, taken: taken)
    }

    /// All that has happened to what the use's name was charged for, since it was recorded.
    private mutating func chain(of use: ChargedUse) throws -> [Handover] {
        var chain: [Handover] = []
        var name = use.usage.event.principal.id
        while chain.count < Self.mostHops, name.kind == .user || name.kind == .federatedUser {
            let departures = try known(name).departures
            let next = departures.first { next in
                chain.last.map { next.at >= $0.at && next.happenedAt >= $0.happenedAt }
                    ?? next.concerns(use, settling: NameOwners<Transaction>.settling)
            }
            guard let next, !chain.contains(next) else { break }
            chain.append(next)
            name = next.to
        }
        return chain
    }

    /// The names, and when, under which a user was charged since an instant: its own one first. Whoever had a name of it
    /// before, or has one now, is another.
    mutating func names(of user: PrincipalID, since start: Instant) throws -> [NamedTime] {
        var names: [NamedTime] = []
        // A name with the handover by which it ended; nil for the one of now.
        var open: [(name: PrincipalID, end: Handover?)] = [(user, nil)]
        while let (name, end) = open.popLast(), names.count < Self.mostNames {
            let known = try known(name)
            // Whoever gave the name up before was somebody else.
            let before = known.departures.last { end?.isLater(than: $0) ?? true }
            names.append(NamedTime(name: name, from: before?.at, to: end?.at))
            for arrival in known.arrivals where arrival.at > start {
                guard before.map(arrival.isLater) ?? true, end?.isLater(than: arrival) ?? true else { continue }
                switch arrival.kind {
                case .renaming: open.append((arrival.from, arrival))
                case .session:
                    let first = arrival.happenedAt - NameOwners<Transaction>.longestSession
                    names.append(NamedTime(name: arrival.from, from: first, to: arrival.at))
                }
            }
        }
        return Array(names.prefix(Self.mostNames))
    }

    private mutating func known(_ name: PrincipalID) throws -> Known {
        if let found = known[name] { return found }
        let entries = try transaction.auditEntries(subject: name.description, limit: Self.mostEntries)
        let found = Known(
            departures: entries.reversed().compactMap { Handover(leaving: name, $0) },
            arrivals: entries.compactMap { Handover(reaching: name, $0) })
        known[name] = found
        return found
    }
}

extension Handover {
    /// Whether it is about a use that was charged to its name: one that was recorded before it.
    fileprivate func concerns(_ use: ChargedUse, settling: Duration) -> Bool {
        let recordedAt = use.usage.recordedAt
        guard recordedAt == at, kind == .renaming else { return recordedAt <= at }
        // In the same instant the name may have been given to somebody else already.
        return use.usage.event.at <= happenedAt + settling
    }

    /// Whether the sum that the use was in went along.
    fileprivate func moved(_ use: ChargedUse, _ transaction: some BudgetLedger) throws -> Bool {
        let instant = use.usage.event.at
        guard kind == .renaming else { return instant >= since }
        let kept = try transaction.spending(of: BudgetScope.principal(from).budgetID, at: instant)
        return kept.map { $0.period.end > since } ?? (instant >= since)
    }

    /// The handover from a name that its audit log tells of, if the entry is one.
    fileprivate init?(leaving name: PrincipalID, _ entry: AuditEntry) {
        let kind: Kind
        switch entry.action {
        case "principal.closed" where entry.detail["reason"]?.stringValue == "renamed": kind = .renaming
        case "session.taken-over": kind = .session
        default: return nil
        }
        guard let to = entry.principal("after"), let happenedAt = entry.instant("at") else { return nil }
        self.init(
            kind: kind, from: name, to: to, at: entry.at, happenedAt: happenedAt,
            since: entry.instant("periodStart") ?? happenedAt)
    }

    /// The handover to a name that its audit log tells of, if the entry is one.
    fileprivate init?(reaching name: PrincipalID, _ entry: AuditEntry) {
        let (kind, member): (Kind, String)
        switch entry.action {
        case "principal.renamed": (kind, member) = (.renaming, "before")
        case "session.charged-to-user": (kind, member) = (.session, "session")
        default: return nil
        }
        guard let from = entry.principal(member) else { return nil }
        let happenedAt = entry.instant("at") ?? entry.at
        self.init(
            kind: kind, from: from, to: name, at: entry.at, happenedAt: happenedAt,
            since: entry.instant("periodStart") ?? happenedAt)
    }
}

extension AuditEntry {
    fileprivate func principal(_ member: String) -> PrincipalID? {
        detail[member]?.stringValue.flatMap { PrincipalID($0) }
    }

    fileprivate func instant(_ member: String) -> Instant? {
        detail[member]?.stringValue.flatMap { Instant(iso8601: $0) }
    }
}
