import Budgets
import Enforcement
import Engine
import JSONModel
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var reports: [Case] { rollup + corrections + recordedUses + gauges + costTags }

    private static var hour: Int64 { start.hour }

    /// Saves the principal and meters one use of it: single use and rollup, as metering writes them.
    @discardableResult
    private static func use(
        _ transaction: Transaction, _ requestID: String, _ name: String = "ana", team: String? = nil, cost: Int64 = 10,
        after seconds: Int = 0, model: String = "m", region: String = "us-east-1", operation: String = "Converse",
        basis: Charge.Basis = .listed, error: String? = nil
    ) throws -> ChargedUsage {
        var record = ledgerPrincipal(name)
        record.team = team
        try transaction.savePrincipal(record)
        let event = UsageEvent(
            key: UsageKey(account: "1", region: region, requestID: requestID), at: start + .seconds(seconds),
            principal: record.principal, model: ModelID(model), operation: operation,
            tokens: TokenCounts(input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5), images: 6,
            errorCode: error, source: "test")
        let charge = Charge(amount: NanoDollars(rawValue: cost), basis: basis)
        let usage = ChargedUsage(event: event, charge: charge, tags: CostTags(team: team), recordedAt: start)
        _ = try transaction.insertUsage(usage)
        var rollup = UsageRollup()
        rollup.add(event, charge)
        try transaction.addUsageHours(rollup.hours { _ in usage.tags })
        return usage
    }

    private static func query(_ dimensions: Set<UsageDimension> = [], from: Int64 = 0, to: Int64 = 24) -> UsageQuery {
        UsageQuery(from: hour + from, to: hour + to, dimensions: dimensions)
    }

    /// `name cost` of each group.
    private static func told(_ groups: [UsageGroup]) -> [String] {
        groups.map { group in
            let names = [group.principal?.id.name, group.team, group.model, group.region, group.operation]
            return names.compactMap(\.self).joined(separator: " ") + " \(group.sums.cost.rawValue)"
        }
    }

    private static var rollup: [Case] {
        [
            Case("uses are added up by what is asked for, the dearest first") { store in
                try await store.write { transaction in
                    try use(transaction, "1", "ana", team: "red", cost: 5, model: "m1")
                    try use(transaction, "2", "ana", team: "red", cost: 6, after: 3600, model: "m2")
                    try use(
                        transaction, "3", "bob", team: "red", cost: 7, region: "eu-west-1", operation: "InvokeModel")
                    try use(transaction, "4", "cy", cost: 100, after: 7200)

                    func told(_ query: UsageQuery) throws -> [String] { self.told(try transaction.usageGroups(query)) }
                    try requireEqual(try told(query()), [" 118"], "all")
                    try requireEqual(try told(query([.principal])), ["cy 100", "ana 11", "bob 7"], "by principal")
                    try requireEqual(try told(query([.team])), [" 100", "red 18"], "by team, without first")
                    try requireEqual(
                        try told(query([.team, .principal])), ["cy 100", "ana red 11", "bob red 7"], "by both")
                    try requireEqual(try told(query([.model])), ["m 107", "m2 6", "m1 5"], "by model")
                    try requireEqual(
                        try told(query([.region, .operation])),
                        ["us-east-1 Converse 111", "eu-west-1 InvokeModel 7"], "by Region and operation")
                    try requireEqual(try told(query(to: 1)), [" 12"], "the first hour")
                    try requireEqual(try told(query(from: 2)), [" 100"], "the later ones")
                    try requireEqual(try told(query(from: 3)), [], "none")
                    try requireEqual(try told(query([.principal], from: 5, to: 5)), [], "no hours")
                }
            },
            Case("uses are picked by principal, team, model and Region") { store in
                try await store.write { transaction in
                    try use(transaction, "1", "ana", team: "red", cost: 5, model: "m1")
                    try use(transaction, "2", "ana", team: "red", cost: 6, after: 7300, region: "eu-west-1")
                    try use(transaction, "3", "bob", team: "red", cost: 7)
                    try use(transaction, "4", "cy", cost: 100)
                    func told(_ change: (inout UsageQuery) -> Void) throws -> [String] {
                        var query = query([.principal])
                        change(&query)
                        return self.told(try transaction.usageGroups(query))
                    }
                    try requireEqual(try told { $0.principal = ledgerID("ana") }, ["ana 11"], "of one")
                    try requireEqual(try told { $0.team = "red" }, ["ana 11", "bob 7"], "of a team")
                    try requireEqual(try told { $0.team = "blue" }, [], "of no team")
                    try requireEqual(
                        try told { ($0.team, $0.principal) = ("blue", ledgerID("ana")) }, [], "in another team")
                    try requireEqual(try told { $0.model = "m1" }, ["ana 5"], "of a model")
                    try requireEqual(
                        try told { ($0.region, $0.principal) = ("us-east-1", ledgerID("ana")) }, ["ana 5"], "and Region"
                    )
                    try requireEqual(try told { $0.model = "none" }, [], "of a model that nobody used")
                    try requireEqual(try told { $0.limit = 1 }, ["cy 100"], "the first")
                    try requireEqual(
                        try told { ($0.order, $0.limit) = (.requests, 2) }, ["ana 11", "cy 100"], "by requests")
                    try requireEqual(try told { $0.order = .tokens }, ["ana 11", "cy 100", "bob 7"], "by tokens")
                }
            },
            Case("all that a use says is added up") { store in
                try await store.write { transaction in
                    try use(transaction, "1", cost: 10)
                    try use(transaction, "2", cost: 20, basis: .fallback)
                    try use(transaction, "3", cost: 0, basis: .unmetered)
                    try use(transaction, "4", cost: 0, basis: .notBillable, error: "Oops")
                    let expected = UsageSums(
                        requests: 4, errors: 1, unmetered: 1, fallbackRequests: 1,
                        tokens: TokenCounts(input: 4, output: 8, cacheRead: 12, cacheWrite5m: 16, cacheWrite1h: 20),
                        images: 24, cost: NanoDollars(rawValue: 30), fallbackCost: NanoDollars(rawValue: 20))
                    try requireEqual(try transaction.usageGroups(query()), [UsageGroup(sums: expected)], "sums")
                    try requireEqual(
                        try transaction.usageGroups(query([.principal])).map(\.sums), [expected], "by principal")
                }
            },
            Case("sums stop at the largest number") { store in
                try await store.write { transaction in
                    try use(transaction, "1", cost: .max - 1)
                    try use(transaction, "2", cost: 5)
                    try requireEqual(
                        try transaction.usageGroups(query()).map(\.sums.cost.rawValue), [.max], "their cost")
                }
            },
            Case("hours with usage are listed in order") { store in
                try await store.write { transaction in
                    for (number, seconds) in [7200, 0, 1, 90_000].enumerated() {
                        try use(transaction, "\(number)", after: seconds)
                    }
                    try requireEqual(
                        try transaction.hoursWithUsage(from: hour, to: hour + 25),
                        [HourLoad(hour: hour, requests: 2), HourLoad(hour: hour + 2, requests: 1)], "hours")
                }
            },
        ]
    }

    private static var corrections: [Case] {
        [
            Case("a correction changes what reports say, not what was charged in all") { store in
                try await store.write { transaction in
                    let usage = try use(transaction, "1", team: "red", cost: 20, basis: .fallback)
                    let less = NanoDollars(rawValue: -15)
                    try transaction.adjustUsageHour(
                        of: usage,
                        by: UsageSums(
                            unmetered: 1, fallbackRequests: -1, cost: less, fallbackCost: NanoDollars(rawValue: -20)))
                    for query in [query(), query([.principal]), query([.team])] {
                        let sums = try transaction.usageGroups(query)[0].sums
                        try requireEqual(sums.cost.rawValue, 5, "cost")
                        try requireEqual(sums.fallbackCost.rawValue, 0, "at safe rates")
                        try requireEqual([sums.unmetered, sums.fallbackRequests], [1, 0], "kinds of uses")
                        try requireEqual(sums.requests, 1, "requests")
                    }
                    let charged = try transaction.gauges(GaugeLimits()).models.map(\.sums.cost.rawValue)
                    try requireEqual(charged, [20], "charged in all")
                }
            },
            Case("a sum that has stopped at the largest number stays there, whatever is corrected") { store in
                try await store.write { transaction in
                    let usage = try use(transaction, "1", team: "red", cost: .max - 1)
                    try use(transaction, "2", team: "red", cost: 5)
                    for cost in [-(Int64.max - 1), -5] {
                        let less = NanoDollars(rawValue: cost)
                        try transaction.adjustUsageHour(of: usage, by: UsageSums(cost: less))
                        for query in [query(), query([.principal]), query([.team])] {
                            let sums = try transaction.usageGroups(query)[0].sums
                            try requireEqual(sums.cost.rawValue, .max, "cost by \(query.dimensions)")
                            try requireEqual(sums.requests, 2, "requests by \(query.dimensions)")
                        }
                    }
                }
            },
        ]
    }

    private static var recordedUses: [Case] {
        [
            Case("an hour's uses come in the order of time, singly where they are there") { store in
                try await store.write { transaction in
                    try use(transaction, "1", "bob", cost: 7, after: 60)
                    try use(transaction, "2", "ana", team: "red", cost: 5, after: 30)
                    try use(transaction, "3", "ana", team: "red", cost: 0, after: 90, basis: .notBillable, error: "x")
                    try use(transaction, "4", "ana", team: "red", cost: 1, after: 3600)
                    let uses = try transaction.recordedUses(inHour: hour, singly: true)
                    try requireEqual(uses.map(\.at), [30, 60, 90].map { start + .seconds($0) }, "when")
                    try requireEqual(uses.map(\.principal.id.name), ["ana", "bob", "ana"], "who")
                    try requireEqual(uses.map(\.team), ["red", nil, "red"], "team")
                    try requireEqual(uses.map(\.cost.rawValue), [5, 7, 0], "cost")
                    try requireEqual(uses.map(\.requests), [1, 1, 0], "billed requests")
                    try requireEqual(uses.map(\.tokens), [15, 15, 15], "tokens")
                }
            },
            Case("uses whose sums say something else stand at the end of their hour") { store in
                try await store.write { transaction in
                    let usage = try use(transaction, "1", "ana", cost: 5, after: 30)
                    try use(transaction, "2", "bob", cost: 7, after: 60)
                    try transaction.adjustUsageHour(of: usage, by: UsageSums(cost: NanoDollars(rawValue: 3)))
                    let end = Instant(milliseconds: Instant(hour: hour + 1).milliseconds - 1)
                    let uses = try transaction.recordedUses(inHour: hour, singly: true)
                    try requireEqual(uses.map(\.at), [start + .seconds(60), end], "when")
                    try requireEqual(uses.map(\.cost.rawValue), [7, 8], "cost")
                    let summed = try transaction.recordedUses(inHour: hour, singly: false)
                    try requireEqual(summed.map(\.at), [end, end], "when not singly")
                    try requireEqual(summed.map(\.principal.id.name), ["ana", "bob"], "who")
                }
            },
        ]
    }

    private static var gauges: [Case] {
        [
            Case("accounts are listed by what they spent, and by how much of their limit that is") { store in
                try await store.write { transaction in
                    for (name, spent, limit) in [("a", 50, 100), ("b", 9, 10), ("c", 1, 0), ("d", 0, 0)] {
                        var account = try saveAccount(transaction, name)
                        account.budget.limit = NanoDollars(rawValue: Int64(limit))
                        account.standing.spending.total = NanoDollars(rawValue: Int64(spent))
                        try transaction.saveAccount(account)
                    }
                    func names(
                        _ order: AccountOrder, _ limit: Int = 9, after seconds: Int = 0
                    ) throws -> [String] {
                        try transaction.topAccounts(order, limit: limit, at: start + .seconds(seconds))
                            .map(\.principal.id.name)
                    }
                    try requireEqual(try names(.spent), ["a", "b", "c", "d"], "by money")
                    try requireEqual(try names(.percent), ["c", "b", "a", "d"], "by share")
                    try requireEqual(try names(.percent, 1), ["c"], "the first")
                    try requireEqual(try transaction.gauges(GaugeLimits(principals: 2)).top.count, 2, "in the gauges")
                    // A new period has begun: only who has lost access keeps the old one, and its sum.
                    let statuses: [String: AccessStatus] = ["a": .closed, "b": .suspended]
                    for var account in try transaction.accounts(AccountQuery()) {
                        guard let status = statuses[account.principal.id.name] else { continue }
                        account.standing.access = Access(status: status, since: start)
                        try transaction.saveAccount(account)
                    }
                    try requireEqual(try names(.spent, after: 99), ["a", "b", "c", "d"], "before their periods end")
                    try requireEqual(try names(.spent, after: 100), ["b", "a", "c", "d"], "after, by money")
                    try requireEqual(try names(.percent, after: 100), ["b", "a", "c", "d"], "after, by share")
                }
            },
            Case("budgets are counted by status and by threshold") { store in
                try await store.write { transaction in
                    for (name, status, announced) in [
                        ("a", AccessStatus.active, Set<Threshold>()), ("b", .grace, [.warning, .critical, .exceeded]),
                        ("c", .active, [.warning]), ("d", .suspended, [.warning, .exceeded]),
                        // Who is gone is beyond nothing any more.
                        ("e", .closed, [.warning, .critical, .exceeded]), ("f", .closed, [.warning]),
                    ] {
                        var account = try saveAccount(transaction, name)
                        account.standing.access = Access(status: status, since: start)
                        account.standing.announced = announced
                        try transaction.saveAccount(account)
                    }
                    let gauges = try transaction.gauges(GaugeLimits())
                    let statuses = Dictionary(uniqueKeysWithValues: gauges.budgets.map { ($0.key, $0.count) })
                    try requireEqual(statuses.count, AccessStatus.allCases.count, "all are there")
                    try requireEqual(
                        [statuses[.active], statuses[.grace], statuses[.suspended], statuses[.closed]], [2, 1, 1, 2],
                        "by status")
                    let thresholds = Dictionary(uniqueKeysWithValues: gauges.thresholds.map { ($0.key, $0.count) })
                    try requireEqual(thresholds, [.warning: 1, .critical: 0, .exceeded: 2], "by threshold")
                }
            },
            Case("what was ingested is counted, and its source heard") { store in
                try await store.write { transaction in
                    var report = IngestReport()
                    (report.received, report.recorded, report.duplicates) = (5, 3, 2)
                    try transaction.countIngest(report)
                    try transaction.countIngest(report)
                    for (name, seconds) in [("s", 10), ("t", 0), ("never", nil)] as [(String, Int?)] {
                        var source = IngestSource(origin: IngestOrigin(name: name, kind: .sqs), since: start)
                        source.lastReceivedAt = seconds.map { start + .seconds($0) }
                        source.lastRecordAt = name == "s" ? start : nil
                        try transaction.saveIngestSource(source)
                    }
                    let gauges = try transaction.gauges(GaugeLimits())
                    try requireEqual(
                        gauges.tallies.filter { $0.kind == .ingest }.map { "\($0.key) \($0.count)" },
                        ["duplicate 4", "received 10", "recorded 6"], "counts")
                    try requireEqual(
                        gauges.sources,
                        [
                            LedgerGauges.Source(name: "s", heardAt: start + .seconds(10), latestUse: start),
                            LedgerGauges.Source(name: "t", heardAt: start, latestUse: nil),
                        ], "sources")
                }
            },
            Case("audit entries, notices, dead letters and ended executions are counted") { store in
                let id = try await store.write { transaction in
                    for action in ["a", "b", "a"] {
                        try transaction.appendAudit(
                            AuditEntry(at: start, actor: "t", action: action, subject: "s", detail: .null))
                    }
                    let notice = Notice(
                        id: "n", kind: .unknownModel, principal: nil, data: [:], at: start + .seconds(3))
                    _ = try transaction.enqueue(notice, channels: ["log", "mail"])
                    _ = try transaction.insertDeadLetter(
                        NewDeadLetter(
                            kind: .usage, subject: "s", source: "t", error: "e", cause: "c", payload: [], at: start))
                    _ = try seedExecution(transaction, name: "runs")
                    return try seedExecution(transaction, name: "ends")
                }
                try await store.write { transaction in
                    try transaction.finishExecution(
                        id, status: .failed, at: start + .seconds(61), error: "e", cause: nil)
                }
                let gauges = try await store.read { try $0.gauges(GaugeLimits()) }
                try requireEqual(
                    gauges.tallies.map { "\($0.kind.rawValue) \($0.key) \($0.count)" },
                    ["audit a 2", "audit b 1", "dead-letter usage 1", "notice unknown-model 1"], "tallies")
                let counts: [Int64] = [0, 0, 0, 1, 0, 0, 0, 0]
                try requireEqual(
                    gauges.endings,
                    [
                        LedgerGauges.Endings(
                            stateMachine: "machine", status: .failed, counts: counts, milliseconds: 61_000)
                    ], "endings")
                try requireEqual([gauges.runningExecutions, gauges.parkedExecutions], [1, 0], "running")
                try requireEqual(gauges.openDeadLetters.filter { $0.count > 0 }.map(\.key), [.usage], "letters")
                try requireEqual(gauges.waitingNotices, 2, "waiting")
                try requireEqual(gauges.oldestNotice, start + .seconds(3), "the oldest")
            },
        ]
    }
}
