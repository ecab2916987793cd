package import Budgets
import Engine
package import JSONModel
package import WallTime

/// Which charges are to be looked at anew.
package struct RepricingRequest: Sendable, Hashable {
    /// Uses from then on, and before then.
    package var from: Instant?
    package var to: Instant?
    /// Uses that were recorded from then on: nothing that was recorded earlier is looked for.
    package var recordedFrom: Instant?
    /// A model's id, with or without geography, or the text that uses bring.
    package var model: String?
    package var principal: PrincipalID?

    package init(
        from: Instant? = nil, to: Instant? = nil, recordedFrom: Instant? = nil, model: String? = nil,
        principal: PrincipalID? = nil
    ) {
        self.from = from
        self.to = to
        self.recordedFrom = recordedFrom
        self.model = model
        self.principal = principal
    }

    /// - Throws: `InvalidRequest`.
    package init(_ json: JSONValue) throws(InvalidRequest) {
        let reader = RequestReader(json: json)
        func isGiven(_ name: String) -> Bool { !(json[name]?.isNull ?? true) }
        from = isGiven("from") ? try reader.instant("from") : nil
        to = isGiven("to") ? try reader.instant("to") : nil
        recordedFrom = isGiven("recordedFrom") ? try reader.instant("recordedFrom") : nil
        model = isGiven("model") ? try reader.text("model") : nil
        guard isGiven("principal") else {
            principal = nil
            return
        }
        guard let id = PrincipalID(try reader.text("principal")) else {
            throw InvalidRequest(member: "principal", problem: "has to be ACCOUNT/KIND/NAME")
        }
        principal = id
    }

    package var json: JSONObject {
        [
            "from": from.map { .string($0.iso8601) } ?? .null, "to": to.map { .string($0.iso8601) } ?? .null,
            "model": model.map { .string($0) } ?? .null,
            "principal": principal.map { .string($0.description) } ?? .null,
        ]
    }

    func query(after position: UsePosition?) -> ChargedUseQuery {
        ChargedUseQuery(
            from: from, to: to, recordedFrom: recordedFrom, principal: principal, after: position,
            window: Repricing.window * 10, limit: Repricing.window)
    }

    func asksFor(_ used: ModelID, _ book: PriceBook) -> Bool {
        guard let model else { return true }
        return used.text == model || used.base == model || used.canonicalText == model
            || book.resolve(used).base == model
    }
}

/// One charge that is to be another.
package struct ChargeChange: Sendable, Equatable {
    package let use: ChargedUse
    package let after: Charge
    package let priceSource: String

    package var before: Charge { use.current }
    package var principal: PrincipalID { use.usage.event.principal.id }
    /// When the use happened, which decides the period that pays.
    package var at: Instant { use.usage.event.at }
}

/// What a look at charges has found, or changed.
package struct RepricingReport: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package var changed = 0
        package var before = NanoDollars.zero
        package var after = NanoDollars.zero

        package init() {}

        /// Amounts stop at the largest number: they are for people to read, and each correction is right by itself.
        fileprivate mutating func add(_ changed: Int, before: NanoDollars, after: NanoDollars) {
            self.changed += changed
            self.before = NanoDollars(rawValue: saturated(self.before.rawValue, before.rawValue))
            self.after = NanoDollars(rawValue: saturated(self.after.rawValue, after.rawValue))
        }
    }

    /// Uses that were asked for.
    package var looked = 0
    /// Those of them whose counts are too large for the prices of today: their charges stay as they are.
    package var unpriceable = 0
    package var lines: [PrincipalID: Line] = [:]

    package init() {}

    package var changed: Int { lines.values.reduce(0) { $0 + $1.changed } }
    /// All lines together.
    package var total: Line {
        lines.values.reduce(into: Line()) { $0.add($1.changed, before: $1.before, after: $1.after) }
    }

    mutating func add(_ look: Repricing.Look) {
        looked += look.uses
        unpriceable += look.unpriceable
        for change in look.changes {
            lines[change.principal, default: Line()].add(1, before: change.before.amount, after: change.after.amount)
        }
    }
}

/// Looks at charges anew with the price book of today, as it was in force when each use happened.
package enum Repricing {
    /// Uses that one transaction corrects at most; it passes over ten times as many of other models.
    package static let window = 1000

    /// What a look at one page of uses has found.
    struct Look {
        var uses: Int
        var unpriceable = 0
        var changes: [ChargeChange] = []
    }

    /// Which of a page's charges are wrong by `listings`. A use whose counts can't be priced stays as it is.
    static func look(at page: ChargedUsePage, _ listings: inout PriceListings) -> Look {
        var look = Look(uses: page.uses.count)
        for use in page.uses {
            let event = use.usage.event
            let after: Charge
            do { after = try listings.charge(for: event) } catch {
                // Too large for any sum: it was charged once, so only a price far beyond the bounds gets here.
                look.unpriceable += 1
                continue
            }
            guard after != use.current else { continue }
            let source = listings.listing(of: event).row(at: event.at).map { "\($0.origin.rawValue): \($0.source)" }
            look.changes.append(ChargeChange(use: use, after: after, priceSource: source ?? "the safe rate"))
        }
        return look
    }

    /// What repricing a window would change. Needs only a reading transaction.
    package static func preview<Transaction: BudgetLedger>(
        _ request: RepricingRequest, after position: UsePosition?, prices: CurrentPrices,
        into report: inout RepricingReport,
        _ transaction: Transaction
    ) throws -> UsePosition? {
        var listings = PriceListings(try prices.book(in: transaction))
        let page = try transaction.chargedUses(request.query(after: position)) { [book = listings.book] model in
            request.asksFor(model, book)
        }
        report.add(look(at: page, &listings))
        return page.next
    }
}

