import Budgets
import Engine
import Logging
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct CurrentSettingsTests {
    private static func settings(_ limit: String) -> EnforcementSettings {
        EnforcementSettings(
            prices: CurrentPrices(prices), defaultBudget: DefaultBudget(limit: dollars(limit)), channels: { _ in [] },
            digest: { "\($0.count)" })
    }

    private static func engine(_ store: MemoryStore) -> Engine<MemoryStore> {
        Engine(
            store: store, clock: VirtualClock().wallClock, seed: 7,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func whoComesAfterAnExchangeGetsTheNewDefaultAndWhoWasThereKeepsTheOld() async throws {
        let current = CurrentSettings(Self.settings("1.00"))
        let store = MemoryStore()
        let service = EnforcementService(engine: Self.engine(store), settings: current)
        _ = try await service.meter([.usage(use("r1", cents: 1))], source: "test")

        current.exchange(Self.settings("5.00"))
        _ = try await service.meter([.usage(use("r2", cents: 1)), .usage(use("r3", "eva", cents: 1))], source: "test")

        let limits = try await store.read { transaction in
            try ["ana", "eva"].map { try transaction.account(budgetID($0))?.budget.limit }
        }
        #expect(limits == [dollars("1.00"), dollars("5.00")])
    }

    @Test func whatIsUnderWayGoesOnByWhatItBeganWith() async throws {
        let current = CurrentSettings(Self.settings("1.00"))
        let engine = Self.engine(MemoryStore())
        let limit = try await engine.transact { work in
            let desk = Desk(work, current)
            current.exchange(Self.settings("5.00"))
            return desk.settings.defaultBudget.limit
        }
        #expect(limit == dollars("1.00"))
        #expect(try await engine.transact { Desk($0, current).settings.defaultBudget.limit } == dollars("5.00"))
    }
}
