package import Budgets
import Engine
package import JSONModel
import WallTime

/// What people order for one principal, whatever it has spent.
package enum HoldCommands {
    /// Takes access away on a person's word, at once and until `end`; goes past a protection. A suspended principal
    /// stays suspended until the block is over, even when its budget is not exceeded any more.
    /// - Throws: `HoldError`, `RenamedPrincipal`.
    package static func block<Transaction>(
        _ principal: Principal, until end: HoldEnd, reason: String, by actor: String, _ desk: Desk<Transaction>
    ) throws -> BudgetAccount {
        let block = try desk.hold(until: end, reason: reason, by: actor)
        var account = try desk.accountForPerson(principal, by: actor)
        try desk.requireName(of: account)
        account.block = block
        try desk.audit("principal.blocked", by: actor, subject: principal.id.description, block.json)
        switch try desk.decision(account) {
        case .suspend: try desk.suspendOrSpare(&account)
        case .spare(.blockedByPerson), .spare(.restorationUnderWay), .spare(.closed): break
        // Nothing is kept of an order that can't be carried out.
        case .spare(let reason): throw HoldError.untouchable(principal.id, reason)
        }
        try desk.save(account)
        try desk.startTimer(of: block, account)
        return account
    }

    /// Lifts a block. Access comes back unless a budget stands against it.
    /// - Parameter protecting: gives it back in any case, protected until the next reset.
    /// - Throws: `HoldError.notBlocked`.
    package static func unblock<Transaction>(
        _ principal: Principal, reason: String, protecting: Bool, by actor: String, _ desk: Desk<Transaction>
    ) throws -> BudgetAccount {
        let id = BudgetScope.principal(principal.id).budgetID
        guard var account = try desk.transaction.account(id), let block = account.block else {
            throw HoldError.notBlocked(principal.id)
        }
        account.block = nil
        let detail: JSONValue = ["reason": .string(reason), "block": block.json, "protecting": .bool(protecting)]
        try desk.audit("principal.unblocked", by: actor, subject: principal.id.description, detail)
        if protecting {
            account.protection = try desk.hold(until: .nextReset, reason: reason, by: actor)
            try desk.tellProtection(of: account, by: actor)
        }
        try desk.save(account)
        // Who is protected is not suspended for a budget: with the block, all that kept the access away is gone.
        _ = try desk.restoreIfEligible(
            &account, reason: .blockLifted, isOverride: protecting || account.isProtected(at: desk.now))
        return account
    }

    /// A person's word that a principal is never suspended automatically, only reported, until `end`. One that is
    /// suspended stays so.
    /// - Throws: `HoldError`, `RenamedPrincipal`.
    package static func protect<Transaction>(
        _ principal: Principal, until end: HoldEnd, reason: String, by actor: String, _ desk: Desk<Transaction>
    ) throws -> BudgetAccount {
        let protection = try desk.hold(until: end, reason: reason, by: actor)
        var account = try desk.accountForPerson(principal, by: actor)
        try desk.requireName(of: account)
        account.protection = protection
        try desk.audit("principal.protected", by: actor, subject: principal.id.description, protection.json)
        try desk.tellProtection(of: account, by: actor)
        try desk.save(account)
        return account
    }

    /// Takes the word back. What is exceeded by then is acted upon by the next use or the monitor.
    /// - Throws: `HoldError.notProtected`.
    package static func unprotect<Transaction>(
        _ principal: Principal, reason: String, by actor: String, _ desk: Desk<Transaction>
    ) throws -> BudgetAccount {
        let id = BudgetScope.principal(principal.id).budgetID
        guard var account = try desk.transaction.account(id), account.protection != nil || account.budget.isProtected
        else { throw HoldError.notProtected(principal.id) }
        let detail: JSONValue = ["reason": .string(reason), "protection": account.protection?.json ?? .null]
        account.protection = nil
        account.budget.isProtected = false
        try desk.audit("principal.unprotected", by: actor, subject: principal.id.description, detail)
        try desk.tellProtection(of: account, by: actor, why: reason)
        try desk.save(account)
        return account
    }
}

/// Why a person's order is not carried out.
package enum HoldError: Error, Equatable, Sendable, CustomStringConvertible {
    case endInThePast
    case endTooFar
    case noReason
    case untouchable(PrincipalID, SuspensionDecision.Reason)
    case notBlocked(PrincipalID)
    case notProtected(PrincipalID)

    package var description: String {
        switch self {
        case .endInThePast: "the end lies in the past; give one that is still to come"
        case .endTooFar: "the end lies beyond the year 9999; say permanent where no end is meant"
        case .noReason: "a reason is missing; whoever looks at the audit log later needs it"
        case .untouchable(let id, let reason): "\(id) can't be blocked: \(reason.rawValue)"
        case .notBlocked(let id): "\(id) is not blocked by a person"
        case .notProtected(let id): "\(id) is not protected"
        }
    }
}

