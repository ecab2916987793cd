import Budgets
import Engine
import Foundation
import Interpreter
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// The state machines and workflows that ship, on a real engine under a virtual clock, with an IAM that can be told to
/// fail.
final class WholeBench: Sendable {
    let clock = VirtualClock()
    let store = MemoryStore()
    let engine: Engine<MemoryStore>
    let service: EnforcementService<MemoryStore>
    let iam = Guarded<[String]>([])
    private let running = Guarded<Task<Void, any Error>?>(nil)

    init(failing step: String? = nil) async throws {
        let settings = CurrentSettings(
            EnforcementSettings(prices: CurrentPrices(prices), channels: { _ in ["log"] }, digest: { "\($0.count)" }))
        let iam = iam
        func perform(_ name: String, _ result: JSONValue) -> Step<MemoryTransaction> {
            Step(perform: { _, _ in
                iam.withLock { $0.append(name) }
                if name == step { throw TaskFailure(error: "IAM.AccessDenied", cause: "not allowed to \(name)") }
                return result
            })
        }
        var steps: [String: Step<MemoryTransaction>] = DomainSteps.all(settings)
        let snapshot: JSONValue = ["userId": "AIDA1", "userName": "ana", "takenUnderSuspension": false]
        steps["back-up-access"] = perform("back-up-access", snapshot)
        steps["back-up-access"]?.record = DomainSteps.recordBackup(settings)
        steps["take-away-access"] = perform("take-away-access", ["denied": true, "detached": []])
        steps["take-away-access"]?.record = DomainSteps.recordTaken(settings)
        steps["verify-access-gone"] = perform("verify-access-gone", ["verified": true])
        steps["give-back-access"] = perform("give-back-access", ["attached": [], "drift": []])
        steps["verify-access-back"] = perform("verify-access-back", ["verified": true])
        engine = Engine(
            store: store, clock: clock.wallClock, steps: steps, seed: 7,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        service = EnforcementService(engine: engine, settings: settings)
        try await load()
        running.withLock { $0 = Task { [engine] in try await engine.run() } }
    }

    private func load() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        func files(_ directory: String) throws -> [URL] {
            try FileManager.default.contentsOfDirectory(
                at: root.appending(path: directory), includingPropertiesForKeys: nil
            ).sorted { $0.path < $1.path }
        }
        for file in try files("state-machines") where file.path.hasSuffix(".asl.yaml") {
            let name = file.lastPathComponent.replacing(".asl.yaml", with: "")
            let source = try String(contentsOf: file, encoding: .utf8)
            _ = try await engine.applyStateMachine(name: name, source: source, file: file.lastPathComponent)
        }
        let workflows = try files("workflows").map { file in
            let (workflow, diagnostics) = Workflow.read(
                text: try String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent)
            return try #require(workflow, "\(diagnostics)")
        }
        try await engine.applyWorkflows(workflows)
    }

    func stop() async {
        let task = running.withLock { $0 }
        task?.cancel()
        _ = await task?.result
    }

    /// Moves the clock from one sleeper to the next until the account's access has that status. Never while an execution
    /// is at work: its steps' timeouts would run out.
    func advance(to status: AccessStatus, upTo limit: Duration = .seconds(3600)) async throws {
        let end = clock.now + limit
        while true {
            try await eventually("the engine rests") { [clock, store] in
                if try await self.status == status { return true }
                let isIdle = try await store.read { try $0.liveExecutions().isEmpty }
                return isIdle && clock.nextWake != nil
            }
            if try await self.status == status { return }
            guard let next = clock.nextWake, next <= end else {
                throw ConditionNeverHeld(description: "access did not become \(status.rawValue) by \(end.iso8601)")
            }
            clock.advance(to: next)
        }
    }

    private var status: AccessStatus? {
        get async throws { try await store.read { try $0.account(budgetID("ana"))?.standing.access.status } }
    }

