import Budgets
import Engine
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct BudgetPlanTests {
    /// A suspension that failed half way, two hours ago, is tried again.
    @Test func aSuspensionIsPlannedWithTheBackupThatIsOpen() async throws {
        let store = MemoryStore()
        let clock = VirtualClock()
        let engine = Engine(
            store: store, clock: clock.wallClock, seed: 7,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let settings = EnforcementSettings(
            prices: CurrentPrices(prices), channels: { _ in [] }, digest: { "\($0.count)" })
        let service = EnforcementService(engine: engine, settings: CurrentSettings(settings))
        _ = try await service.meter([.usage(use("r1", cents: 104))], source: "test")
        let failedAt = clock.now - .seconds(7200)
        let snapshot: JSONValue = ["userId": "AIDA1"]
        let kept = try await store.write { transaction in
            var account = try #require(try transaction.account(budgetID("ana")))
            account.standing.access = Access(status: .suspensionFailed, since: failedAt)
            account.suspensionStartedAt = failedAt
            try transaction.saveAccount(account)
            return try transaction.insertBackup(
                NewPolicyBackup(
                    principal: account.principal.id, budget: account.id, snapshot: snapshot, hash: "h",
                    isTakenUnderSuspension: false, takenAt: failedAt))
        }

        let plan = try await service.plan(isRefresh: false)

        let action = try #require(plan.actions.first { $0.kind == .suspend })
        #expect(action.backup?.id == kept)
        #expect(action.backup?.stands(against: snapshot) == true)
        #expect(action.backup?.stands(against: ["userId": "AIDA2"]) == false)
    }
}
