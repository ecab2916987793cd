import Budgets
import Engine
import GRDB
import Testing
import WallTime

@testable import Enforcement
@testable import SQLiteStore

/// What reports by team, purpose and tier are read from.
@Suite struct HoursByTagTests {
    private static let fixture = PrincipalID(account: "123456789012", kind: .user, name: "BedrockAPIKey-fixture")

    private static func report(_ store: SQLiteStore, _ dimensions: Set<UsageDimension>) async throws -> [String] {
        try await store.read { transaction in
            try transaction.usageGroups(UsageQuery(from: 0, to: 1_000_000, dimensions: dimensions)).map {
                "\($0.team ?? "-") \($0.purpose ?? "-") \($0.sums.requests) \($0.sums.cost.rawValue)"
            }
        }
    }

    /// Two principals with one use of 4,500,000 each, the second only as a sum.
    private static func makeDatabaseOfBefore(_ file: String) async throws {
        _ = try SchemaFixtureTests.load(27, to: file)
        try await DatabaseQueue(path: file).write { database in
            try database.execute(
                sql: """
                    UPDATE principal SET team = 'red', tags = '{"Purpose":"research"}' WHERE id = 1;
                    INSERT INTO principal (id, account, kind, name, partition, path, firstSeenAt, discovered, tags)
                    VALUES (77, '1', 'user', 'bob', 'aws', '/', 0, 1, '{}');
                    INSERT INTO usageHour SELECT hour, 77, model, region, operation, requests, errors, unmetered,
                        fallbackRequests, input, output, cacheRead, cacheWrite5m, cacheWrite1h, images, cost,
                        fallbackCost FROM usageHour WHERE principal = 1;
                    UPDATE usageHourTotal SET requests = requests * 2, cost = cost * 2;
                    """)
        }
    }

    @Test func hoursFromBeforeAreCountedUnderTheTagsOfTheUpgrade() async throws {
        try await withDirectory { path in
            try await Self.makeDatabaseOfBefore(path + "/steward.db")
            let store = try openStore(path)
            #expect(try await Self.report(store, [.team, .purpose]) == ["- - 1 4500000", "red research 1 4500000"])
            #expect(try await Self.report(store, []) == ["- - 2 9000000"])

            // Whoever moves takes nothing along, and a correction of an old use finds the hour that holds it.
            let key = UsageKey(account: "123456789012", region: "us-east-1", requestID: "fixture-1")
            try await store.write { transaction in
                var record = try #require(try transaction.principal(Self.fixture))
                (record.team, record.purpose) = ("blue", nil)
                try transaction.savePrincipal(record)
                let use = try #require(try transaction.usage(key))
                #expect(use.tags == CostTags(team: "red", purpose: "research"))
                try transaction.adjustUsageHour(of: use, by: UsageSums(cost: NanoDollars(rawValue: -500_000)))
            }
            #expect(try await Self.report(store, [.team]) == ["- - 1 4500000", "red - 1 4000000"])
            #expect(try await Self.report(store, []) == ["- - 2 8500000"])
            #expect(try await store.integrityCheck() == [])
            await store.close()
        }
    }

    /// However many principals there are: their hours are not looked at, and the range of hours is read once.
    @Test(arguments: [[.team], [.purpose, .model], [.tier]] as [Set<UsageDimension>], [nil, "red"] as [String?])
    func noPrincipalIsLookedAt(_ dimensions: Set<UsageDimension>, _ team: String?) async throws {
        try await withStore { store in
            let (sql, values) = SQLiteTransaction.select(
                UsageQuery(from: 1, to: 9, dimensions: dimensions, team: team, model: "m"))
            #expect(sql.contains("FROM usageHourByTag AS u"))
            let plan = try await store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + sql, values) { $0.text(3) }
            }
            #expect(plan.contains { $0.contains("SEARCH u USING PRIMARY KEY (hour>? AND hour<?)") }, "\(plan)")
            #expect(plan.contains { $0.contains("SEARCH t USING INTEGER PRIMARY KEY") }, "\(plan)")
        }
    }

    @Test func latenciesFromBeforeAreCountedToo() async throws {
        try await withDirectory { path in
            let file = path + "/steward.db"
            let before = Migrations.all.identifier(reaching: 28)
            try await Self.makeDatabaseOfBefore(file)
            let queue = try DatabaseQueue(path: file)
            try Migrations.all.migrator.migrate(queue, upTo: before)
            try await queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO latencyHour
                        SELECT hour, principal, model, 2, 100 + principal, 60 + principal FROM usageHour
                        """)
            }
            try queue.close()
            let store = try openStore(path)
            let told = try await store.read { transaction in
                try transaction.latencies(UsageQuery(from: 0, to: 1_000_000, dimensions: [.team]), of: nil)
            }
            #expect(
                told == [
                    LatencyKey(team: "red"): LatencySums(count: 2, milliseconds: 101, longestMilliseconds: 61),
                    LatencyKey(): LatencySums(count: 2, milliseconds: 177, longestMilliseconds: 137),
                ])
            await store.close()
        }
    }
}
