package import Budgets
import Engine
import JSONModel
import WallTime

/// What became of a batch of usage records.
package struct IngestReport: Sendable, Equatable {
    package var received = 0
    /// New in the ledger, whether or not they cost something.
    package var recorded = 0
    /// Known already: nothing was changed.
    package var duplicates = 0
    package var ignored = 0
    /// CloudTrail's records that tell of principals.
    package var events = 0
    /// Kept as dead letters.
    package var unreadable = 0
    /// Charged at safe rates, and recorded without knowing their cost.
    package var atFallbackPrices = 0
    package var unmetered = 0
    package var newPrincipals = 0
    package var crossings = 0
    /// The sum of what was charged.
    package var charged = NanoDollars.zero

    package init() {}
}

/// Takes usage records in: prices them, charges them, and announces what they crossed.
package enum Metering {
    /// A record with what it costs, or why that can't be said; nil for a record that is no use.
    package struct Priced: Sendable {
        package let record: UsageRecord
        package let charge: Result<Charge, MoneyError>?
    }

    /// Prices a batch. Needs no transaction, so that none waits for it.
    package static func price(_ records: [UsageRecord], by prices: PriceBook) -> [Priced] {
        var listings = PriceListings(prices)
        return records.map { record in
            guard case .usage(let event) = record else { return Priced(record: record, charge: nil) }
            let listing = listings.listing(of: event)
            do throws(MoneyError) {
                return Priced(record: record, charge: .success(try prices.charge(for: event, listed: listing)))
            } catch {
                return Priced(record: record, charge: .failure(error))
            }
        }
    }

    /// Meters a batch in the one transaction of `desk`: all of it is kept, or nothing. Metering the same batch again
    /// changes nothing.
    ///
    /// - Parameter source: the ingest source, for what can't be read.
    package static func meter<Transaction>(
        _ records: [UsageRecord], source: String, _ desk: Desk<Transaction>
    ) throws -> IngestReport {
        try meter(
            price(records, by: desk.settings.prices.book(in: desk.transaction)), source: source, desk)
    }

    /// The same with records that are priced already, by the price book of the desk's settings.
    package static func meter<Transaction>(
        _ records: [Priced], source: String, _ desk: Desk<Transaction>
    ) throws -> IngestReport {
        var batch = try MeteringBatch(desk: desk, source: source, records: records)
        for record in records { try batch.take(record) }
        try batch.finish()
        return batch.report
    }
}

/// An account that a batch touches. Not a part of `MeteringBatch`: that is generic, and what is generic with it would be
/// copied whole, strings and all, wherever one field of it is read.
private struct Payer {
    var account: BudgetAccount
    /// As it is stored.
    let stored: BudgetAccount
    /// What its uses are counted under, for the whole batch.
    let tags: CostTags
    /// Whether uses belong to its current period.
    var isCharged = false

    /// Whether anything but what it has spent was changed.
    var hasOtherChanges: Bool {
        var charged = stored
        charged.standing.spending = account.standing.spending
        return charged != account
    }

    /// Whether somebody was seen again whose name a person has blocked.
    func isBackUnderABlock(at now: Instant) -> Bool {
        stored.standing.access.status == .closed && account.standing.access.status == .active
            && account.block.inForce(at: now) != nil
    }
}

private struct PeriodKey: Hashable {
    let budget: BudgetID
    let start: Instant
}

/// One batch: the accounts that it touches are read once, changed in memory, and written once.
private struct MeteringBatch<Transaction: ExecutionTransaction & BudgetLedger> {
    let desk: Desk<Transaction>
    let source: String
    /// All of the batch, to look ahead.
    let records: [Metering.Priced]
    var report = IngestReport()
    /// In the order of their first use, so that a batch always does the same.
    private var payers: [Payer] = []
    /// Where each principal seen is in `payers`. Looking it up is all that a use needs, as an account is dear to copy.
    private var places: [PrincipalID: Int] = [:]
    /// Periods other than the one that their budget is in.
    private var otherPeriods: [PeriodKey: PeriodSpending] = [:]
    private var further: FurtherCharges<Transaction>
    private var principalEvents: [PrincipalEvent] = []
    private var rollup = UsageRollup()
    private var owners: NameOwners<Transaction>