    func succeeded(_ machine: String) async throws {
        try await eventually("\(machine) ends") { try await execution(of: machine)?.status == .succeeded }
    }

    func execution(of machine: String) async throws -> ExecutionRecord? {
        try await engine.executions(ExecutionQuery(stateMachine: machine)).executions.first
    }
}

@Suite struct EndToEndTests {
    @Test func fromATokenToALockedDoorAndBack() async throws {
        let bench = try await WholeBench()

        let report = try await bench.service.meter([.usage(use("r1", cents: 104))], source: "test")
        #expect(report.crossings == 3)
        try await bench.advance(to: .grace)
        #expect(bench.iam.withLock { $0 } == [])
        try await bench.advance(to: .suspended)
        #expect(bench.clock.now >= day("2026-11-20T10:05:00Z"))
        #expect(bench.iam.withLock { $0 } == ["back-up-access", "take-away-access", "verify-access-gone"])

        try await bench.succeeded("suspension")

        // A month later: not step by step, since the monitor would fire 8,000 times. The missed refresh is caught up.
        bench.clock.jump(to: day("2026-12-20T01:59:00Z"))
        try await bench.advance(to: .active, upTo: .seconds(3600))
        #expect(bench.iam.withLock { $0.suffix(2) } == ["give-back-access", "verify-access-back"])
        let account = try await bench.store.read { try $0.account(budgetID("ana")) }
        #expect(account?.standing.period == Period(start: day("2026-12-20"), end: day("2027-01-19")))
        #expect(account?.standing.spending == Spending())
        try await bench.succeeded("restoration")
        let kinds = try await bench.store.read { try $0.notices(limit: 99).map(\.kind) }
        #expect(kinds == [.restored, .suspended, .finalWarning, .graceStarted])
        #expect(try await bench.store.read { try $0.deadLetters(DeadLetterQuery(status: nil)) } == [])
        await bench.stop()
    }

    @Test func aLimitRaisedDuringGraceSparesIt() async throws {
        let bench = try await WholeBench()
        _ = try await bench.service.meter([.usage(use("r1", cents: 104))], source: "test")
        try await bench.advance(to: .grace)

        _ = try await bench.service.setBudget(
            of: Principal(id: principalID("ana")), BudgetChange(limit: dollars("5")), by: "operator:eve")
        try await bench.advance(to: .active, upTo: .seconds(600))

        #expect(bench.iam.withLock { $0 } == [])
        try await bench.succeeded("suspension")
        await bench.stop()
    }

    @Test(arguments: [("back-up-access", AccessStatus.active), ("verify-access-gone", .suspensionFailed)])
    func aFailureIsNeverSaidToBeASuspension(step: String, status: AccessStatus) async throws {
        let bench = try await WholeBench(failing: step)
        _ = try await bench.service.meter([.usage(use("r1", cents: 104))], source: "test")
        try await bench.advance(to: .grace)

        try await bench.advance(to: status, upTo: .seconds(1800))

        try await eventually("the suspension fails") {
            try await bench.execution(of: "suspension")?.status == .failed
        }
        let letters = try await bench.store.read { try $0.deadLetters(DeadLetterQuery(kind: .execution, status: nil)) }
        #expect(letters.map(\.letter.error) == ["IAM.AccessDenied"])
        let told = try await bench.store.read { try $0.notices(limit: 99) }
        let failed = try #require(told.first { $0.kind == .suspensionFailed })
        let state = step == "back-up-access" ? "BackUpPolicies" : "VerifyAccessGone"
        #expect(failed.data["step"]?.stringValue == state)
        #expect(!told.contains { $0.kind == .suspended })
        let suspension = try #require(try await bench.execution(of: "suspension"))
        let why = try await bench.engine.explain(suspension.id)
        #expect(why.failure?.step?.state == state)
        #expect(why.lines.contains { $0.hasPrefix("The step that failed is '\(state)' (activity:\(step))") })
        await bench.stop()
    }
}
