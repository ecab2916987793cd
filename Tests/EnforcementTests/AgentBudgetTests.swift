import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime
import Words

@testable import Enforcement

/// AgentCore runtimes: their roles' budgets, the pool of all of them, and roles that several use.
@Suite struct AgentBudgetTests {
    private static let role = PrincipalID(account: "111122223333", kind: .role, name: "agent-role")
    private static let other = PrincipalID(account: "111122223333", kind: .role, name: "other-role")

    private static func event(
        _ id: String, _ kind: AgentRuntimeChange.Kind, _ runtime: String = "helper-1", role: PrincipalID? = role,
        at text: String = "2026-11-20T09:00:00Z"
    ) -> UsageRecord {
        let change = AgentRuntimeChange(
            kind: kind, id: runtime, arn: nil, name: "helper", role: role.map { Principal(id: $0) })
        return .principal(
            PrincipalEvent(
                id: id, at: day(text), region: "us-west-2", principal: Principal(id: role ?? principalID("dev")),
                actor: Principal(id: principalID("dev")), occurrence: .agentRuntime(change), source: "trail"))
    }

    private func account(_ bench: LedgerBench, _ role: PrincipalID = role) async throws -> BudgetAccount? {
        try await bench.store.read { try $0.account(BudgetScope.principal(role).budgetID) }
    }

    private func pool(_ bench: LedgerBench) async throws -> FurtherAccount? {
        try await bench.store.read { try $0.furtherBudgets(of: .team("agentcore")) }.first
    }

    @Test func aRuntimesRoleGetsABudgetOfItsOwnKind() async throws {
        let bench = LedgerBench()
        let report = try await bench.meter([Self.event("e1", .created)])

        #expect(report.events == 1)
        let account = try #require(try await account(bench))
        #expect(account.budget.limit == AgentSettings.unlimited)
        #expect(account.budget.graceSeconds == 3600)
        #expect(account.budget.thresholds == AgentSettings().thresholds)
        #expect(account.hasOwnTerms && account.team == "agentcore")
        let pool = try #require(try await pool(bench))
        #expect(pool.budget.limit == dollars("500").rawValue)
        #expect(pool.budget.graceSeconds == 3600)
        #expect(bench.publishedTypes == ["AgentCore Runtime Created"])
        #expect(try await bench.audit.map(\.action).contains("agentcore.runtime-created"))
    }

    @Test func thePoolHoldsAllAgentsTogether() async throws {
        let bench = LedgerBench()
        bench.configure { $0.agents.poolLimit = dollars("1.00") }
        try await bench.meter([
            Self.event("e1", .created), Self.event("e2", .created, "helper-2", role: Self.other),
        ])
        for (number, role) in [Self.role, Self.other].enumerated() {
            var spent = use("r\(number)", cents: 60)
            spent.principal = Principal(id: role, session: "run")
            try await bench.meter(spent)
        }
        #expect(try await pool(bench)?.state == .exceeded)
        #expect(try await account(bench)?.standing.access.status == .grace)
        #expect(try await account(bench, Self.other)?.standing.access.status == .grace)
        // Neither has used up a budget of its own.
        #expect(try await account(bench)?.state == .normal)
    }

    @Test func aLimitForEachMayBeConfigured() async throws {
        let bench = LedgerBench()
        bench.configure {
            $0.agents.limit = dollars("2.00")
            $0.agents.poolLimit = nil
        }
        try await bench.meter([Self.event("e1", .created)])
        #expect(try await account(bench)?.budget.limit == dollars("2.00"))
        #expect(try await pool(bench) == nil)
    }

    @Test func whatAPersonHasSetStays() async throws {
        let bench = LedgerBench()
        _ = try await bench.transact {
            try BudgetCommands.setBudget(
                of: Principal(id: Self.role), BudgetChange(limit: dollars("7")), by: "operator:eve", $0)
        }
        try await bench.meter([Self.event("e1", .created)])
        #expect(try await account(bench)?.budget.limit == dollars("7"))
        // And an event that comes again does nothing.
        try await bench.meter([Self.event("e1", .created)])
        #expect(bench.published.count == 1)
    }

    @Test func aRoleThatWasFoundByItsSpendingIsTakenOver() async throws {
        let bench = LedgerBench()
        var spent = use("r1", cents: 104)
        spent.principal = Principal(id: Self.role)
        try await bench.meter(spent)
        #expect(try await account(bench)?.standing.access.status == .grace)
        try await bench.meter([Self.event("e1", .created)])
        #expect(try await account(bench)?.budget.limit == AgentSettings.unlimited)
    }

    /// Whoever may make a runtime can name a role that is suspended: that gives it nothing back.
    @Test func aRuntimeLiftsNoSuspension() async throws {
        let bench = LedgerBench()
        var spent = use("r1", cents: 104)
        spent.principal = Principal(id: Self.role)
        try await bench.meter(spent)
        let id = BudgetScope.principal(Self.role).budgetID
        try await bench.step(
            "record-suspended",
            [
                "budgetId": .string(id.rawValue), "principalId": .string(Self.role.description), "verified": true,
            ])
        #expect(try await account(bench)?.standing.access.status == .suspended)

        try await bench.meter([Self.event("e1", .created)])

        let after = try #require(try await account(bench))
        #expect(after.standing.access.status == .suspended)
        #expect(after.budget.limit == dollars("1"))
        #expect(after.team == "agentcore")
    }

