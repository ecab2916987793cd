import AWSClient
import AWSTasks
import BedrockUsage
package import Budgets
package import Engine
package import Enforcement
package import Foundation
import JSONModel
import Logging
package import TestKit
import WallTime

/// A whole Steward in one process: the shipped state machines and workflows, the real engine, the real IAM steps on a
/// model of IAM, a store in memory that can be crashed, and a clock that moves when it is told to.
package final class SimulatedSteward: Sendable {
    package let clock: VirtualClock
    package let iam: IAMModel
    package let store: MemoryStore
    package let engine: Engine<MemoryStore>
    package let service: EnforcementService<MemoryStore>
    private let running: Task<Void, any Error>

    package static let principal = PrincipalID(account: "111122223333", kind: .user, name: "BedrockAPIKey-ab12")

    /// Starts a daemon on a store, as a new process would.
    /// - Parameter root: the repository, whose `state-machines` and `workflows` are loaded.
    package init(
        root: URL, iam: IAMModel, store: MemoryStore = MemoryStore(), clock: VirtualClock = VirtualClock()
    ) async throws {
        let settings = CurrentSettings(
            EnforcementSettings(
                defaultBudget: DefaultBudget(periodRule: .span(seconds: 3600)), channels: { _ in ["log"] },
                digest: { hexadecimal(sha256($0)) }))
        let engine = Engine(
            store: store, clock: clock.wallClock, steps: try Self.steps(settings, iam, clock), seed: 11,
            logger: Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() })
        try await Self.load(root, into: engine)
        self.clock = clock
        self.iam = iam
        self.store = store
        self.engine = engine
        service = EnforcementService(engine: engine, settings: settings)
        running = Task { try await engine.run() }
    }

    /// Ends the process: what is in memory is gone.
    package func kill() async {
        store.crashNow()
        running.cancel()
        _ = await running.result
    }

    /// The steps that the daemon serves. IAM's client never waits: its backoff is not what is simulated.
    private static func steps(
        _ settings: CurrentSettings, _ iam: IAMModel, _ clock: VirtualClock
    ) throws -> [String: Step<MemoryTransaction>] {
        let impatient = WallClock(
            now: { clock.now }, monotonicNanoseconds: { UInt64(clock.now.milliseconds) * 1_000_000 },
            sleepUntil: { _ in })
        let client = AWSClient(
            configuration: try AWSConfiguration(environment: ["AWS_REGION": "us-east-1"]),
            credentials: .fixed(
                AWSCredentials(accessKeyID: "AKIAMODEL", secretAccessKey: "model", sessionToken: nil, expiration: nil)),
            transport: iam.transport, clock: impatient, randomFraction: { 0 })
        var steps: [String: Step<MemoryTransaction>] = DomainSteps.all(settings)
        for (name, perform) in IAMSteps(access: IAMAccess(client: client, clock: impatient)).performs {
            steps[name] = Step(perform: perform)
        }
        steps["back-up-access"]?.record = DomainSteps.recordBackup(settings)
        steps["take-away-access"]?.record = DomainSteps.recordTaken(settings)
        return steps
    }

    private static func load(_ root: URL, into engine: Engine<MemoryStore>) async throws {
        func files(_ folder: String) throws -> [URL] {
            try FileManager.default.contentsOfDirectory(
                at: root.appending(path: folder), includingPropertiesForKeys: nil
            ).sorted { $0.path < $1.path }
        }
        for file in try files("state-machines") where file.path.hasSuffix(".asl.yaml") {
            let name = file.lastPathComponent.replacing(".asl.yaml", with: "")
            _ = try await engine.applyStateMachine(
                name: name, source: try String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent)
        }
        let workflows = try files("workflows").compactMap { file in
            Workflow.read(text: try String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent).0
        }
        // Without the schedules: a test says when the monitor looks and when the refresh runs.
        try await engine.applyWorkflows(workflows.filter { $0.schedule == nil })
    }
}

// MARK: - Driving it

extension SimulatedSteward {
    /// Charges so many dollars' worth of tokens to the principal.
    package func spend(dollars: Int64, request: String) async throws {
        // Claude Sonnet 4.6 at the global price takes $3 for a million tokens in.
        let tokens = dollars * 1_000_000 / 3 + 1
        let record = """
            {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"\(clock.now.iso8601)",
             "accountId":"111122223333","region":"us-east-1","requestId":"\(request)","operation":"Converse",
             "modelId":"global.anthropic.claude-sonnet-4-6",
             "identity":{"arn":"arn:aws:iam::111122223333:user/\(Self.principal.name)"},
             "input":{"inputTokenCount":\(tokens)},"output":{"outputTokenCount":0}}
            """
        _ = try await service.meter(UsageDecoder.decode(Array(record.utf8), source: "simulator"), source: "simulator")
    }

    /// Raises the limit, which restores without waiting for the period's end.
    package func raiseLimit(toDollars dollars: Int64) async throws {
        try await change(BudgetChange(limit: NanoDollars(rawValue: dollars * NanoDollars.perDollar)))
    }

    package func change(_ change: BudgetChange) async throws {
        _ = try await service.setBudget(of: Principal(id: Self.principal), change, by: "operator:simulator")
    }

    package func account() async throws -> BudgetAccount? {
        try await store.read { try $0.account(BudgetScope.principal(Self.principal).budgetID) }
    }

    package func executions(of machine: String) async throws -> [ExecutionRecord] {
        try await engine.executions(ExecutionQuery(stateMachine: machine)).executions
    }

    /// Moves the clock from wake to wake until the condition holds or the store has crashed. The clock stands still
    /// while an execution is at work, since its steps' timeouts would run out.
    /// - Returns: whether the condition holds; false after a crash.
    package func advance(
        until what: String, upTo limit: Duration = .seconds(3000), _ condition: @Sendable () async throws -> Bool
    ) async throws -> Bool {
        let end = clock.now + limit
        while true {
            try await eventually("\(what): the engine rests") { [self] in
                try await unlessDown(else: true) { try await restsOrMeets(condition) }
            }
            if store.isDown { return false }
            if try await unlessDown(else: false, condition) { return true }
            if store.isDown { return false }
            guard let next = clock.nextWake, next <= end else {
                throw ConditionNeverHeld(description: "\(what) did not come true by \(end.iso8601)")
            }
            clock.advance(to: next)
        }
    }

    /// Whether the condition holds, or nothing has moved for ten looks in a row: what the last wake has set off may not
    /// have had its turn yet.
    private func restsOrMeets(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
        for _ in 0..<10 {
            if try await condition() { return true }
            guard try await store.read({ try $0.liveExecutions().isEmpty }), clock.nextWake != nil else { return false }
            try await Task.sleep(for: .microseconds(200))
        }
        return true
    }

    /// The store may crash at any moment, also between a look at it and the next.
    private func unlessDown(
        else fallback: Bool, _ body: @Sendable () async throws -> Bool
    ) async throws -> Bool {
        if store.isDown { return fallback }
        do {
            return try await body()
        } catch let error as StoreError {
            guard store.isDown else { throw error }
            return fallback
        }
    }
}
