import Budgets
import Engine
import GRDB
import Testing
import WallTime

@testable import Enforcement
@testable import SQLiteStore

@Suite struct SpendingByTagTests {
    private static func id(_ name: String) -> PrincipalID {
        PrincipalID(account: "111122223333", kind: .user, name: name)
    }

    /// More principals than one page of the migration has, tagged and not, and one whose tags nobody can read.
    @Test func aDatabaseFromBeforeLearnsPurposesAndTiers() async throws {
        try await withDirectory { path in
            let file = path + "/steward.db"
            _ = try SchemaFixtureTests.load(26, to: file)
            try await DatabaseQueue(path: file).write { database in
                for number in 0..<2001 {
                    let tags =
                        number % 1000 == 0
                        ? #"{"Steward:Purpose":"research","BedrockBudgeteer:BudgetTier":"Low"}"# : "{}"
                    try database.execute(
                        sql: """
                            INSERT INTO principal (account, kind, name, partition, path, firstSeenAt, discovered, tags)
                            VALUES ('111122223333', 'user', ?, 'aws', '/', 0, 1, ?)
                            """, arguments: ["u\(number)", number == 3 ? "{" : tags])
                }
            }
            let store = try openStore(path)
            for number in [0, 1000, 2000] {
                let record = try #require(try await store.read { try $0.principal(Self.id("u\(number)")) })
                #expect(record.purpose == "research" && record.tier == "low", "\(number)")
            }
            let counted = try await store.read { transaction in
                try transaction.rows("SELECT count(*) FROM principal WHERE name LIKE 'u%' AND purpose IS NOT NULL") {
                    $0.integer(0)
                }
            }
            #expect(counted == [3])
            // Nothing is known of what was charged before.
            #expect(try await store.read { try $0.gauges(GaugeLimits()) }.tagged.isEmpty)
            await store.close()
        }
    }

    /// However many principals there are, there are as many rows as they have different tags.
    @Test func aBatchOfManyWritesOneRowForEachValue() async throws {
        try await withStore { store in
            try await meter(1, store)
            try await store.write { transaction in
                for number in 0..<300 {
                    guard var record = try transaction.principal(Self.id("u\(number)")) else { continue }
                    (record.team, record.tier) = (number < 100 ? "red" : "blue", "low")
                    try transaction.savePrincipal(record)
                }
            }
            try await meter(2, store)

            let tagged = try await store.read { try $0.gauges(GaugeLimits()) }.tagged
            #expect(
                tagged.map { "\($0.tag.rawValue) \($0.value) \($0.sums.requests)" } == [
                    "team  300", "team blue 200", "team red 100", "purpose  600", "tier  300", "tier low 300",
                ])
            let rows = try await store.read { try $0.rows("SELECT count(*) FROM spendingByTag") { $0.integer(0) } }
            #expect(rows == [6])
            // In the hour, one for each set of tags.
            let hours = try await store.read { try $0.rows("SELECT count(*) FROM usageHourByTag") { $0.integer(0) } }
            #expect(hours == [3])
        }
    }

    /// One use of each of 300 principals.
    private func meter(_ batch: Int, _ store: SQLiteStore) async throws {
        let settings = EnforcementSettings(channels: { _ in ["log"] }, digest: { "\($0.count)" })
        let records = (0..<300).map { number in
            UsageRecord.usage(
                UsageEvent(
                    key: UsageKey(account: "1", region: "us-east-1", requestID: "r\(batch)-\(number)"), at: start,
                    principal: Principal(id: Self.id("u\(number)")), model: ModelID("eu.amazon.nova-pro-v1:0"),
                    operation: "Converse", tokens: TokenCounts(input: 10), source: "test"))
        }
        let report = try await store.write { transaction in
            try Metering.meter(
                records, source: "test",
                Desk(transaction: transaction, now: start, settings: settings) { [$0.id] })
        }
        #expect(report.recorded == 300)
    }
}
