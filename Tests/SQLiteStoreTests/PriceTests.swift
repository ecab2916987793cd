import Budgets
import Enforcement
import Engine
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

@Suite struct PriceTests {
    @Test(arguments: ["usageCorrection SET amount = 0", "price SET input = 0", "price SET effectiveFrom = 0"])
    func pricesAndCorrectionsCanNotBeRewritten(_ change: String) async throws {
        try await withStore { store in
            try await store.write { try Self.fill($0) }
            await #expect(throws: (any Error).self) {
                try await store.write { try $0.execute("UPDATE " + change) }
            }
        }
    }

    @Test func theViewShowsEachUseWithItsCorrectionsAndOldUsesTakeThemAlong() async throws {
        try await withStore { store in
            try await store.write { try Self.fill($0) }
            let shown = try await store.read { transaction in
                try transaction.rows("SELECT amount, charge, basis, chargeBasis FROM usageCharge") {
                    [$0.integer(0), $0.integer(1), $0.integer(2), $0.integer(3)]
                }
            }
            #expect(shown == [[5, 3, 0, 1]])
            let left = try await store.write { transaction in
                _ = try transaction.execute("DELETE FROM usage")
                return try transaction.rows("SELECT count(*) FROM usageCorrection") { $0.integer(0) }
            }
            #expect(left == [0])
        }
    }

    @Test(arguments: [
        ("SELECT * FROM usageCharge WHERE id = 1", "usageCorrectionByUsage"),
        ("SELECT name FROM modelName WHERE model IS NULL ORDER BY name LIMIT 9", "modelNameUnresolved"),
        ("SELECT id FROM price WHERE status = 'in-force' ORDER BY id LIMIT 9", "priceByStatus"),
    ])
    func questionsAreAnsweredFromTheirIndexWithoutSorting(sql: String, index: String) async throws {
        try await withStore { store in
            let plan = try await store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + sql, []) { $0.text(3) }.joined(separator: "\n")
            }
            #expect(plan.contains(index))
            #expect(!plan.contains("TEMP B-TREE"))
        }
    }

    @Test func aWalkPassesOverOtherModelsInOneGo() async throws {
        try await withStore { store in
            let pages = try await store.write { transaction in
                var usage = ExecutionStoreConformance<SQLiteStore>.sampleUsage
                try transaction.savePrincipal(
                    PrincipalRecord(principal: usage.event.principal, firstSeenAt: start, isDiscovered: true))
                for number in 0..<10 {
                    usage.event.key = UsageKey(account: "1", region: "us-east-1", requestID: "r\(number)")
                    usage.event.model = ModelID(number % 4 == 0 ? "wanted" : "other")
                    _ = try transaction.insertUsage(usage)
                }
                var query = ChargedUseQuery(window: 100, limit: 2)
                var pages: [[String]] = []
                repeat {
                    let page = try transaction.chargedUses(query) { $0.text == "wanted" }
                    pages.append(page.uses.map(\.usage.event.key.requestID))
                    query.after = page.next
                } while query.after != nil
                return pages
            }
            #expect(pages == [["r0", "r4"], ["r8"]])
        }
    }

    @Test(arguments: ["6f1c0a52-0b7e-4d0c-9d5e-0f4a4b1f9c01", "6F1C", "", "r\u{0}x"])
    func aRequestIdIsReadBackAsItWas(_ text: String) {
        #expect(SQLiteTransaction.requestID(stored: SQLiteTransaction.stored(requestID: text)) == text)
    }

    /// A walk from an instant on begins where it has to: nothing that was recorded late is left out.
    @Test func aWalkFromAnInstantFindsWhatCameLate() async throws {
        try await withStore { store in
            let found = try await store.write { transaction in
                let ana = ExecutionStoreConformance<SQLiteStore>.sampleUsage.event.principal
                try transaction.savePrincipal(PrincipalRecord(principal: ana, firstSeenAt: start, isDiscovered: true))
                for day in 0..<30 {
                    // Every third use is a week late.
                    var usage = ExecutionStoreConformance<SQLiteStore>.sampleUsage
                    usage.event.key = UsageKey(account: "111122223333", region: "us-east-1", requestID: "r\(day)")
                    usage.event.at = start + .seconds((day - (day % 3 == 0 ? 7 : 0)) * 86_400)
                    usage.recordedAt = start + .seconds(day * 86_400)
                    _ = try transaction.insertUsage(usage)
                }
                return try transaction.chargedUses(ChargedUseQuery(from: start + .seconds(20 * 86_400)))
            }
            let wanted = (0..<30).filter { $0 - ($0 % 3 == 0 ? 7 : 0) >= 20 }
            #expect(found.uses.map(\.usage.event.key.requestID) == wanted.map { "r\($0)" })
        }
    }

    private static func fill(_ transaction: SQLiteTransaction) throws {
        let usage = ExecutionStoreConformance<SQLiteStore>.sampleUsage
        try transaction.savePrincipal(
            PrincipalRecord(principal: usage.event.principal, firstSeenAt: start, isDiscovered: true))
        _ = try transaction.insertUsage(usage)
        _ = try transaction.insertPrice(
            StoredPrice(
                id: PriceID(rawValue: 0),
                row: PriceRow(
                    model: "acme.a", effectiveFrom: start, rates: Rates(input: TokenPrice(rawValue: 1), output: .free),
                    origin: .operator, source: "s"), status: .inForce, recordedAt: start, recordedBy: "test",
                confirmedAt: start))
        let use = try transaction.chargedUses(ChargedUseQuery()).uses[0]
        try transaction.insertCorrection(
            UsageCorrection(
                use: use.number, amount: NanoDollars(rawValue: -2), basis: .estimated, at: start, actor: "ana",
                priceSource: "s"))
    }
}
