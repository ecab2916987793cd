import Foundation
import Simulator
import Testing

/// A bounded number of seeds of the simulation. `make simulate` runs as many as one likes.
@Suite(.serialized) struct SeedTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Seed 4 is on a real SQLite database. What a single seed comes to depends on the order of sets, too, which each
    /// process decides: in one of them clients may get no execution started, but not in all.
    @Test func everyPromiseIsKept() async {
        var acknowledged = 0
        for seed in UInt64(1)...4 {
            let outcome = await Simulation.run(seed: seed, root: Self.root)
            #expect(outcome.findings == [], "replay it with: make simulate SEED=\(seed)")
            #expect(outcome.isOnSQLite == seed.isMultiple(of: Simulation.sqliteShare), "seed \(seed)")
            #expect(outcome.executions > 0, "seed \(seed)")
            acknowledged += outcome.counts["acknowledged", default: 0]
        }
        #expect(acknowledged > 0)
    }

    @Test(arguments: [UInt64(3), 4]) func aSeedIsTheSameRunAgain(_ seed: UInt64) async {
        let (first, second) = (
            await Simulation.run(seed: seed, root: Self.root), await Simulation.run(seed: seed, root: Self.root)
        )
        #expect(first.digest == second.digest)
        #expect(first.steps == second.steps)
        #expect(first.counts == second.counts)
    }
}
