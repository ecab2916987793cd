import Budgets
import Engine
import JSONModel
package import WallTime
import Words

/// Whom the deny of a role that several share names.
enum RoleScope: Equatable {
    case sessions([String])
    /// It can't be said, and why: nobody is denied then.
    case unknown(String)

    /// Sessions that one deny names at most, as many as an inline policy of a role holds with room to spare.
    static let maximumSessions = 80

    /// Uses that are looked through for sessions, the latest of the period: that bounds how long everything else waits.
    /// A session that is not among them is named once it spends again, as one that begins later is.
    static let latestUses = 200_000
}

extension Desk {
    /// The sessions of a shared role that have spent in the account's period.
    func roleScope(of account: BudgetAccount) throws -> RoleScope {
        let names = try transaction.sessions(
            of: account.principal.id, since: account.standing.period.start, amongLatest: RoleScope.latestUses,
            limit: RoleScope.maximumSessions + 1
        ).map(\.session)
        guard !names.isEmpty else { return .unknown("no usage in this period says in which session it was") }
        guard names.count <= RoleScope.maximumSessions else {
            return .unknown(
                "more than \(RoleScope.maximumSessions) sessions have spent in this period, and one deny can't name them"
            )
        }
        // RoleSessionName, as STS documents it. Anything else did not come from STS, and `*` would deny everybody.
        guard names.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_+=,.@\-]{2,64}/) != nil }) else {
            return .unknown("the usage names sessions that can't exist")
        }
        return .sessions(names)
    }

    /// Whether a suspension was declined in this period since nobody could say which sessions to deny, and would be
    /// again: then it is not tried again, and nobody is told twice.
    func isStillUnscopable(_ account: BudgetAccount) throws -> Bool {
        guard account.declinedSince != nil, settings.access.isShared(account.principal) else { return false }
        guard case .unknown = try roleScope(of: account) else { return false }
        return true
    }

    /// Asks for the deny of a suspended shared role to be looked at, when it was used after it was suspended: a session
    /// that began later is not in it yet. Once a minute at most, whatever the sessions: a look names all of them, and
    /// where every call has a session of its own, a look for each would leave IAM no time for anything else.
    func askForSession(_ account: BudgetAccount, _ event: UsageEvent) throws {
        let access = account.standing.access
        guard access.status == .suspended, event.at > access.since, let session = event.principal.session,
            settings.access.isShared(account.principal)
        else { return }
        let request = SuspensionRequest(account, reason: .budgetExceeded)
        let minute = now.milliseconds / 60_000
        var asked = self.event(
            "Session Beyond Deny",
            id: "session-beyond-deny/\(account.id)/\(access.since.milliseconds)/\(minute)", request)
        asked.detail = request.json.setting("session", .string(session))
        _ = try publish(asked)
    }
}

extension BudgetAccount {
    /// Since when a suspension of a shared role is declined because nobody could say which sessions to deny; nil when it
    /// is not, or was in a period that is over.
    package var declinedSince: Instant? {
        let access = standing.access
        guard access.status == .active, access.reason == SuspensionDecision.Reason.unscopableRole.rawValue,
            access.since >= standing.period.start
        else { return nil }
        return access.since
    }
}

extension RadarProbe {
    /// Roles that are beyond their budget and keep access, since a deny could not be limited to those who spent.
    package static func declinedSuspensions<Transaction: BudgetLedger>(
        read: @escaping LedgerReader<Transaction>
    ) -> RadarProbe {
        RadarProbe(Wording("declined suspensions", es: "las suspensiones que no se hicieron")) { _ in
            try await read { transaction in
                try transaction.accounts(AccountQuery(.exceeded, limit: 10_000)).compactMap { account in
                    account.declinedSince.map { finding(account, since: $0) }
                }
            }
        }
    }

    private static func finding(_ account: BudgetAccount, since: Instant) -> RadarFinding {
        let (spent, limit) = (account.standing.spending.total, account.budget.limit)
        return RadarFinding(
            .declined, .warning, subject: account.principal.id.description,
            Wording(
                "\(account.principal.id.name) has spent $\(spent) of $\(limit) and keeps access since \(since.iso8601): "
                    + "several share the role, and a deny could not be limited to those who spent",
                es: "\(account.principal.id.name) ha gastado \(SpanishNumber.dollars(spent.description)) de "
                    + "\(SpanishNumber.dollars(limit.description)) y conserva el acceso desde \(since.iso8601): varios "
                    + "comparten el rol, y la denegación no se pudo limitar a quienes gastaron"),
            advice: Wording(
                "give each its own role, or take the role out of access.sharedRoles to deny it as a whole",
                es: "dé a cada uno su propio rol, o quite el rol de access.sharedRoles para denegarlo entero"))
    }
}