    init(desk: Desk<Transaction>, source: String, records: [Metering.Priced]) throws {
        self.desk = desk
        self.source = source
        self.records = records
        further = try FurtherCharges(desk: desk)
        owners = try NameOwners(desk: desk)
    }

    mutating func take(_ priced: Metering.Priced) throws {
        report.received += 1
        switch priced.record {
        case .ignored: report.ignored += 1
        case .principal(let event):
            let dated = try owners.attributed(desk.broughtToNow(event))
            principalEvents.append(dated)
            if case .jobStarted(let job) = dated.occurrence { try act(on: desk.noteBatchJob(dated, job)) }
        case .batchOutput(let output): try act(on: desk.noteBatchOutput(output), bytes: Array(output.place.utf8))
        case .unreadable(let record):
            try refuse(record.bytes, record.reason, subject: "\(source) at byte \(record.position)")
        case .usage(let event):
            if desk.isTooFarAhead(event.at) {
                try refuse(event, "it lies in the future (\(event.at.iso8601)); check the clock of its source")
                return
            }
            switch priced.charge {
            case .success(let charge):
                let event = try owners.attributed(event)
                _ = try post(event, charge)
            case .failure(let error): try refuse(event, error.description)
            case nil: preconditionFailure("a use is priced before it is metered")
            }
        }
    }

    /// Charges a batch job that is known in whole.
    private mutating func act(on news: BatchNews, bytes: [UInt8] = []) throws {
        switch news {
        case .waiting, .known: return
        case .contradiction(let reason): try refuse(bytes, reason, subject: "\(source): a batch job")
        case .charge(let job, let event):
            let book = try desk.settings.prices.book(in: desk.transaction)
            let charge: Charge
            do throws(MoneyError) {
                charge = try book.charge(for: event)
            } catch {
                try refuse(event, error.description)
                return
            }
            let owned = try owners.attributed(event)
            if try post(owned, charge) { try desk.noteCharged(job) }
        }
    }

    /// Writes what the batch changed, and announces what it crossed.
    mutating func finish() throws {
        for spending in otherPeriods.values.sorted(by: {
            ($0.budget.rawValue, $0.period.start) < ($1.budget.rawValue, $1.period.start)
        }) {
            try desk.transaction.saveSpending(spending)
        }
        let shared = try further.finish()
        report.crossings += further.crossings
        for place in payers.indices {
            report.crossings += try desk.announceCrossings(of: &payers[place].account).count
            if further.isAnyExceeded { _ = try desk.actOnFurtherBudgets(&payers[place].account) }
            if payers[place].isBackUnderABlock(at: desk.now) { try desk.suspendOrSpare(&payers[place].account) }
            try save(payers[place], desk)
        }
        for budget in shared { try desk.suspendMembers(of: budget) }
        try desk.note(principalEvents, &report)
        // Not through the batch itself, which a closure would copy whole for each of its calls.
        let (places, payers) = (places, payers)
        let tags: (PrincipalID) -> CostTags = { id in places[id].map { payers[$0].tags } ?? CostTags() }
        let hours = rollup.hours(tags)
        try desk.transaction.addUsageHours(hours)
        try desk.transaction.addTaggedSums(TaggedRollup(hours).rows)
        try desk.transaction.addLatencies(rollup.latencies(tags))
        try desk.transaction.countIngest(report)
    }

