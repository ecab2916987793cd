import Budgets
import Enforcement
import Engine
import TestKit
import Testing
import WallTime

@testable import SQLiteStore

/// The ledger beside a plain set of keys: batches, undone ones, retention and restarts in any order.
@Suite struct UsesInRunsModelTests {
    private struct Model {
        var keys: Set<UsageKey> = []
        /// Uses before then count as known.
        var mark = Instant(milliseconds: .min)
        var numbers: Set<Int64> = []

        mutating func takes(_ use: ChargedUsage) -> Bool {
            use.event.at >= mark && keys.insert(use.event.key).inserted
        }
    }

    /// Hashes of few bits meet again and again.
    private static let narrow: UseHash.Function = { UseHash.of($0, region: $1, account: $2) & 15 }

    @Test(arguments: 0..<16)
    func itTakesWhatASetWouldTake(_ seed: UInt64) async throws {
        try await withDirectory { path in
            var random = SeededRandom(seed: seed)
            let hash = seed % 2 == 0 ? UsesInRunsTests.hash : Self.narrow
            var store = try await UsesInRunsTests.open(path, hash: hash)
            var model = Model()
            var now = start
            for round in 0..<40 {
                now = now + .seconds(Int.random(in: 0..<40, using: &random) * 86_400)
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    await store.close()
                    store = try await UsesInRunsTests.open(path, hash: hash)
                case 1:
                    _ = try await UsesInRunsTests.retain(store, at: now)
                    let left = try await Self.kept(store)
                    // A retention that found nothing leaves no mark.
                    if left.count < model.keys.count { model.mark = max(model.mark, now - .seconds(400 * 86_400)) }
                    model.keys = left
                default: try await Self.meter(store, &model, at: now, &random, round)
                }
                let given = try await UsesInRunsTests.numbers(store, UsesInRunsTests.ids)
                model.numbers.formUnion(given)
                #expect(try await Self.kept(store) == model.keys, "round \(round)")
            }
            #expect(try await store.integrityCheck() == [])
            await store.close()
            if hash(Array("0".utf8), 1, 1) == UseHash.of(Array("0".utf8), region: 1, account: 1) {
                let check = Doctor(directory: path).examine().checks.first { $0.name == "uses" }
                #expect(check?.outcome == .ok, "\(check?.message ?? "none")")
            }
        }
    }

    /// A batch in parts, each of which may be undone, as all of it may.
    private static func meter(
        _ store: SQLiteStore, _ model: inout Model, at now: Instant, _ random: inout SeededRandom, _ round: Int
    ) async throws {
        let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            (
                uses: (0..<Int.random(in: 0..<14, using: &random)).map { _ in
                    UsesInRunsTests.use(
                        Int.random(in: 0..<150, using: &random), region: Bool.random(using: &random) ? "a" : "b",
                        at: now - .seconds(Int.random(in: 0..<20, using: &random) * 86_400))
                }, isUndone: Int.random(in: 0..<4, using: &random) == 0
            )
        }
        let isUndone = Int.random(in: 0..<5, using: &random) == 0
        let before = model
        var expected: [[Bool]] = []
        for part in parts {
            let saved = model
            expected.append(part.uses.map { model.takes($0) })
            if part.isUndone { model = saved }
        }
        if isUndone { model = before }
        do {
            try await store.write { [expected, numbers = before.numbers] transaction in
                for (part, expected) in zip(parts, expected) {
                    do {
                        try transaction.atomically {
                            let taken = try part.uses.map { try transaction.insertUsage($0) }
                            #expect(taken == expected, "round \(round)")
                            if part.isUndone { throw Deliberate() }
                        }
                    } catch is Deliberate {}
                }
                let present = Set(try transaction.rows(UsesInRunsTests.ids) { $0.integer(0) })
                let oldest = numbers.max() ?? 0
                #expect(present.allSatisfy { numbers.contains($0) || $0 > oldest }, "a number was given again")
                if isUndone { throw Deliberate() }
            }
        } catch is Deliberate {}
    }

    private static func kept(_ store: SQLiteStore) async throws -> Set<UsageKey> {
        Set(try await store.read { try $0.chargedUses(ChargedUseQuery()).uses.map(\.usage.event.key) })
    }
}
