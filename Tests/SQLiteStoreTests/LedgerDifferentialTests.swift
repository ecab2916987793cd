import Budgets
import Engine
import JSONModel
import SQLiteStore
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// The same seed on both ledgers ends in the same rows.
@Suite struct LedgerDifferentialTests {
    private struct Rows: Equatable, Sendable {
        var accounts: [BudgetAccount]
        var periods: [[PeriodSpending]]
        var notices: [Notice]
        var letters: [NewDeadLetter]
        var audit: [AuditEntry]
        var reports: [IngestReport]
        var byTag: Set<UsageGroup>
        var byModel: Set<UsageGroup>
    }

    @Test(arguments: 0..<12)
    func meteringLeavesTheSameRows(seed: UInt64) async throws {
        let memory = try await meter(on: MemoryStore(), seed: seed)
        let disk = try await withStore { try await meter(on: $0, seed: seed) }

        #expect(memory.reports == disk.reports)
        #expect(memory.accounts == disk.accounts)
        #expect(memory == disk)
        #expect(!disk.accounts.isEmpty)
        // Whoever moved to which team when: the two tables tell the same uses.
        var (byTag, byModel) = (UsageSums(), UsageSums())
        for group in disk.byTag { byTag.add(group.sums) }
        for group in disk.byModel { byModel.add(group.sums) }
        #expect(byTag == byModel)
    }

    private func meter<Store: ExecutionStore>(on store: Store, seed: UInt64) async throws -> Rows
    where Store.Transaction: BudgetLedger {
        var random = SeededRandom(seed: seed)
        let settings = EnforcementSettings(channels: { _ in ["log", "mail"] }, digest: { "\($0.count)" })
        var now = start
        var reports: [IngestReport] = []
        for batch in 0..<8 {
            let records = (0..<25).map { number in record(batch * 20 + number, at: now, &random) }
            let instant = now
            let mover = PrincipalID(account: "1", kind: .user, name: "user\(Int.random(in: 0..<4, using: &random))")
            let teams: [[String: String]] = [[:], ["Team": "red"], ["Team": "blue", "Purpose": "research"]]
            let tags = teams[Int.random(in: 0..<3, using: &random)]
            try await store.write { transaction in
                try Desk(transaction: transaction, now: instant, settings: settings) { [$0.id] }
                    .noteTags(tags, of: mover)
            }
            let report = try await store.write { transaction in
                try Metering.meter(
                    records, source: "test",
                    Desk(transaction: transaction, now: instant, settings: settings) { [$0.id] })
            }
            reports.append(report)
            now = now + .seconds(Int.random(in: 0...600_000, using: &random))
        }
        let kept = reports
        return try await store.read { transaction in
            let accounts = try transaction.accounts(AccountQuery())
            return Rows(
                accounts: accounts, periods: try accounts.map { try transaction.periods(of: $0.id, limit: 99) },
                notices: try transaction.notices(limit: 999),
                letters: try transaction.deadLetters(DeadLetterQuery(status: nil, limit: 999)).map(\.letter),
                audit: try transaction.auditEntries(subject: nil, limit: 999), reports: kept,
                byTag: Set(
                    try transaction.usageGroups(
                        UsageQuery(from: 0, to: .max, dimensions: [.team, .purpose, .tier, .model], limit: 999))),
                byModel: Set(
                    try transaction.usageGroups(UsageQuery(from: 0, to: .max, dimensions: [.model], limit: 999))))
        }
    }

    /// Numbers overlap from batch to batch, so that some are delivered twice.
    private func record(_ number: Int, at now: Instant, _ random: inout SeededRandom) -> UsageRecord {
        if Int.random(in: 0..<15, using: &random) == 0 {
            return .unreadable(UnreadableRecord(bytes: [UInt8(number % 7)], reason: "odd", position: number))
        }
        let models = ["global.anthropic.claude-opus-5", "eu.amazon.nova-pro-v1:0", "acme.unknown"]
        let name = "user\(Int.random(in: 0..<4, using: &random))"
        return .usage(
            UsageEvent(
                key: UsageKey(account: "1", region: "us-east-1", requestID: "r\(number)"),
                at: now - .seconds(Int.random(in: 0...100_000, using: &random)),
                principal: Principal(id: PrincipalID(account: "1", kind: .user, name: name)),
                model: ModelID(models[Int.random(in: 0..<3, using: &random)]), operation: "Converse",
                tokens: TokenCounts(
                    input: Int64.random(in: 0...9000, using: &random), output: Int64.random(in: 0...900, using: &random)
                ),
                source: "test"))
    }
}