    /// - Returns: whether the ledger has the use now; false when it was refused.
    private mutating func post(_ event: UsageEvent, _ charge: Charge) throws -> Bool {
        let place = try payer(of: event)
        let current = payers[place].account.standing.period
        // Late uses belong to the period in which they happened, early ones to the next: neither moves the current one.
        let isCurrent = current.contains(event.at)
        var spent =
            isCurrent
            ? PeriodSpending(
                budget: payers[place].stored.standing.budget, period: current,
                spending: payers[place].account.standing.spending)
            : try spending(of: payers[place].account.budget, outside: current, at: event.at)
        do {
            spent.spending = try spent.spending.adding(charge)
        } catch {
            return try refuse(event, "its budget's sum would be too large; check the token counts")
        }
        let usage = ChargedUsage(event: event, charge: charge, tags: payers[place].tags, recordedAt: desk.now)
        guard try desk.transaction.insertUsage(usage) else {
            report.duplicates += 1
            return true
        }
        if isCurrent {
            payers[place].account.standing.spending = spent.spending
            payers[place].isCharged = true
        } else {
            otherPeriods[PeriodKey(budget: spent.budget, start: spent.period.start)] = spent
        }
        if further.hasAny { try further.add(event, charge, payers[place].account) }
        rollup.add(event, charge)
        try note(event, charge, place)
        return true
    }

    /// The period that is kept of that time: it may be one of an earlier rule, which the rule of now would cut otherwise.
    /// Where there is none, the rule's.
    private func spending(of budget: Budget, outside current: Period, at: Instant) throws -> PeriodSpending {
        let kept = try desk.transaction.spending(of: budget.id, at: at)
        let period = kept?.period ?? budget.periodRule.period(containing: at, countedFrom: current)
        return otherPeriods[PeriodKey(budget: budget.id, start: period.start)]
            ?? kept ?? PeriodSpending(budget: budget.id, period: period, spending: Spending())
    }

    private mutating func note(_ event: UsageEvent, _ charge: Charge, _ place: Int) throws {
        report.recorded += 1
        // Each fits its own budget, and nothing is decided by what they add up to: no reason to refuse all of them.
        report.charged = NanoDollars(rawValue: saturated(report.charged.rawValue, charge.amount.rawValue))
        switch charge.basis {
        case .listed, .estimated, .notBillable: break
        case .unmetered: report.unmetered += 1
        case .fallback:
            report.atFallbackPrices += 1
            try desk.noteUnpriced(event)
        case .implausible: try desk.tellImplausible(event, charge)
        }
        guard payers[place].account.standing.access.status == .suspended else { return }
        let account = payers[place].account
        if charge.basis != .notBillable, event.at > account.standing.access.since + desk.settings.leakAfter {
            try desk.tell(desk.leak(account, event))
        }
        try desk.askForSession(account, event)
    }

    /// The place of the account that pays: read once, moved on to the period of now, made when there is none.
    private mutating func payer(of event: UsageEvent) throws -> Int {
        if let known = places[event.principal.id] { return known }
        let id = BudgetScope.principal(event.principal.id).budgetID
        let stored = try desk.transaction.account(id) ?? provision(event)
        var account = stored
        if account.standing.access.status == .closed, isSeen(event, after: account.standing.access.since) {
            try desk.reopen(&account, reason: "seen again", by: "steward:metering")
        }
        if account.standing.access.status.rollsOver { try desk.rollOver(&account) }
        places[event.principal.id] = payers.count
        payers.append(Payer(account: account, stored: stored, tags: account.costTags))
        return payers.count - 1
    }

    /// Whether the use, or another of its principal in the batch, came after the principal had gone. What was used before,
    /// and arrives late, is only charged. Logs tell time in whole seconds.
    private func isSeen(_ event: UsageEvent, after closing: Instant) -> Bool {
        let isLater = { (at: Instant) in at + .seconds(1) > closing && !desk.isTooFarAhead(at) }
        return isLater(event.at)
            || records.contains { priced in
                guard case .usage(let other) = priced.record else { return false }
                return isLater(other.at) && other.principal.id == event.principal.id
            }
    }

