package import Budgets
package import Enforcement
import Engine
package import WallTime

/// The rows of the ledger in memory.
struct LedgerTables {
    struct Unreadable: Hashable {
        var source: String
        var fingerprint: Int64
    }

    struct PeriodKey: Hashable {
        var budget: BudgetID
        var start: Instant
    }

    var usage: [UsageKey: ChargedUsage] = [:]
    var unreadable: Set<Unreadable> = []
    var principals: [PrincipalID: PrincipalRecord] = [:]
    var accounts: [BudgetID: BudgetAccount] = [:]
    var periods: [PeriodKey: PeriodSpending] = [:]
    var furtherBudgets: [BudgetID: FurtherAccount] = [:]
    var furtherPeriods: [PeriodKey: FurtherSpending] = [:]
    var formerMemberships: [PrincipalID: [FormerMembership]] = [:]
    var backups: [PolicyBackup] = []
    var acceptedLoss: [PolicyBackupID: Set<String>] = [:]
    var notices: [Notice] = []
    var noticeIDs: Set<String> = []
    var outbox: [OutboxItemID: OutboxItem] = [:]
    var prices = PriceTables()
    var reports = ReportTables()
}

extension MemoryTransaction: BudgetLedger {
    package func insertUsage(_ usage: ChargedUsage) throws -> Bool {
        try requireWriting()
        guard tables.ledger.usage[usage.event.key] == nil else { return false }
        _ = try requirePrincipal(usage.event.principal.id)
        var kept = usage
        kept.event.latencyMilliseconds = nil
        tables.set(\.ledger.usage[usage.event.key], kept)
        tables.appendUse(usage.event.key)
        return true
    }

    package func isKnown(_ key: UsageKey, at instant: Instant) throws -> Bool { tables.ledger.usage[key] != nil }

    package func usage(_ key: UsageKey) throws -> ChargedUsage? { tables.ledger.usage[key] }

    package func insertUnreadable(source: String, fingerprint: Int64, at: Instant) throws -> Bool {
        try requireWriting()
        let key = LedgerTables.Unreadable(source: source, fingerprint: fingerprint)
        guard !tables.ledger.unreadable.contains(key) else { return false }
        tables.insert(\.ledger.unreadable, key)
        return true
    }

    package func principal(_ id: PrincipalID) throws -> PrincipalRecord? { tables.ledger.principals[id] }

    package func savePrincipal(_ record: PrincipalRecord) throws {
        try requireWriting()
        tables.set(\.ledger.principals[record.principal.id], record)
    }

    package func principals(named name: String, limit: Int) throws -> [PrincipalRecord] {
        let named = tables.ledger.principals.values.filter { $0.principal.id.name == name }
        return Array(named.sorted { $0.principal.id < $1.principal.id }.prefix(limit))
    }

    package func account(_ id: BudgetID) throws -> BudgetAccount? { tables.ledger.accounts[id].map(withTags) }

    /// Team, purpose and tier are columns of the principal.
    private func withTags(_ account: BudgetAccount) -> BudgetAccount {
        var account = account
        let record = tables.ledger.principals[account.principal.id]
        (account.team, account.purpose, account.tier) = (record?.team, record?.purpose, record?.tier)
        return account
    }

    package func saveAccount(_ account: BudgetAccount) throws {
        try requireWriting()
        _ = try requirePrincipal(account.principal.id)
        tables.set(\.ledger.accounts[account.id], account)
    }

    package func saveCharges(of account: BudgetAccount, at: Instant) throws {
        try saveSpending(
            PeriodSpending(
                budget: account.id, period: account.standing.period, spending: account.standing.spending))
        guard var stored = tables.ledger.accounts[account.id] else { return }
        stored.standing.spending = account.standing.spending
        stored.updatedAt = at
        tables.set(\.ledger.accounts[account.id], stored)
    }

    package func accounts(_ query: AccountQuery) throws -> [BudgetAccount] {
        let matching = tables.ledger.accounts.values.map(withTags).filter { account in
            query.selection.matches(account) && query.after.map { account.id.rawValue > $0.rawValue } ?? true
        }
        return Array(matching.sorted { $0.id.rawValue < $1.id.rawValue }.prefix(query.limit))
    }

