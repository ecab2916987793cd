import Budgets
import Enforcement
import Engine
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var calls: [Case] { countedCalls + latencySums }

    private static var hour: Int64 { start.hour }

    private static func call(
        _ name: String = "ana", _ agent: String = "Boto3/1.34", from address: String = "192.0.2.1",
        operation: String = "Converse", hour offset: Int64 = 0, requests: Int64 = 1, errors: Int64 = 0,
        first: Int = 0, last: Int = 0
    ) -> CallHour {
        CallHour(
            slot: CallSlot(
                hour: hour + offset, principal: ledgerID(name), agent: agent, address: address, operation: operation),
            sums: CallSums(
                requests: requests, errors: errors, firstAt: start + .seconds(first), lastAt: start + .seconds(last)))
    }

    private static func query(
        _ dimensions: Set<CallDimension>, principal: String? = nil, team: String? = nil, limit: Int = 100
    ) -> CallQuery {
        CallQuery(
            from: hour, to: hour + 24, dimensions: dimensions, principal: principal.map(ledgerID), team: team,
            limit: limit)
    }

    private static func savePrincipals(_ transaction: Transaction) throws {
        for (name, team) in [("ana", "red"), ("bob", "red"), ("cy", nil)] as [(String, String?)] {
            var record = ledgerPrincipal(name)
            record.team = team
            try transaction.savePrincipal(record)
        }
    }

    private static var countedCalls: [Case] {
        [
            Case("a call is counted once") { store in
                try await store.write { transaction in
                    let uuid = "5d0c7b1e-2f3a-4c5d-8e9f-0a1b2c3d4e5f"
                    for id in [uuid, "another"] {
                        try requireEqual(try transaction.insertCall(id, at: start), true, "\(id), new")
                        try requireEqual(try transaction.insertCall(id, at: start), false, "\(id), again")
                    }
                }
            },
            Case("calls add up by what is asked for, the most first") { store in
                try await store.write { transaction in
                    try requireThrows("calls of nobody") {
                        try transaction.atomically { try transaction.addCalls([call()]) }
                    }
                    try savePrincipals(transaction)
                    try transaction.addCalls([
                        call(requests: 2, errors: 1, first: 10, last: 20),
                        call("bob", from: "192.0.2.2", requests: 3, first: 40, last: 50),
                        call("cy", "aws-cli/2.15", operation: "InvokeModel", requests: 8, first: 60, last: 60),
                        call(hour: 24, requests: 100),
                    ])
                    try transaction.addCalls([call(hour: 1, requests: 4, first: 3600, last: 3700)])
                    try transaction.addCalls([call(requests: 1, first: 5, last: 15)])

                    func told(_ query: CallQuery) throws -> [String] {
                        try transaction.callGroups(query).map { group in
                            let names = [
                                group.principal?.id.name, group.team, group.agent, group.address, group.operation,
                            ]
                            return (names.compactMap(\.self) + ["\(group.sums.requests)"]).joined(separator: " ")
                        }
                    }
                    try requireEqual(try told(query([.userAgent])), ["Boto3/1.34 10", "aws-cli/2.15 8"], "by agent")
                    try requireEqual(
                        try told(query([.address, .principal])),
                        ["cy 192.0.2.1 8", "ana 192.0.2.1 7", "bob 192.0.2.2 3"], "by address and principal")
                    try requireEqual(try told(query([.operation])), ["Converse 10", "InvokeModel 8"], "by operation")
                    try requireEqual(try told(query([.team])), ["red 10", "8"], "by team")
                    try requireEqual(try told(query([.principal], limit: 1)), ["cy 8"], "the first")
                    try requireEqual(try told(query([.userAgent], principal: "ana")), ["Boto3/1.34 7"], "of one")
                    try requireEqual(
                        try told(query([.principal, .team], team: "red")), ["ana red 7", "bob red 3"], "of a team")
                    try requireEqual(
                        try told(query([], principal: "cy", team: "red")), [], "of somebody else's team")
                    let all = try transaction.callGroups(query([], principal: "ana"))
                    try requireEqual(
                        all,
                        [
                            CallGroup(
                                sums: CallSums(
                                    requests: 7, errors: 1, firstAt: start + .seconds(5), lastAt: start + .seconds(3700)
                                ))
                        ], "all of one")
                    try requireEqual(
                        try transaction.callGroups(CallQuery(from: hour + 50, to: hour + 60)), [], "no data")
                }
            },
            Case("what is more than an hour of a principal holds is counted as other") { store in
                try await store.write { transaction in
                    try savePrincipals(transaction)
                    let most = CallSlot.mostOfPrincipal
                    try transaction.addCalls((0..<most + 3).map { call(from: "192.0.2.\($0)") })
                    try requireEqual(try transaction.callGroups(query([.address], limit: 1000)).count, most, "rows")
                    // Those that are there go on, and so do others and other hours.
                    try transaction.addCalls([
                        call(from: "192.0.2.0", requests: 10), call("bob", from: "198.51.100.1", requests: 5),
                        call(from: "198.51.100.2", hour: 1, requests: 6),
                        call(from: "198.51.100.3", operation: "InvokeModel", requests: 7),
                    ])
                    let groups = try transaction.callGroups(query([.address, .operation], limit: 1000))
                    try requireEqual(
                        groups.prefix(5).map { "\($0.address ?? "") \($0.sums.requests)" },
                        ["192.0.2.0 11", "other 7", "198.51.100.2 6", "198.51.100.1 5", "other 4"], "the most")
                    try requireEqual(groups.count, most + 3, "slots")
                    try requireEqual(
                        try transaction.callGroups(query([])).map(\.sums.requests), [Int64(most + 3 + 10 + 5 + 6 + 7)],
                        "nothing is lost")
                }
            },
        ]
    }

    private static func latency(
        _ name: String, _ model: String, _ milliseconds: [Int64], hour offset: Int64 = 0
    ) -> LatencyHour {
        var sums = LatencySums()
        for latency in milliseconds { sums.add(milliseconds: latency) }
        return LatencyHour(
            slot: LatencySlot(hour: hour + offset, principal: ledgerID(name), model: model),
            tags: CostTags(team: name == "cy" ? nil : "red", tier: "low"), sums: sums)
    }

    private static var latencySums: [Case] {
        [
            Case("latencies add up by principal, team and model") { store in
                try await store.write { transaction in
                    try requireThrows("latencies of nobody") {
                        try transaction.atomically { try transaction.addLatencies([latency("ana", "m", [1])]) }
                    }
                    try savePrincipals(transaction)
                    try transaction.addLatencies([
                        latency("ana", "m", [100, 300]), latency("bob", "n", [50]), latency("cy", "m", [7]),
                        latency("ana", "m", [9000], hour: 24),
                    ])
                    try transaction.addLatencies([latency("ana", "m", [200]), latency("ana", "n", [10], hour: 1)])

                    func told(
                        _ dimensions: Set<UsageDimension>, _ change: (inout UsageQuery) -> Void = { _ in }
                    ) throws -> [LatencyKey: LatencySums] {
                        var query = UsageQuery(from: hour, to: hour + 24, dimensions: dimensions, limit: 1)
                        change(&query)
                        return try transaction.latencies(query, of: nil)
                    }
                    func sums(_ count: Int64, _ milliseconds: Int64, _ longest: Int64) -> LatencySums {
                        LatencySums(count: count, milliseconds: milliseconds, longestMilliseconds: longest)
                    }
                    try requireEqual(try told([]), [LatencyKey(): sums(6, 667, 300)], "all")
                    try requireEqual(
                        try told([.model]),
                        [LatencyKey(model: "m"): sums(4, 607, 300), LatencyKey(model: "n"): sums(2, 60, 50)],
                        "by model")
                    try requireEqual(
                        try told([.team]),
                        [LatencyKey(team: "red"): sums(5, 660, 300), LatencyKey(): sums(1, 7, 7)], "by team")
                    try requireEqual(
                        try told([.principal, .model]) { $0.principal = ledgerID("ana") },
                        [
                            LatencyKey(principal: ledgerID("ana"), model: "m"): sums(3, 600, 300),
                            LatencyKey(principal: ledgerID("ana"), model: "n"): sums(1, 10, 10),
                        ], "of one")
                    try requireEqual(
                        try told([.team]) { ($0.team, $0.model) = ("red", "n") },
                        [LatencyKey(team: "red"): sums(2, 60, 50)], "of a team's model")
                    try requireEqual(
                        try told([.purpose, .tier]) { $0.team = "red" }, [LatencyKey(tier: "low"): sums(5, 660, 300)],
                        "by purpose and tier")
                    // Of principals, by what their rows say.
                    try requireEqual(
                        try told([.tier]) { $0.principal = ledgerID("ana") }, [LatencyKey(): sums(4, 610, 300)],
                        "by the tier of one")
                    let asked: Set = [LatencyKey(model: "n"), LatencyKey(model: "none")]
                    let picked = try transaction.latencies(
                        UsageQuery(from: hour, to: hour + 24, dimensions: [.model]), of: asked)
                    try requireEqual(picked, [LatencyKey(model: "n"): sums(2, 60, 50)], "of those asked for")
                    try requireEqual(try told([.operation]), [:], "by what tells no latencies apart")
                    try requireEqual(try told([]) { $0.from = hour + 2 }, [:], "no data")
                }
            }
        ]
    }
}
