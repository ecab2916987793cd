import Budgets
import Enforcement
import Engine
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var costTags: [Case] { taggedSums + taggedReports + movedPrincipals }

    private static func row(_ tag: CostTag, _ value: String, _ cost: Int64, requests: Int64 = 1) -> TaggedSums {
        TaggedSums(
            tag: tag, value: value,
            sums: UsageSums(
                requests: requests, errors: 1, tokens: TokenCounts(input: 2, output: 3, cacheRead: 4),
                cost: NanoDollars(rawValue: cost)))
    }

    /// `tag value cost` of what the metrics show.
    private static func told(_ transaction: Transaction, _ limit: Int = 200) throws -> [String] {
        try transaction.gauges(GaugeLimits(tagValues: limit)).tagged.map {
            "\($0.tag.rawValue) \($0.value) \($0.sums.cost.rawValue)"
        }
    }

    private static var taggedSums: [Case] {
        [
            Case("costs by tag are added up, and shown in the order in which values first appeared") { store in
                try await store.write { transaction in
                    try requireEqual(try told(transaction), [], "at first")
                    try transaction.addTaggedSums([row(.team, "red", 5), row(.tier, "", 5)])
                    try transaction.addTaggedSums([row(.team, "blue", 70), row(.team, "red", 2, requests: 9)])
                    try transaction.addTaggedSums([])
                    try requireEqual(try told(transaction), ["team red 7", "team blue 70", "tier  5"], "costs")
                    let red = try transaction.gauges(GaugeLimits()).tagged.first?.sums
                    try requireEqual(
                        red,
                        UsageSums(
                            requests: 10, errors: 2, tokens: TokenCounts(input: 4, output: 6, cacheRead: 8),
                            cost: NanoDollars(rawValue: 7)), "all sums")
                }
            },
            Case("costs by tag beyond the limit are one, which never goes down") { store in
                try await store.write { transaction in
                    for (number, value) in ["a", "b", "c", "d"].enumerated() {
                        try transaction.addTaggedSums([row(.purpose, value, Int64(number + 1))])
                    }
                    try requireEqual(
                        try told(transaction, 2), ["purpose a 1", "purpose b 2", "purpose other 7"], "bounded")
                    // However dear it gets, it stays where it is counted.
                    try transaction.addTaggedSums([row(.purpose, "d", 1000)])
                    try requireEqual(
                        try told(transaction, 2), ["purpose a 1", "purpose b 2", "purpose other 1007"], "dearer")
                    try requireEqual(try told(transaction, 0), ["purpose other 1010"], "all")
                    try requireEqual(try told(transaction, 4).count, 4, "as many as there are")
                }
            },
            Case("a value that is called other is shown once") { store in
                try await store.write { transaction in
                    for value in ["other", "b", "c"] { try transaction.addTaggedSums([row(.team, value, 1)]) }
                    try requireEqual(try told(transaction, 2), ["team other 2", "team b 1"], "one row")
                }
            },
            Case("costs by tag stop at the largest number") { store in
                try await store.write { transaction in
                    try transaction.addTaggedSums([row(.team, "red", .max - 1)])
                    try transaction.addTaggedSums([row(.team, "red", 5)])
                    try requireEqual(try told(transaction), ["team red \(Int64.max)"], "the cost")
                }
            },
        ]
    }

    private static var taggedReports: [Case] {
        [
            Case("an account brings what its principal's row says of costs") { store in
                let id = try await store.write { transaction in
                    let account = try saveAccount(transaction, "ana")
                    try requireEqual(try transaction.account(account.id)?.costTags, CostTags(), "without tags")
                    var record = ledgerPrincipal("ana")
                    (record.team, record.purpose, record.tier) = ("red", "research", "low")
                    try transaction.savePrincipal(record)
                    try requireEqual(try transaction.principal(ledgerID("ana")), record, "the principal")
                    return account.id
                }
                let tags = CostTags(team: "red", purpose: "research", tier: "low")
                try await store.write { transaction in
                    var account = try ledgerAccount("ana")
                    account.purpose = "another"
                    try transaction.saveAccount(account)
                    try requireEqual(try transaction.account(id)?.costTags, tags, "not the account's to change")
                }
                let read: CostTags? = try await store.read { try $0.account(id)?.costTags }
                try requireEqual(read, tags, "as others read it")
                try requireEqual(
                    try await store.read { try $0.accounts(AccountQuery()).map(\.costTags) }, [tags], "in a list")
            },
            Case("uses are added up by purpose and by tier") { store in
                try await store.write { transaction in
                    let people: [(name: String, purpose: String?, tier: String?, cost: Int64)] = [
                        ("ana", "research", "low", 5), ("bob", "research", "high", 7), ("cy", nil, nil, 100),
                    ]
                    for person in people {
                        var record = ledgerPrincipal(person.name)
                        (record.purpose, record.tier) = (person.purpose, person.tier)
                        try transaction.savePrincipal(record)
                        try transaction.addUsageHours([
                            UsageHour(
                                slot: UsageSlot(
                                    hour: start.hour, principal: ledgerID(person.name), model: "m",
                                    region: "us-east-1", operation: "Converse"),
                                tags: CostTags(purpose: person.purpose, tier: person.tier),
                                sums: UsageSums(requests: 1, cost: NanoDollars(rawValue: person.cost)))
                        ])
                    }
                    func told(_ dimensions: Set<UsageDimension>, of name: String? = nil) throws -> [String] {
                        try transaction.usageGroups(
                            UsageQuery(
                                from: start.hour, to: start.hour + 1, dimensions: dimensions,
                                principal: name.map { ledgerID($0) })
                        ).map { group in
                            [group.purpose ?? "-", group.tier ?? "-", "\(group.sums.cost.rawValue)"]
                                .joined(separator: " ")
                        }
                    }
                    try requireEqual(try told([.purpose]), ["- - 100", "research - 12"], "by purpose")
                    try requireEqual(try told([.tier]), ["- - 100", "- high 7", "- low 5"], "by tier")
                    try requireEqual(
                        try told([.purpose, .tier, .model]), ["- - 100", "research high 7", "research low 5"], "by all")
                    try requireEqual(try told([.tier], of: "bob"), ["- high 7"], "of one")
                }
            },
        ]
    }

    private static var movedPrincipals: [Case] {
        [
            Case("a report tells tags as they were when uses were charged, and of principals as they are") { store in
                try await store.write { transaction in
                    for (number, team) in ["red", "blue"].enumerated() {
                        var record = ledgerPrincipal("ana")
                        record.team = team
                        try transaction.savePrincipal(record)
                        var usage = ledgerUsage("\(number)")
                        usage.tags = CostTags(team: team)
                        _ = try transaction.insertUsage(usage)
                        try transaction.addUsageHours([
                            UsageHour(
                                slot: UsageSlot(usage.event), tags: usage.tags,
                                sums: UsageSums(requests: 1, cost: NanoDollars(rawValue: Int64(number + 5))))
                        ])
                    }
                    func told(
                        _ dimensions: Set<UsageDimension>, _ change: (inout UsageQuery) -> Void = { _ in }
                    ) throws -> [String] {
                        var query = UsageQuery(from: start.hour, to: start.hour + 1, dimensions: dimensions)
                        change(&query)
                        return try transaction.usageGroups(query).map {
                            [$0.team, $0.principal?.id.name, "\($0.sums.cost.rawValue)"].compactMap(\.self)
                                .joined(separator: " ")
                        }
                    }
                    try requireEqual(try told([.team]), ["blue 6", "red 5"], "by team")
                    try requireEqual(try told([]) { $0.team = "red" }, ["5"], "of a team")
                    try requireEqual(try told([.team, .principal]), ["blue ana 11"], "by team and principal")
                    try requireEqual(try told([.principal]) { $0.team = "red" }, [], "members of a team")
                    try requireEqual(
                        try told([]) { ($0.team, $0.goesByPrincipals) = ("blue", true) }, ["11"], "their sum")
                    // A use brings what it was charged under, so that a correction finds its row.
                    guard let first = try transaction.usage(ledgerUsage("0").event.key) else {
                        throw ConformanceFailure(description: "the first use is gone")
                    }
                    try transaction.adjustUsageHour(of: first, by: UsageSums(cost: NanoDollars(rawValue: -2)))
                    try requireEqual(try told([.team]), ["blue 6", "red 3"], "after a correction")
                    try requireEqual(try told([]), ["9"], "all")
                    // Nobody is in a team without a name, not those either who are in none.
                    try transaction.addUsageHours([
                        UsageHour(slot: UsageSlot(first.event), sums: UsageSums(requests: 1))
                    ])
                    try requireEqual(try told([]) { $0.team = "" }, [], "of a team without a name")
                }
            },
            Case("sums stop at the largest number, whatever they are sums of") { store in
                try await store.write { transaction in
                    let absurd = UsageSums(
                        requests: 1, fallbackRequests: 1, tokens: TokenCounts(input: .max, output: .max),
                        cost: NanoDollars(rawValue: .max), fallbackCost: NanoDollars(rawValue: .max))
                    for (name, model) in [("ana", "a"), ("bob", "b"), ("bob", "c")] {
                        try transaction.savePrincipal(ledgerPrincipal(name))
                        var event = ledgerUsage("1").event
                        (event.principal, event.model) = (ledgerPrincipal(name).principal, ModelID(model))
                        let sums = model == "c" ? UsageSums(requests: 1, cost: NanoDollars(rawValue: 7)) : absurd
                        try transaction.addUsageHours([UsageHour(slot: UsageSlot(event), sums: sums)])
                    }
                    for order in [UsageQuery.Order.cost, .requests, .tokens] {
                        for dimensions in [[], [.region], [.team], [.principal]] as [Set<UsageDimension>] {
                            let groups = try transaction.usageGroups(
                                UsageQuery(
                                    from: start.hour, to: start.hour + 1, dimensions: dimensions, order: order))
                            let most = Array(repeating: Int64.max, count: dimensions == [.principal] ? 2 : 1)
                            try requireEqual(groups.map(\.sums.cost.rawValue), most, "costs by \(dimensions)")
                            try requireEqual(groups.map(\.sums.tokens.input), most, "tokens by \(dimensions)")
                            let requests = groups.reduce(0) { $0 + $1.sums.requests }
                            try requireEqual(requests, 3, "requests by \(dimensions)")
                        }
                    }
                    let next = UsageSlot(
                        hour: start.hour + 1, principal: ledgerID("ana"), model: "a", region: "us-east-1",
                        operation: "Converse")
                    try transaction.addUsageHours([UsageHour(slot: next, sums: absurd)])
                    let unpriced = try transaction.unpricedModels(since: start, limit: 9)
                    try requireEqual(unpriced.map(\.model), ["a", "b"], "models without a price")
                    try requireEqual(unpriced.map(\.amount.rawValue), [.max, .max], "what they cost")
                }
            },
            Case("what groups add up to is found wherever they stand") { store in
                try await store.write { transaction in
                    try transaction.savePrincipal(ledgerPrincipal("ana"))
                    for (number, model) in ["a", "b", "c"].enumerated() {
                        var event = ledgerUsage("1").event
                        event.model = ModelID(model)
                        try transaction.addUsageHours([
                            UsageHour(
                                slot: UsageSlot(event),
                                sums: UsageSums(requests: 1, cost: NanoDollars(rawValue: Int64(number + 1))))
                        ])
                    }
                    let query = UsageQuery(
                        from: start.hour, to: start.hour + 1, dimensions: [.principal, .model], limit: 1)
                    var all = query
                    all.limit = 9
                    let groups = try transaction.usageGroups(all)
                    try requireEqual(groups.map(\.model), ["c", "b", "a"], "groups")
                    var unknown = groups[0].key
                    unknown.model = "d"
                    let asked = Set(groups.dropFirst().map(\.key) + [unknown])
                    let found = try transaction.usageSums(of: asked, query)
                    try requireEqual(
                        found, [groups[1].key: groups[1].sums, groups[2].key: groups[2].sums], "those asked for")
                    try requireEqual(try transaction.usageSums(of: [], query), [:], "none")
                }
            },
        ]
    }
}