extension Desk {
    /// Corrects the wrong charges of one window of uses, and moves the budgets that paid them. The same again changes
    /// nothing: what was corrected is right.
    /// - Returns: what was done, and where to go on; nil at the end.
    package func reprice(
        _ request: RepricingRequest, after position: UsePosition?, by actor: String
    ) throws -> (report: RepricingReport, next: UsePosition?) {
        var listings = PriceListings(try settings.prices.book(in: transaction))
        let page = try transaction.chargedUses(request.query(after: position)) { [book = listings.book] model in
            request.asksFor(model, book)
        }
        let look = Repricing.look(at: page, &listings)
        var report = RepricingReport()
        report.add(look)
        for change in look.changes {
            let amount = try change.after.amount.subtracting(change.before.amount)
            try transaction.insertCorrection(
                UsageCorrection(
                    use: change.use.number, amount: amount, basis: change.after.basis, at: now, actor: actor,
                    priceSource: change.priceSource))
            // Reports tell only what was charged at safe rates: less than budgets count as not sure.
            let event = change.use.usage.event
            let (before, after) = (UsageSums(event, change.before), UsageSums(event, change.after))
            try transaction.adjustUsageHour(
                of: change.use.usage,
                by: UsageSums(
                    unmetered: after.unmetered - before.unmetered,
                    fallbackRequests: after.fallbackRequests - before.fallbackRequests, cost: amount,
                    fallbackCost: after.fallbackCost.subtracting(before.fallbackCost)))
        }
        try adjustSpending(by: look.changes)
        for (principal, line) in report.lines.sorted(by: { $0.key < $1.key }) {
            try audit("usage.repriced", by: actor, subject: principal.description, .object(line.json))
        }
        return (report, page.next)
    }

    /// Moves the sums of whoever pays by now for the uses whose charges were corrected.
    private func adjustSpending(by changes: [ChargeChange]) throws {
        var handovers = Handovers(transaction)
        var courses: [ChargeCourse: [ChargeChange]] = [:]
        for change in changes { courses[try handovers.course(of: change.use), default: []].append(change) }
        // In an order that does not depend on a dictionary's.
        for (course, changes) in courses.sorted(by: { $0.key.names.lexicographicallyPrecedes($1.key.names) }) {
            try adjustSpending(course, by: changes)
        }
    }

    /// Moves the sums of what a principal has spent by charges that were corrected: of the period in which each use
    /// happened. Thresholds that are no longer reached are armed again, new ones are crossed; who was suspended and is
    /// back under the limit by it is restored. One in grace is spared by the suspension's own check.
    ///
    /// `changes` have one course. A period that has no row, because its budget was made later, has nothing to move.
    private func adjustSpending(_ course: ChargeCourse, by changes: [ChargeChange]) throws {
        let id = BudgetScope.principal(course.owner).budgetID
        guard var account = try transaction.account(id) else { return }
        if account.standing.access.status.rollsOver { try rollOver(&account) }
        let wasExceeded = account.state == .exceeded
        var periods: [PeriodSpending] = []
        for change in changes {
            guard let kept = try account.spending(at: change.at, transaction) else { continue }
            let known = periods.firstIndex { $0.period.start == kept.period.start }
            if known == nil { periods.append(kept) }
            let place = known ?? periods.count - 1
            periods[place].spending = try periods[place].spending.replacing(change.before, with: change.after)
        }
        for period in periods {
            try transaction.saveSpending(period)
            if period.period.start == account.standing.period.start { account.standing.spending = period.spending }
        }
        account.standing.rearm(under: account.budget)
        try announceCrossings(of: &account)
        try save(account)
        try adjustFurtherSpending(course, by: changes)
        // Only the correction that brings it back does this, and only when no budget that it shares has done so before:
        // a restoration that is under way is not started twice.
        if wasExceeded, account.state != .exceeded, var latest = try transaction.account(id),
            latest.workflows == account.workflows
        {
            _ = try restoreIfEligible(&latest, reason: .repriced)
        }
    }
}

extension BudgetAccount {
    /// What is kept of the period in which something happened, the current one first, as metering takes them: a row of an
    /// earlier rule, or of a name that was joined, may overlap it.
    fileprivate func spending(at instant: Instant, _ transaction: some BudgetLedger) throws -> PeriodSpending? {
        guard standing.period.contains(instant) else { return try transaction.spending(of: id, at: instant) }
        return PeriodSpending(budget: id, period: standing.period, spending: standing.spending)
    }
}

extension RepricingReport.Line {
    package var json: JSONObject {
        ["changed": .int(Int64(changed)), "before": .string(before.description), "after": .string(after.description)]
    }
}