    /// The pool is the only limit of a role: whoever may tag it does not take it out of there.
    @Test func anAgentStaysInThePoolWhateverItIsTagged() async throws {
        let bench = LedgerBench()
        bench.configure { $0.trail.trusted = [principalID("provisioner")] }
        func tag(_ id: String, _ tags: [String: String], by actor: String, at text: String) -> UsageRecord {
            .principal(
                PrincipalEvent(
                    id: id, at: day(text), region: "us-east-1", principal: Principal(id: Self.role),
                    actor: Principal(id: principalID(actor)), occurrence: .tagged(tags), source: "trail"))
        }
        try await bench.meter([
            Self.event("e1", .created), tag("t1", ["Team": "mine"], by: "dev", at: "2026-11-20T09:01:00Z"),
            tag("t2", ["Colour": "red"], by: "dev", at: "2026-11-20T09:02:00Z"),
        ])
        #expect(try await account(bench)?.team == "agentcore")
        #expect(try await bench.noticeKinds == [.tagTampering])

        try await bench.meter([tag("t3", ["Steward:Team": "data"], by: "provisioner", at: "2026-11-20T09:03:00Z")])
        #expect(try await account(bench)?.team == "data")
    }

    /// Tagged before its first runtime, a role goes where its tags say only if there is a limit.
    @Test(arguments: [nil, .observe, .enforce] as [BudgetMode?])
    func aTeamWithoutABudgetIsNoWayOutOfThePool(_ mode: BudgetMode?) async throws {
        let bench = LedgerBench()
        if let mode {
            _ = try await bench.transact {
                try FurtherBudgetCommands.set(
                    FurtherBudgetKey(scope: .team("mine"), unit: .money, periodRule: .standard),
                    FurtherBudgetChange(limit: dollars("9").rawValue, mode: mode), by: "operator:eve", $0)
            }
        }
        var spent = use("r1", cents: 1)
        spent.principal = Principal(id: Self.role)
        try await bench.meter(spent)
        let tag = PrincipalEvent(
            id: "t1", at: day("2026-11-20T08:00:00Z"), region: "us-east-1", principal: Principal(id: Self.role),
            actor: Principal(id: principalID("dev")), occurrence: .tagged(["Team": "mine"]), source: "trail")
        try await bench.meter([.principal(tag)])
        #expect(try await account(bench)?.team == "mine")

        try await bench.meter([Self.event("e1", .created)])

        #expect(try await account(bench)?.team == (mode == .enforce ? "mine" : "agentcore"))
    }

    @Test func aTagThatNamesNoTeamLeavesAnAgentWhereItIs() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", .created)])

        _ = try await bench.transact { try $0.noteTags(["Steward:Purpose": "demo"], of: Self.role) }
        #expect(try await account(bench)?.team == "agentcore")
        _ = try await bench.transact { try $0.noteTags(["Steward:Team": "data"], of: Self.role) }
        #expect(try await account(bench)?.team == "data")
        _ = try await bench.transact { try $0.noteTags([:], of: Self.role) }
        #expect(try await account(bench)?.team == nil)
    }

    @Test func twoRuntimesOfOneRoleAreReported() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", .created), Self.event("e2", .created, "helper-2")])
        let store = bench.store
        let radar = Radar(probes: [
            .sharedAgentRoles { body in
                try await store.read { (transaction: MemoryTransaction) in try body(transaction) }
            }
        ])
        let found = await radar.look(at: bench.now)
        #expect(found.map(\.subject) == [Self.role.description])
        #expect(found.first?.message.english.contains("helper-1, helper-2") == true)
        #expect(try await bench.audit.filter { $0.action == "agentcore.role-shared" }.count == 1)

        try await bench.meter([Self.event("e3", .updated, "helper-2", role: Self.other, at: "2026-11-20T09:05:00Z")])
        #expect(await radar.look(at: bench.now).isEmpty)
        #expect(try await account(bench, Self.other)?.team == "agentcore")
    }

    @Test func aRuntimeThatIsDeletedIsNoLongerListed() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", .created)])
        // What was overtaken changes nothing; the role keeps its budget, for it may still act.
        try await bench.meter([
            Self.event("e2", .deleted, role: nil, at: "2026-11-20T09:30:00Z"),
            Self.event("e3", .updated, role: Self.other, at: "2026-11-20T08:00:00Z"),
        ])
        let listed = try await bench.transact { try AgentReport.list($0) }
        #expect(listed == [])
        #expect(try await account(bench) != nil)
        #expect(try await account(bench, Self.other) == nil)
        #expect(bench.publishedTypes.contains("AgentCore Runtime Deleted"))
    }

    @Test func theListShowsWhoSpendsWhat() async throws {
        let bench = LedgerBench()
        try await bench.meter([Self.event("e1", .created)])
        var spent = use("r1", cents: 25)
        spent.principal = Principal(id: Self.role)
        try await bench.meter(spent)
        let listed = try await bench.transact { try AgentReport.list($0) }
        #expect(listed[0]?["spent"] == "0.25" && listed[0]?["limit"] == .null)
        #expect(listed[0]?["role"] == .string(Self.role.description) && listed[0]?["sharedRole"] == false)
    }

    @Test func turnedOffItOnlyCounts() async throws {
        let bench = LedgerBench()
        bench.configure { $0.agents.isEnabled = false }
        try await bench.meter([Self.event("e1", .created)])
        #expect(try await account(bench) == nil)
        #expect(try await pool(bench) == nil)
        #expect(bench.published.isEmpty)
        let counts = try await bench.store.read { try $0.ingestCounts() }
        #expect(counts.first { $0.name == "agentcore-off" }?.count == 1)
    }
}
