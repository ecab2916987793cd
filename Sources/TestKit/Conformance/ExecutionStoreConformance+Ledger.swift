import Budgets
import Enforcement
import Engine
import JSONModel
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var ledger: [Case] {
        usage + principals + accounts + accountLists + periods + backups + outbox + access + prices
            + reports
    }

    private static var usage: [Case] {
        [
            Case("a use is recorded once, and comes back as it was") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let plain = ledgerUsage("6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01")
                    var odd = ledgerUsage("NOT a uuid", region: "eu-west-1")
                    odd.event.errorCode = "Oops"
                    odd.event.isMetered = false
                    odd.event.isCacheSplitUnknown = true
                    odd.event.tier = .priority
                    odd.event.images = 3
                    odd.charge = Charge(amount: .zero, basis: .unmetered)

                    try requireEqual(try transaction.insertUsage(plain), true, "the first")
                    try requireEqual(try transaction.insertUsage(odd), true, "another")
                    try requireEqual(try transaction.usage(plain.event.key), plain, "the first read back")
                    try requireEqual(try transaction.usage(odd.event.key), odd, "the other read back")
                }
                let found = try await store.read { try $0.usage(UsageKey(account: "1", region: "x", requestID: "y")) }
                try requireEqual(found, nil, "an unknown use")
            },
            Case("a known use changes nothing, whatever else it says") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let first = ledgerUsage("r")
                    var again = first
                    again.event.tokens.input = 999
                    again.charge = Charge(amount: NanoDollars(rawValue: 1), basis: .fallback)

                    func isKnown(_ key: UsageKey) throws -> Bool { try transaction.isKnown(key, at: first.event.at) }
                    try requireEqual(try isKnown(first.event.key), false, "known before")
                    try requireEqual(try transaction.insertUsage(first), true, "first")
                    try requireEqual(try transaction.insertUsage(again), false, "again")
                    try requireEqual(try isKnown(first.event.key), true, "known")
                    try requireEqual(try isKnown(ledgerUsage("other").event.key), false, "another is known")
                    try requireEqual(
                        try isKnown(UsageKey(account: "1", region: "x", requestID: "r")), false, "one from elsewhere")
                    try requireEqual(try transaction.usage(first.event.key), first, "what is kept")
                }
            },
            Case("requests are unique per account and Region, also those that look alike") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    let ids = [
                        "r", "R", "6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01", "6F1C0A52-0B7E-4D0C-9D5E-0F4A4B1F9C01",
                    ]
                    for id in ids {
                        for region in ["us-east-1", "eu-west-1"] {
                            for account in ["111122223333", "444455556666"] {
                                var usage = ledgerUsage(id)
                                usage.event.key = UsageKey(account: account, region: region, requestID: id)
                                try requireEqual(try transaction.insertUsage(usage), true, "\(id) \(region) \(account)")
                                try requireEqual(try transaction.insertUsage(usage), false, "the same again")
                            }
                        }
                    }
                }
            },
            Case("a use of nobody is refused") { store in
                _ = try await store.write { transaction in
                    try requireThrows("a use of an unknown principal") {
                        try transaction.atomically { _ = try transaction.insertUsage(ledgerUsage("r")) }
                    }
                }
            },
            Case("what can't be read is remembered once per source") { store in
                try await store.write { transaction in
                    let known = try [("a", Int64.min), ("a", .min), ("b", .min), ("a", 7)].map {
                        try transaction.insertUnreadable(source: $0, fingerprint: $1, at: start)
                    }
                    try requireEqual(known, [true, false, true, true], "whether it is new")
                }
            },
        ]
    }

    private static var principals: [Case] {
        [
            Case("a principal is kept, replaced, and found by name") { store in
                try await store.write { transaction in
                    let ana = ledgerPrincipal("ana", path: "/team/")
                    var known = ana
                    known.isDiscovered = false
                    let role = PrincipalRecord(
                        principal: Principal(id: PrincipalID(account: "111122223333", kind: .role, name: "ana")),
                        firstSeenAt: start, isDiscovered: true)

                    try transaction.savePrincipal(ana)
                    try requireEqual(try transaction.principal(ana.principal.id), ana, "saved")
                    try transaction.savePrincipal(known)
                    try requireEqual(try transaction.principal(ana.principal.id), known, "replaced")
                    try transaction.savePrincipal(role)
                    try requireEqual(
                        try transaction.principals(named: "ana", limit: 9), [role, known], "of that name")
                    try requireEqual(try transaction.principals(named: "ana", limit: 1), [role], "only one")
                    try requireEqual(try transaction.principals(named: "bob", limit: 9), [], "of another")
                }
            }
        ]
    }

    private static var accounts: [Case] {
        [
            Case("an account comes back as it was, and is replaced whole") { store in
                try await store.write { transaction in
                    let plain = try saveAccount(transaction, "ana")
                    try requireEqual(try transaction.account(plain.id), plain, "as it was made")

                    var full = plain
                    full.budget = try Budget(
                        scope: plain.budget.scope, limit: NanoDollars(rawValue: 7),
                        thresholds: Thresholds(warningPerMille: 1, criticalPerMille: 999), periodRule: .calendarMonth,
                        mode: .observe, enforcement: .detach, graceSeconds: 0, isProtected: true)
                    full.standing.spending = Spending(
                        total: NanoDollars(rawValue: .max), atFallbackPrices: NanoDollars(rawValue: 2), requests: 3,
                        unmetered: 4)
                    full.standing.announced = [.warning, .exceeded]
                    full.standing.arming = 5
                    full.standing.refreshCount = 6
                    full.standing.access = Access(
                        status: .grace, since: start, graceUntil: start + .seconds(9), reason: "because")
                    full.workflows = ["one", "two \"quoted\""]
                    full.suspensionStartedAt = start + .seconds(1)
                    full.updatedAt = start + .seconds(2)
                    try transaction.saveAccount(full)
                    try requireEqual(try transaction.account(plain.id), full, "replaced")
                    try requireEqual(try transaction.accounts(AccountQuery()), [full], "listed")
                }
                let nobody = try await store.read { try $0.account(BudgetID(rawValue: "principal:1/user/none")) }
                try requireEqual(nobody, nil, "an unknown account")
            },
            Case("an account of nobody is refused, and a failed change is undone") { store in
                try await store.write { transaction in
                    let kept = try saveAccount(transaction, "ana")
                    try requireThrows("an account without principal") {
                        try transaction.atomically {
                            var changed = kept
                            changed.standing.arming = 9
                            try transaction.saveAccount(changed)
                            try transaction.saveAccount(ledgerAccount("nobody"))
                        }
                    }
                    try requireEqual(try transaction.account(kept.id), kept, "the other")
                }
            },
            Case("suspension starts are counted after an instant") { store in
                try await store.write { transaction in
                    for (index, name) in ["a", "b", "c", "d"].enumerated() {
                        var account = try saveAccount(transaction, name)
                        account.suspensionStartedAt = index == 0 ? nil : start + .seconds(index)
                        try transaction.saveAccount(account)
                    }
                    try requireEqual(try transaction.suspensionStarts(after: start), 3, "all")
                    try requireEqual(try transaction.suspensionStarts(after: start + .seconds(1)), 2, "later ones")
                    try requireEqual(try transaction.suspensionStarts(after: start + .seconds(3)), 0, "none")
                }
            },
        ]
    }

    private static var accountLists: [Case] {
        [
            Case("accounts are listed by id, page by page") { store in
                try await store.write { transaction in
                    for name in ["d", "b", "a", "c"] { _ = try saveAccount(transaction, name) }
                    let first = try transaction.accounts(AccountQuery(limit: 3)).map(\.principal.id.name)
                    let last = BudgetScope.principal(ledgerID("c")).budgetID
                    let rest = try transaction.accounts(AccountQuery(after: last, limit: 3)).map(\.principal.id.name)
                    try requireEqual(first, ["a", "b", "c"], "first page")
                    try requireEqual(rest, ["d"], "second page")
                }
            },
            Case("accounts are selected by limit, period and status") { store in
                try await store.write { transaction in
                    func put(_ name: String, spent: Int64, limit: Int64, ends: Int, _ status: AccessStatus) throws {
                        var account = try saveAccount(transaction, name)
                        account.budget.limit = NanoDollars(rawValue: limit)
                        account.standing.spending.total = NanoDollars(rawValue: spent)
                        account.standing.period = Period(start: start, end: start + .seconds(ends))
                        account.standing.access = Access(status: status, since: start)
                        try transaction.saveAccount(account)
                    }
                    try put("below", spent: 9, limit: 10, ends: 10, .active)
                    try put("exactly", spent: 10, limit: 10, ends: 20, .active)
                    try put("beyond", spent: 11, limit: 10, ends: 30, .suspended)
                    try put("nothing-of-nothing", spent: 0, limit: 0, ends: 40, .active)
                    try put("something-of-nothing", spent: 1, limit: 0, ends: 50, .grace)
                    func names(_ selection: AccountQuery.Selection, after: String? = nil) throws -> [String] {
                        let place = after.map { BudgetScope.principal(ledgerID($0)).budgetID }
                        return try transaction.accounts(AccountQuery(selection, after: place)).map(\.principal.id.name)
                    }

                    try requireEqual(
                        try names(.exceeded), ["beyond", "exactly", "something-of-nothing"], "beyond the limit")
                    try requireEqual(
                        try names(.exceeded, after: "beyond"), ["exactly", "something-of-nothing"], "and after one")
                    try requireEqual(
                        try names(.activeWithPeriodEnded(by: start + .seconds(20))), ["below", "exactly"], "ended")
                    try requireEqual(try names(.activeWithPeriodEnded(by: start + .seconds(9))), [], "none ended yet")
                    try requireEqual(
                        try names(.status(.active)), ["below", "exactly", "nothing-of-nothing"], "active")
                    try requireEqual(try names(.status(.closed)), [], "closed")
                }
            },
        ]
    }

    private static var periods: [Case] {
        [
            Case("saving charges moves the spending and its period, and nothing else of the account") { store in
                try await store.write { transaction in
                    let stored = try saveAccount(transaction, "ana")
                    var charged = stored
                    charged.standing.spending = Spending(
                        total: NanoDollars(rawValue: 5), atFallbackPrices: NanoDollars(rawValue: 4), requests: 3,
                        unmetered: 2)
                    var expected = charged
                    expected.updatedAt = start + .seconds(3)
                    charged.workflows = ["not written"]
                    charged.standing.announced = [.warning]
                    for _ in 0..<2 {
                        try transaction.saveCharges(of: charged, at: start + .seconds(3))
                        try requireEqual(try transaction.account(stored.id), expected, "the account")
                        let period = PeriodSpending(
                            budget: stored.id, period: stored.standing.period, spending: charged.standing.spending)
                        try requireEqual(try transaction.periods(of: stored.id, limit: 9), [period], "its period")
                    }
                    try requireThrows("charges of an account that isn't there") {
                        let missing = try ledgerAccount("none")
                        try transaction.atomically { try transaction.saveCharges(of: missing, at: start) }
                    }
                }
            },
            Case("a period's spending is kept, replaced, and listed newest first") { store in
                try await store.write { transaction in
                    let id = try saveAccount(transaction, "ana").id
                    func period(_ number: Int, _ spent: Int64) -> PeriodSpending {
                        PeriodSpending(
                            budget: id,
                            period: Period(
                                start: start + .seconds(number * 10), end: start + .seconds(number * 10 + 10)),
                            spending: Spending(
                                total: NanoDollars(rawValue: spent), atFallbackPrices: NanoDollars(rawValue: 1),
                                requests: 2, unmetered: 3))
                    }
                    for number in [1, 0, 2] { try transaction.saveSpending(period(number, 5)) }
                    try transaction.saveSpending(period(1, 8))

                    try requireEqual(
                        try transaction.spending(of: id, periodStart: start + .seconds(10)), period(1, 8), "replaced")
                    try requireEqual(
                        try transaction.spending(of: id, periodStart: start + .seconds(11)), nil, "none begins then")
                    try requireEqual(
                        try transaction.periods(of: id, limit: 2), [period(2, 5), period(1, 8)], "newest first")
                    try requireThrows("a period of no budget") {
                        var orphan = period(0, 1)
                        orphan.budget = BudgetID(rawValue: "principal:1/user/none")
                        try transaction.atomically { try transaction.saveSpending(orphan) }
                    }
                }
            },
            Case("periods from an instant on are removed, those of one budget") { store in
                try await store.write { transaction in
                    func period(_ name: String, _ number: Int) throws -> PeriodSpending {
                        PeriodSpending(
                            budget: try saveAccount(transaction, name).id,
                            period: Period(
                                start: start + .seconds(number * 10), end: start + .seconds(number * 10 + 10)),
                            spending: Spending(total: NanoDollars(rawValue: Int64(number + 1))))
                    }
                    let all = try [2, 0, 1].map { try period("ana", $0) }
                    for period in all { try transaction.saveSpending(period) }
                    let other = try period("bob", 2)
                    try transaction.saveSpending(other)
                    let id = all[0].budget
                    try requireEqual(
                        try transaction.removeSpending(of: id, from: start + .seconds(10)), [all[2], all[0]], "removed")
                    try requireEqual(
                        try transaction.removeSpending(of: id, from: start + .seconds(10)), [], "nothing is left")
                    try requireEqual(try transaction.periods(of: id, limit: 9), [all[1]], "the earlier one")
                    try requireEqual(try transaction.periods(of: other.budget, limit: 9), [other], "another's")
                }
            },
        ]
    }

    private static var backups: [Case] {
        [
            Case("the oldest open backup is the one to restore from, until all are closed") { store in
                try await store.write { transaction in
                    for name in ["ana", "bob"] { _ = try saveAccount(transaction, name) }
                    func backup(_ name: String, _ hash: String) -> NewPolicyBackup {
                        NewPolicyBackup(
                            principal: ledgerID(name), budget: BudgetScope.principal(ledgerID(name)).budgetID,
                            snapshot: ["hash": .string(hash), "list": [1, 2.5, .null]], hash: hash,
                            isTakenUnderSuspension: hash == "2", taking: hash == "3" ? ["a"] : nil, takenAt: start)
                    }
                    try requireEqual(try transaction.openBackup(of: ledgerID("ana")), nil, "none yet")
                    let first = try transaction.insertBackup(backup("ana", "1"))
                    _ = try transaction.insertBackup(backup("ana", "2"))
                    let other = try transaction.insertBackup(backup("bob", "3"))
                    let expected = PolicyBackup(id: first, backup: backup("ana", "1"))
                    try requireEqual(try transaction.openBackup(of: ledgerID("ana")), expected, "the oldest")

                    try transaction.closeBackups(of: ledgerID("ana"), at: start + .seconds(5))
                    try transaction.closeBackups(of: ledgerID("ana"), at: start + .seconds(9))
                    try requireEqual(try transaction.openBackup(of: ledgerID("ana")), nil, "all closed")
                    try requireEqual(
                        try transaction.backup(first)?.consumedAt, start + .seconds(5), "when it was closed first")
                    try requireEqual(try transaction.openBackup(of: ledgerID("bob"))?.id, other, "another's")
                    try requireEqual(try transaction.backup(other)?.backup.taking, ["a"], "what it is about to take")
                    for taking in [[], ["a", "b"], nil] {
                        try transaction.setTaking(taking, ofBackup: other)
                        try requireEqual(try transaction.backup(other)?.backup.taking, taking, "what is to be taken")
                    }
                }
            },
            Case("a backup is found by IAM's stable id while it is open, and the newest whether or not it is") {
                store in
                try await store.write { transaction in
                    _ = try saveAccount(transaction, "ana")
                    func backup(_ snapshot: JSONValue) -> NewPolicyBackup {
                        NewPolicyBackup(
                            principal: ledgerID("ana"), budget: BudgetScope.principal(ledgerID("ana")).budgetID,
                            snapshot: snapshot, hash: "h", isTakenUnderSuspension: false, takenAt: start)
                    }
                    try requireEqual(try transaction.lastBackup(of: ledgerID("ana")), nil, "none yet")
                    _ = try transaction.insertBackup(backup(["userId": "AIDA2", "list": ["AIDA1"]]))
                    let first = try transaction.insertBackup(backup(["userId": "AIDA1"]))
                    let role = try transaction.insertBackup(backup(["roleId": "AROA1"]))
                    try requireEqual(try transaction.openBackup(ofEntity: "AIDA1")?.id, first, "a user's")
                    try requireEqual(try transaction.openBackup(ofEntity: "AROA1")?.id, role, "a role's")
                    try requireEqual(try transaction.openBackup(ofEntity: "AIDA"), nil, "nobody's")
                    try transaction.closeBackups(of: ledgerID("ana"), at: start)
                    try requireEqual(try transaction.openBackup(ofEntity: "AIDA1"), nil, "a closed one")
                    try requireEqual(try transaction.lastBackup(of: ledgerID("ana"))?.id, role, "the newest")
                }
            },
        ]
    }
}