extension Desk {
    /// Tells who has protected a principal, or does so no more: whoever is protected may spend without end.
    /// - Parameter why: where the protection itself does not say it.
    func tellProtection(of account: BudgetAccount, by actor: String, why: String? = nil) throws {
        let isProtected = account.isProtected(at: now)
        var notice = notice(.protectionChanged, account, SuspensionRequest(account, reason: .protected))
        notice.id = "\(notice.kind.rawValue)/\(account.id)/\(now.milliseconds)/\(isProtected)"
        notice.data = notice.data.setting("isProtected", .bool(isProtected)).setting("by", .string(actor))
        if let why { notice.data = notice.data.setting("why", .string(why)) }
        if let protection = account.protection { notice.data = notice.data.setting("protection", protection.json) }
        try tell(notice)
    }

    fileprivate func hold(until end: HoldEnd, reason: String, by actor: String) throws(HoldError) -> Hold {
        if case .at(let instant) = end, instant <= now { throw .endInThePast }
        if case .at(let instant) = end, instant > HoldEnd.latest { throw .endTooFar }
        guard !reason.isEmpty else { throw .noReason }
        return Hold(end: end, reason: reason, by: actor, since: now)
    }

    /// The account of a principal that a person names, made with the default budget when there is none.
    fileprivate func accountForPerson(_ principal: Principal, by actor: String) throws -> BudgetAccount {
        if let known = try transaction.account(BudgetScope.principal(principal.id).budgetID) { return known }
        let budget = try settings.defaultBudget.budget(for: principal.id)
        return try openAccount(budget, principal: principal, firstUse: now, isDiscovered: false, by: actor)
    }

    /// Asks for the workflow that lifts a block when its time is over.
    func startTimer(of block: Hold, _ account: BudgetAccount) throws {
        guard case .at(let instant) = block.end else { return }
        let principal = account.principal
        let detail: JSONValue = [
            "budgetId": .string(account.id.rawValue), "principalId": .string(principal.id.description),
            "blockedAt": .string(block.since.iso8601), "until": .string(instant.iso8601),
        ]
        _ = try publish(
            BusEvent(
                id: "block-timer/\(account.id)/\(block.since.milliseconds)", source: Self.eventSource,
                detailType: "Block Timer", at: now, account: settings.account, region: settings.region,
                resources: [principal.arn], detail: detail))
    }

    /// Ends the holds of an account that are over. The caller saves it.
    /// - Parameter reset: when a reset was due: holds until the next reset that are older end, too; nil for none.
    func endHolds(of account: inout BudgetAccount, by actor: String, reset: Instant?) throws {
        func isOver(_ hold: Hold) -> Bool {
            !hold.isInForce(at: now) || (hold.end == .nextReset && reset.map { hold.since <= $0 } == true)
        }
        let subject = account.principal.id.description
        if let block = account.block, isOver(block) {
            account.block = nil
            try audit("block.ended", by: actor, subject: subject, block.json)
        }
        if let protection = account.protection, isOver(protection) {
            account.protection = nil
            try audit("protection.ended", by: actor, subject: subject, protection.json)
        }
    }

    /// Starts the restoration of an account that lacks access when nothing stands against it. While a suspension is tried
    /// again, or a restoration is at work, none is begun beside it: the monitor looks again. A suspension that was stopped
    /// half-way may have left somebody in grace who has no access.
    /// - Returns: whether a workflow was started.
    func restoreIfEligible(
        _ account: inout BudgetAccount, reason: SuspensionRequest.Reason, isOverride: Bool = false
    ) throws -> Bool {
        if try isInterrupted(account), try mayReturn(account, isOverride: isOverride) {
            try noteInterrupted(&account, reason: reason.rawValue, by: "steward:budgets")
        }
        let status = account.standing.access.status
        let mayBeAtWork = status == .suspensionFailed || status == .restoring
        guard status.lacksAccess, try !(mayBeAtWork && hasRunningWorkflow(account)),
            case .yes = try eligibility(account, isOverride: isOverride)
        else { return false }
        return try startRestoration(&account, reason: reason, isOverride: isOverride)
    }
}

extension Desk {
    /// Whether nothing stands against giving back what an interrupted suspension has taken.
    private func mayReturn(_ account: BudgetAccount, isOverride: Bool) throws -> Bool {
        var failed = account
        failed.standing.access = try account.standing.access.moved(to: .suspensionFailed, at: now, reason: nil)
        if case .yes = try eligibility(failed, isOverride: isOverride) { return true }
        return false
    }
}

extension Hold {
    package var json: JSONValue {
        [
            "until": .string(end.description), "reason": .string(reason), "by": .string(by),
            "since": .string(since.iso8601),
        ]
    }
}
