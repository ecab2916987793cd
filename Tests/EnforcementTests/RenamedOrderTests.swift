import Budgets
import Engine
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// What a person orders for the name that a user had before: it is told the new one, and nothing is done for nobody.
@Suite struct RenamedOrderTests {
    /// Somebody who is called at night knows the name from a log.
    @Test func anOrderAboutTheOldNameNamesTheNewOne() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([RenamingTests.renamed()])
        let ana = Principal(id: principalID("ana"))

        await #expect(throws: RenamedPrincipal(before: principalID("ana"), after: principalID("bob"))) {
            _ = try await bench.transact {
                try HoldCommands.block(ana, until: .never, reason: "leak", by: "operator:eve", $0)
            }
        }
        await #expect(throws: RenamedPrincipal(before: principalID("ana"), after: principalID("bob"))) {
            _ = try await bench.transact {
                try HoldCommands.protect(ana, until: .never, reason: "demo", by: "operator:eve", $0)
            }
        }
        #expect(try await bench.account().block == nil)
    }

    /// All of a file or nothing: an entry of nobody would leave whoever was meant without its budget.
    @Test func aFileOfTheOldNameNamesTheNewOne() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([RenamingTests.renamed()])
        for limit: BudgetFile.Limit in [.money(NanoDollars(rawValue: 5)), .tokens(7)] {
            let file = BudgetFile(entries: [
                BudgetFile.Entry(target: .everyone, limit: .tokens(9)),
                BudgetFile.Entry(target: .principal("ana"), limit: limit, line: 3),
            ])
            let expected = BudgetFileCommands.RenamedTarget(target: "ana", line: 3, after: principalID("bob"))
            await #expect(throws: expected) {
                _ = try await bench.transact { desk in
                    try BudgetFileCommands.apply(file, prunes: false, by: "operator:eve", desk) { name in
                        Principal(id: principalID(name))
                    }
                }
            }
        }
    }

    @Test func anOrderNamesTheNewestName() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 60))
        try await bench.meter([RenamingTests.renamed()])
        try await bench.meter([RenamingTests.renamed("e2", "bob", to: "carol", at: "2026-11-20T09:59:40Z")])

        await #expect(throws: RenamedPrincipal(before: principalID("ana"), after: principalID("carol"))) {
            _ = try await bench.transact {
                try HoldCommands.block(
                    Principal(id: principalID("ana")), until: .never, reason: "leak", by: "operator:eve", $0)
            }
        }
    }
}