    private mutating func provision(_ event: UsageEvent) throws -> BudgetAccount {
        report.newPrincipals += 1
        let id = event.principal.id
        var account = try desk.openAccount(
            try desk.settings.defaultBudget.budget(for: id), principal: event.principal,
            firstUse: min(event.at, desk.now), isDiscovered: true, by: "steward:metering")
        guard let deletedAt = try desk.lastDeletion(of: id), !isSeen(event, after: deletedAt) else { return account }
        // Heard of only after its deletion: it pays what it used, and nobody is left to suspend.
        try desk.close(&account, by: "steward:metering")
        try desk.save(account)
        try desk.audit(
            "principal.closed", by: "steward:metering", subject: id.description,
            [
                "budgetId": .string(account.id.rawValue), "reason": "deleted",
                "deletedAt": .string(deletedAt.iso8601),
            ])
        return account
    }

    /// Keeps a use that can't be charged for a person, unless it was charged before: that one is a duplicate like any other.
    /// - Returns: whether the ledger has it.
    @discardableResult
    private mutating func refuse(_ event: UsageEvent, _ reason: String) throws -> Bool {
        guard try !desk.transaction.isKnown(event.key, at: event.at) else {
            report.duplicates += 1
            return true
        }
        try refuse(event.logRecord.jsonBytes, reason, subject: "\(source), request \(event.key.requestID)")
        return false
    }

    /// Keeps what can't be metered for a person, once however often it is delivered.
    private mutating func refuse(_ bytes: [UInt8], _ reason: String, subject: String) throws {
        report.unreadable += 1
        // What was cut off has no bytes of its own: there, the reason tells one from another.
        let fingerprint = fingerprint(bytes.isEmpty ? Array((subject + reason).utf8) : bytes)
        guard try desk.transaction.insertUnreadable(source: source, fingerprint: fingerprint, at: desk.now) else {
            return
        }
        _ = try desk.transaction.insertDeadLetter(
            NewDeadLetter(
                kind: .usage, subject: subject, source: source, error: "Steward.UnreadableUsage", cause: reason,
                payload: bytes, at: desk.now))
    }
}

/// Most accounts have only been charged: that writes a few columns, and no index.
private func save<Transaction: ExecutionTransaction & BudgetLedger>(
    _ payer: Payer, _ desk: Desk<Transaction>
) throws {
    if payer.hasOtherChanges { try desk.save(payer.account) }
    if payer.isCharged { try desk.transaction.saveCharges(of: payer.account, at: desk.now) }
}

extension Desk {
    /// Opens the account of a budget that has just been given.
    func openAccount(
        _ budget: Budget, principal: Principal, firstUse: Instant, isDiscovered: Bool, by actor: String
    ) throws -> BudgetAccount {
        // A session comes and goes; what has a budget is who it belongs to.
        let principal = Principal(id: principal.id, partition: principal.partition, path: principal.path)
        let known = try transaction.principal(principal.id)
        if known == nil {
            try transaction.savePrincipal(
                PrincipalRecord(principal: principal, firstSeenAt: now, isDiscovered: isDiscovered))
        }
        let period = budget.periodRule.period(
            containing: now, countedFrom: budget.periodRule.firstPeriod(containing: firstUse))
        let account = BudgetAccount(
            budget: budget,
            standing: Standing(budget: budget.id, period: period, access: Access(status: .active, since: now)),
            principal: principal, team: known?.team, purpose: known?.purpose, tier: known?.tier, createdAt: now,
            updatedAt: now)
        try transaction.saveAccount(account)
        try audit("budget.created", by: actor, subject: principal.id.description, budget.json)
        return account
    }

    /// A suspended principal whose calls Bedrock still serves, whether or not their cost is known: told once for each
    /// suspension.
    func leak(_ account: BudgetAccount, _ event: UsageEvent) -> Notice {
        let access = account.standing.access
        let data = SuspensionRequest(account, reason: .budgetExceeded).json
            .setting("usedAt", .string(event.at.iso8601)).setting("suspendedAt", .string(access.since.iso8601))
        return Notice(
            id: "enforcement-leak/\(account.id)/\(access.since.milliseconds)", kind: .enforcementLeak,
            principal: account.principal.id, data: data, at: now)
    }
}

/// FNV-1a, 64 bits: tells one delivery of the same bytes from another; nobody gains by forging it.
private func fingerprint(_ bytes: [UInt8]) -> Int64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return Int64(bitPattern: hash)
}