    package func suspensionStarts(after instant: Instant) throws -> Int {
        tables.ledger.accounts.values.filter { $0.suspensionStartedAt.map { $0 > instant } ?? false }.count
    }

    package func spending(of budget: BudgetID, periodStart: Instant) throws -> PeriodSpending? {
        tables.ledger.periods[LedgerTables.PeriodKey(budget: budget, start: periodStart)]
    }

    package func saveSpending(_ spending: PeriodSpending) throws {
        try requireWriting()
        guard tables.ledger.accounts[spending.budget] != nil else {
            throw MissingRow(description: "budget \(spending.budget)")
        }
        let key = LedgerTables.PeriodKey(budget: spending.budget, start: spending.period.start)
        tables.set(\.ledger.periods[key], spending)
    }

    package func removeSpending(of budget: BudgetID, from start: Instant) throws -> [PeriodSpending] {
        try requireWriting()
        let removed = tables.ledger.periods.filter { $0.key.budget == budget && $0.key.start >= start }
        for key in removed.keys { tables.set(\.ledger.periods[key], nil) }
        return removed.values.sorted { $0.period.start < $1.period.start }
    }

    package func periods(of budget: BudgetID, limit: Int) throws -> [PeriodSpending] {
        let all = tables.ledger.periods.values.filter { $0.budget == budget }
        return Array(all.sorted { $0.period.start > $1.period.start }.prefix(limit))
    }

    func requirePrincipal(_ id: PrincipalID) throws -> PrincipalRecord {
        guard let record = tables.ledger.principals[id] else { throw MissingRow(description: "principal \(id)") }
        return record
    }
}

extension MemoryTransaction {
    package func insertBackup(_ backup: NewPolicyBackup) throws -> PolicyBackupID {
        try requireWriting()
        _ = try requirePrincipal(backup.principal)
        let id = PolicyBackupID(rawValue: Int64(tables.ledger.backups.count + 1))
        tables.set(\.ledger.backups, tables.ledger.backups + [PolicyBackup(id: id, backup: backup)])
        return id
    }

    package func backup(_ id: PolicyBackupID) throws -> PolicyBackup? { tables.ledger.backups.first { $0.id == id } }

    package func openBackup(of principal: PrincipalID) throws -> PolicyBackup? {
        tables.ledger.backups.first { $0.backup.principal == principal && $0.consumedAt == nil }
    }

    package func openBackup(ofEntity id: String) throws -> PolicyBackup? {
        tables.ledger.backups.first { $0.consumedAt == nil && $0.entityID == id }
    }

    package func lastBackup(of principal: PrincipalID) throws -> PolicyBackup? {
        tables.ledger.backups.last { $0.backup.principal == principal }
    }

    package func setEnforcement(_ enforcement: EnforcementMode, ofBackup id: PolicyBackupID) throws {
        try requireWriting()
        var backups = tables.ledger.backups
        for index in backups.indices where backups[index].id == id { backups[index].backup.enforcement = enforcement }
        tables.set(\.ledger.backups, backups)
    }

    package func setTaking(_ taking: [String]?, ofBackup id: PolicyBackupID) throws {
        try requireWriting()
        var backups = tables.ledger.backups
        for index in backups.indices where backups[index].id == id { backups[index].backup.taking = taking }
        tables.set(\.ledger.backups, backups)
    }

    package func closeBackups(of principal: PrincipalID, at: Instant) throws {
        try requireWriting()
        var backups = tables.ledger.backups
        for index in backups.indices where backups[index].backup.principal == principal {
            backups[index].consumedAt = backups[index].consumedAt ?? at
        }
        tables.set(\.ledger.backups, backups)
    }
}

extension MemoryTransaction {
    package func enqueue(_ notice: Notice, channels: [String]) throws -> Bool {
        try requireWriting()
        guard !tables.ledger.noticeIDs.contains(notice.id) else { return false }
        tables.insert(\.ledger.noticeIDs, notice.id)
        tables.set(\.ledger.notices, tables.ledger.notices + [notice])
        for channel in channels {
            let id = OutboxItemID(rawValue: Int64(tables.ledger.outbox.count + 1))
            tables.set(\.ledger.outbox[id], OutboxItem(id: id, notice: notice, channel: channel, nextTry: notice.at))
        }
        return true
    }

