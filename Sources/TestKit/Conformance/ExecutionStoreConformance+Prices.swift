import Budgets
import Enforcement
import Engine
import WallTime

/// What every store's prices and corrections must do (`PriceLedger`).
extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var prices: [Case] { priceRows + modelNames + chargedUses + sumsOfUses + memberships + periodsByInstant }

    static func ledgerPrice(_ model: String, status: PriceStatus = .inForce) -> StoredPrice {
        StoredPrice(
            id: PriceID(rawValue: 0),
            row: PriceRow(
                model: model, geography: "global", region: "us-east-1", effectiveFrom: start,
                rates: Rates(
                    input: TokenPrice(rawValue: 1), output: TokenPrice(rawValue: 2), cacheRead: TokenPrice(rawValue: 0),
                    cacheWrite1h: TokenPrice(rawValue: 5), image: NanoDollars(rawValue: 60_000_000),
                    request: NanoDollars(rawValue: 7)),
                hasRegionalSurcharge: true,
                longContext: LongContext(aboveTokens: 9, inputFactor: Ratio(2, 1), outputFactor: Ratio(3, 2)),
                tierFactors: [.priority: Ratio(9, 5)], origin: .priceList, source: "SKU \"7\""),
            status: status, problem: status == .quarantined ? "odd" : nil, recordedAt: start + .seconds(1),
            recordedBy: "test", confirmedAt: start + .seconds(2))
    }

    private static var priceRows: [Case] {
        [
            Case("a price comes back as it was, and its status and confirmation move") { store in
                try await store.write { transaction in
                    var price = ledgerPrice("acme.a")
                    price.id = try transaction.insertPrice(price)
                    var plain = ledgerPrice("acme.b", status: .quarantined)
                    plain.row = PriceRow(
                        model: "acme.b", effectiveFrom: start, rates: Rates(input: .free, output: .free),
                        origin: .operator, source: "s")
                    plain.id = try transaction.insertPrice(plain)
                    try requireEqual(try transaction.price(price.id), price, "the full one")
                    try requireEqual(try transaction.price(plain.id), plain, "the plain one")
                    try requireEqual(try transaction.prices(statuses: [.inForce], limit: 9), [price], "in force")
                    try requireEqual(
                        try transaction.prices(statuses: Set(PriceStatus.allCases), limit: 9), [price, plain], "all")
                    try requireEqual(
                        try transaction.prices(statuses: Set(PriceStatus.allCases), limit: 1), [price], "the first")

                    try transaction.setStatus(.withdrawn, ofPrice: price.id)
                    try transaction.confirmPrices([price.id], at: start + .seconds(9))
                    price.status = .withdrawn
                    price.confirmedAt = start + .seconds(9)
                    try requireEqual(try transaction.price(price.id), price, "withdrawn")
                    try requireThrows("a price that is not there") {
                        try transaction.setStatus(.inForce, ofPrice: PriceID(rawValue: 99))
                    }
                }
            },
            Case("the revision grows with what changes the book, and with nothing else") { store in
                try await store.write { transaction in
                    var last = try transaction.priceRevision()
                    func requireGrowth(_ grows: Bool, _ what: String, _ body: () throws -> Void) throws {
                        try body()
                        let now = try transaction.priceRevision()
                        try requireEqual(now > last, grows, what)
                        last = now
                    }
                    var id = PriceID(rawValue: 0)
                    try requireGrowth(true, "a price") { id = try transaction.insertPrice(ledgerPrice("acme.a")) }
                    try requireGrowth(false, "a confirmation") { try transaction.confirmPrices([id], at: start) }
                    try requireGrowth(true, "a status") { try transaction.setStatus(.withdrawn, ofPrice: id) }
                    try requireGrowth(true, "a name") {
                        try transaction.saveModelName(ModelName(name: "n", model: "m", firstSeenAt: start))
                    }
                    try requireThrows("a change that is undone") {
                        try transaction.atomically {
                            _ = try transaction.insertPrice(ledgerPrice("acme.b"))
                            throw Deliberate()
                        }
                    }
                    try requireEqual(try transaction.priceRevision(), last, "after a change that was undone")
                }
            },
        ]
    }

    private static var modelNames: [Case] {
        [
            Case("a name is unknown, then known, and keeps when it was first seen") { store in
                try await store.write { transaction in
                    try requireEqual(try transaction.modelName("arn:x"), nil, "before")
                    var name = ModelName(name: "arn:x", firstSeenAt: start)
                    try transaction.saveModelName(name)
                    try requireEqual(try transaction.unresolvedNames(limit: 9), [name], "unresolved")
                    try requireEqual(try transaction.resolvedNames(limit: 9), [], "none resolved")
                    name.model = "us.acme.a"
                    name.source = "bedrock"
                    name.checkedAt = start + .seconds(1)
                    name.problem = "p"
                    var later = name
                    later.firstSeenAt = start + .seconds(100)
                    try transaction.saveModelName(later)
                    try requireEqual(try transaction.modelName("arn:x"), name, "resolved")
                    try requireEqual(try transaction.resolvedNames(limit: 9), [name], "listed as resolved")
                    try requireEqual(try transaction.unresolvedNames(limit: 9), [], "none unresolved")
                }
            }
        ]
    }

    private static var chargedUses: [Case] {
        [
            Case("uses are walked through in windows, with what they are charged now") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    var uses: [ChargedUsage] = []
                    for index in 0..<5 {
                        var use = ledgerUsage(index == 3 ? "6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01" : "r\(index)")
                        // By time, the order is 1, 0, 3, 2, 4.
                        use.event.at = start + .seconds([10, 5, 30, 20, 40][index])
                        uses.append(use)
                        try requireEqual(try transaction.insertUsage(use), true, "use \(index)")
                    }
                    let all = try walk(transaction, ChargedUseQuery(window: 2))
                    try requireEqual(all.map(\.usage), uses, "all, as they were recorded")
                    try requireEqual(all.map(\.current), uses.map(\.charge), "their charges")
                    let some = try walk(
                        transaction,
                        ChargedUseQuery(from: start + .seconds(10), to: start + .seconds(40), window: 2))
                    try requireEqual(some.map(\.usage), [uses[0], uses[2], uses[3]], "of a time")
                    let hers = try walk(
                        transaction,
                        ChargedUseQuery(from: start + .seconds(10), principal: ledgerID("ana"), window: 2))
                    try requireEqual(hers.map(\.usage), [0, 3, 2, 4].map { uses[$0] }, "of a principal")
                    try requireEqual(
                        try walk(transaction, ChargedUseQuery(principal: ledgerID("bob"))), [], "of another")
                }
            },
            Case("corrections add up, and the use stays as it was") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let use = ledgerUsage("r")
                    _ = try transaction.insertUsage(use)
                    let number = try walk(transaction, ChargedUseQuery())[0].number
                    let corrections = [(-23_456, Charge.Basis.estimated), (11, .fallback)].map { amount, basis in
                        UsageCorrection(
                            use: number, amount: NanoDollars(rawValue: Int64(amount)), basis: basis, at: start,
                            actor: "operator:ana", priceSource: "static: page")
                    }
                    for correction in corrections { try transaction.insertCorrection(correction) }
                    let found = try walk(transaction, ChargedUseQuery())
                    try requireEqual(
                        found.map(\.current), [Charge(amount: NanoDollars(rawValue: 100_011), basis: .fallback)], "now")
                    try requireEqual(found.map(\.usage), [use], "the use itself")
                    try requireEqual(try transaction.corrections(of: use.event.key), corrections, "read back")
                    try requireThrows("a correction of nothing") {
                        try transaction.atomically {
                            var wrong = corrections[0]
                            wrong.use = 999
                            try transaction.insertCorrection(wrong)
                        }
                    }
                }
            },
        ]
    }

    private static var sumsOfUses: [Case] {
        [
            Case("the uses of a principal's part of an hour are added up, with their corrections") { store in
                try await store.write { transaction in
                    for name in ["ana", "bob"] { try transaction.savePrincipal(ledgerPrincipal(name)) }
                    var uses: [ChargedUsage] = []
                    for index in 0..<6 {
                        var use = ledgerUsage("r\(index)")
                        if index == 5 { use.event.principal = Principal(id: ledgerID("bob")) }
                        use.event.at = start + .seconds([10, 20, 30, 40, 20, 20][index])
                        if index == 1 { use.event.errorCode = "Oops" }
                        if index == 4 { use.charge = Charge(amount: .zero, basis: .unmetered) }
                        uses.append(use)
                        _ = try transaction.insertUsage(use)
                    }
                    func sums(_ from: Int, _ to: Int) throws -> UsageSums {
                        try transaction.sumOfUses(
                            by: ledgerID("ana"), from: start + .seconds(from), to: start + .seconds(to))
                    }
                    func expected(_ indices: Int...) -> UsageSums {
                        var sums = UsageSums()
                        for index in indices { sums.add(UsageSums(uses[index].event, uses[index].charge)) }
                        return sums
                    }
                    try requireEqual(try sums(20, 40), expected(1, 2, 4), "with the first instant, without the last")
                    try requireEqual(try sums(0, 100), expected(0, 1, 2, 3, 4), "all")
                    try requireEqual(try sums(41, 100), UsageSums(), "none")
                    try requireEqual(try sums(40, 40), UsageSums(), "no time")
                    try requireEqual(
                        try transaction.sumOfUses(by: ledgerID("eve"), from: start, to: start + .seconds(99)),
                        UsageSums(), "of nobody")

                    let number = try walk(transaction, ChargedUseQuery())[2].number
                    try transaction.insertCorrection(
                        UsageCorrection(
                            use: number, amount: NanoDollars(rawValue: 7), basis: .fallback, at: start, actor: "a",
                            priceSource: "s"))
                    uses[2].charge = Charge(
                        amount: try uses[2].charge.amount.adding(NanoDollars(rawValue: 7)), basis: .fallback)
                    try requireEqual(try sums(20, 40), expected(1, 2, 4), "corrected")
                }
            }
        ]
    }

    private static var memberships: [Case] {
        [
            Case("memberships that ended are kept in their order, each with the last use before its end") { store in
                try await store.write { transaction in
                    for name in ["ana", "ben"] { try transaction.savePrincipal(ledgerPrincipal(name)) }
                    let ended = [
                        Membership(team: nil, isInPool: true), Membership(team: "red", isInPool: true),
                        Membership(team: "red", isInPool: false),
                    ]
                    for (index, membership) in ended.enumerated() {
                        if index > 0 { _ = try transaction.insertUsage(ledgerUsage("r\(index)")) }
                        try transaction.endMembership(membership, of: ledgerID("ana"), at: start)
                    }
                    let uses = try walk(transaction, ChargedUseQuery()).map(\.number)
                    try requireEqual(
                        try transaction.formerMemberships(of: ledgerID("ana")),
                        zip(ended, [0] + uses).map { FormerMembership(membership: $0, until: start, lastUse: $1) },
                        "hers")
                    try requireEqual(try transaction.formerMemberships(of: ledgerID("ben")), [], "another's")
                    try requireThrows("of nobody") {
                        try transaction.atomically {
                            try transaction.endMembership(ended[0], of: ledgerID("eve"), at: start)
                        }
                    }
                }
            }
        ]
    }

    private static var periodsByInstant: [Case] {
        [
            Case("a period is found by an instant in it") { store in
                try await store.write { transaction in
                    let account = try saveAccount(transaction, "ana")
                    let spending = PeriodSpending(
                        budget: account.id, period: account.standing.period,
                        spending: Spending(total: NanoDollars(rawValue: 5), requests: 1))
                    try transaction.saveSpending(spending)
                    let period = account.standing.period
                    try requireEqual(try transaction.spending(of: account.id, at: period.start), spending, "its start")
                    try requireEqual(
                        try transaction.spending(of: account.id, at: period.end - .milliseconds(1)), spending,
                        "its last")
                    try requireEqual(try transaction.spending(of: account.id, at: period.end), nil, "its end")
                    try requireEqual(
                        try transaction.spending(of: account.id, at: period.start - .milliseconds(1)), nil, "before")
                }
            }
        ]
    }

    private static func walk(_ transaction: Transaction, _ query: ChargedUseQuery) throws -> [ChargedUse] {
        var uses: [ChargedUse] = []
        var query = query
        repeat {
            let page = try transaction.chargedUses(query)
            uses += page.uses
            query.after = page.next
        } while query.after != nil
        return uses
    }
}
