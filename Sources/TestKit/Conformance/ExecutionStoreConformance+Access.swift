import Budgets
import Enforcement
import Engine
import JSONModel
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var access: [Case] {
        [
            Case("the sessions of a role come with what they spent, the dearest first") { store in
                try await store.write { transaction in
                    var record = ledgerPrincipal("deploy")
                    record.principal = Principal(
                        id: PrincipalID(account: "111122223333", kind: .role, name: "deploy"))
                    try transaction.savePrincipal(record)
                    let uses: [(String, String?, Int64, Int)] = [
                        ("1", "ana", 5, 0), ("2", "ben", 7, 0), ("3", "ana", 4, 10), ("4", nil, 100, 0),
                        ("5", "old", 50, -3600),
                    ]
                    for (id, session, amount, seconds) in uses {
                        var usage = ledgerUsage(id)
                        usage.event.principal = Principal(id: record.principal.id, session: session)
                        usage.event.at = start + .seconds(seconds)
                        usage.charge = Charge(amount: NanoDollars(rawValue: amount), basis: .listed)
                        _ = try transaction.insertUsage(usage)
                    }
                    let id = record.principal.id
                    try requireEqual(
                        try transaction.sessions(of: id, since: start, amongLatest: 9, limit: 10),
                        [
                            SessionSpending(session: "ana", amount: NanoDollars(rawValue: 9)),
                            SessionSpending(session: "ben", amount: NanoDollars(rawValue: 7)),
                        ], "the sessions since")
                    try requireEqual(
                        try transaction.sessions(of: id, since: start, amongLatest: 9, limit: 1).map(\.session),
                        ["ana"], "the first")
                    try requireEqual(
                        try transaction.sessions(of: id, since: start, amongLatest: 1, limit: 10),
                        [SessionSpending(session: "ana", amount: NanoDollars(rawValue: 4))], "of the latest use")
                }
            },
            Case("losses that were accepted stay with their backup") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let backups = try (0..<2).map { _ in
                        try transaction.insertBackup(
                            NewPolicyBackup(
                                principal: ledgerPrincipal("ana").principal.id, budget: BudgetID(rawValue: "b"),
                                snapshot: [:], hash: "h", isTakenUnderSuspension: false, takenAt: start))
                    }
                    try requireEqual(try transaction.acceptedLoss(ofBackup: backups[0]), [], "before")
                    try transaction.acceptLoss(["b", "a"], ofBackup: backups[0], at: start)
                    try transaction.acceptLoss(["b", "c"], ofBackup: backups[0], at: start)
                    try requireEqual(try transaction.acceptedLoss(ofBackup: backups[0]), ["a", "b", "c"], "after")
                    try requireEqual(try transaction.acceptedLoss(ofBackup: backups[1]), [], "of the other")
                }
            },
            Case("models without a price are counted, the most used first") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let uses: [(String, String, Charge.Basis)] = [
                        ("1", "odd.a", .fallback), ("2", "odd.b", .unmetered), ("3", "odd.b", .fallback),
                        ("4", "fine", .listed),
                    ]
                    var rollup = UsageRollup()
                    for (id, model, basis) in uses {
                        var usage = ledgerUsage(id)
                        usage.event.model = ModelID(model)
                        usage.charge = Charge(amount: NanoDollars(rawValue: 3), basis: basis)
                        _ = try transaction.insertUsage(usage)
                        rollup.add(usage.event, usage.charge)
                    }
                    try transaction.addUsageHours(rollup.hours { _ in CostTags() })
                    let found = try transaction.unpricedModels(since: .distantPastOfTests, limit: 10)
                    try requireEqual(found.map(\.model), ["odd.b", "odd.a"], "the models")
                    try requireEqual(found.map(\.uses), [2, 1], "their uses")
                    try requireEqual(found.map(\.amount.rawValue), [3, 3], "what was charged at safe rates")
                    try requireEqual(
                        try transaction.unpricedModels(since: start + .seconds(86_400 * 365), limit: 10), [], "later")
                    var priced = ledgerUsage("1").event
                    priced.model = ModelID("odd.a")
                    var change = UsageSums()
                    (change.fallbackRequests, change.fallbackCost) = (-1, NanoDollars(rawValue: -3))
                    try transaction.adjustUsageHour(UsageSlot(priced), tags: CostTags(), by: change)
                    try requireEqual(
                        try transaction.unpricedModels(since: .distantPastOfTests, limit: 10).map(\.model), ["odd.b"],
                        "once it has a price")
                }
            },
            // Whatever the limit: a person may have chosen the default's, and the default may have been another.
            Case("who spends without terms that somebody has set is listed") { store in
                try await store.write { transaction in
                    for (name, limit, discovered, isOwn) in [
                        ("ana", 1, true, false), ("ben", 1, true, true), ("cy", 2, true, false),
                        ("eve", 1, false, false),
                    ] {
                        var record = ledgerPrincipal(name)
                        record.isDiscovered = discovered
                        try transaction.savePrincipal(record)
                        var account = try ledgerAccount(name)
                        account.budget.limit = NanoDollars(rawValue: Int64(limit))
                        account.hasOwnTerms = isOwn
                        account.standing.spending = try Spending().adding(
                            Charge(amount: NanoDollars(rawValue: 5), basis: .listed))
                        try transaction.saveAccount(account)
                    }
                    let found = try transaction.withoutOwnBudget(limit: 10)
                    try requireEqual(found.map(\.principal.id.name), ["ana", "cy"], "the principals")
                    let own = try transaction.accounts(AccountQuery(.withOwnTerms))
                    try requireEqual(own.map(\.principal.id.name), ["ben"], "whose terms somebody has set")
                }
            },
        ]
    }
}

extension Instant {
    fileprivate static var distantPastOfTests: Instant { Instant(milliseconds: 0) }
}