    package func claimOutbox(at now: Instant, limit: Int, leaseUntil: Instant) throws -> [OutboxItem] {
        let due = try pendingOutboxItems(limit: .max).filter { $0.nextTry.map { $0 <= now } ?? false }.prefix(limit)
        return try claimOutbox(due.map(\.id), at: now, leaseUntil: leaseUntil)
    }

    package func claimOutbox(_ ids: [OutboxItemID], at now: Instant, leaseUntil: Instant) throws -> [OutboxItem] {
        let due = ids.filter { id in
            guard let item = tables.ledger.outbox[id], item.status == .waiting else { return false }
            return item.nextTry.map { $0 <= now } ?? false
        }
        return try due.map { id in
            try update(id) { item in
                item.attempts += 1
                item.nextTry = leaseUntil
                item.isClaimed = true
            }
        }
    }

    package func dueOutbox(at now: Instant, behind place: OutboxPlace?, limit: Int) throws -> [OutboxPlace] {
        let due = try pendingOutboxItems(limit: .max).compactMap { item -> OutboxPlace? in
            guard let nextTry = item.nextTry, nextTry <= now else { return nil }
            return OutboxPlace(nextTry: nextTry, id: item.id, channel: item.channel)
        }
        let behind = due.reversed().filter { item in
            place.map { (item.nextTry, item.id.rawValue) < ($0.nextTry, $0.id.rawValue) } ?? true
        }
        return Array(behind.prefix(limit))
    }

    package func releaseOutboxClaims(at now: Instant) throws {
        for item in try pendingOutboxItems(limit: .max) where item.isClaimed {
            try update(item.id) { item in
                item.nextTry = now
                item.isClaimed = false
            }
        }
    }

    package func pendingOutboxItems(limit: Int) throws -> [OutboxItem] {
        let waiting = tables.ledger.outbox.values.filter { $0.status == .waiting }
        let order = waiting.sorted {
            ($0.nextTry ?? .distantFuture, $0.id.rawValue) < ($1.nextTry ?? .distantFuture, $1.id.rawValue)
        }
        return Array(order.prefix(limit))
    }

    package func outboxItem(_ id: OutboxItemID) throws -> OutboxItem? { tables.ledger.outbox[id] }

    package func markSent(_ id: OutboxItemID, at: Instant) throws {
        try update(id) { item in
            item.status = .sent
            item.isClaimed = false
            item.nextTry = nil
            item.lastError = nil
        }
    }

    package func postpone(_ id: OutboxItemID, attempts: Int, until nextTry: Instant, error: String) throws {
        try update(id) { item in
            item.attempts = attempts
            item.nextTry = nextTry
            item.isClaimed = false
            item.lastError = error
        }
    }

    package func abandon(_ id: OutboxItemID, at: Instant, error: String) throws {
        try update(id) { item in
            item.status = .abandoned
            item.isClaimed = false
            item.nextTry = nil
            item.lastError = error
        }
    }

    package func revive(_ id: OutboxItemID, at: Instant) throws -> Bool {
        guard tables.ledger.outbox[id]?.status == .abandoned else { return false }
        try update(id) { item in
            item.status = .waiting
            item.attempts = 0
            item.nextTry = at
        }
        return true
    }

    package func earliestOutbox() throws -> Instant? { try pendingOutboxItems(limit: 1).first?.nextTry }

    package func notices(limit: Int) throws -> [Notice] { Array(tables.ledger.notices.reversed().prefix(limit)) }

    @discardableResult
    private func update(_ id: OutboxItemID, _ change: (inout OutboxItem) -> Void) throws -> OutboxItem {
        try requireWriting()
        guard var item = tables.ledger.outbox[id] else { throw MissingRow(description: "outbox item \(id.rawValue)") }
        change(&item)
        tables.set(\.ledger.outbox[id], item)
        return item
    }
}

extension AccountQuery.Selection {
    fileprivate func matches(_ account: BudgetAccount) -> Bool {
        switch self {
        case .all: true
        case .exceeded: account.state == .exceeded
        case .activeWithPeriodEnded(let by):
            account.standing.access.status == .active && account.standing.period.end <= by
        case .status(let status): account.standing.access.status == status
        case .members(let scope): account.furtherScopes.contains(scope)
        case .held: account.block != nil || account.protection != nil
        case .withOwnTerms: account.hasOwnTerms
        }
    }
}
