import Engine
import Interpreter
import JSONModel
import Logging
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct InnerStartTests {
    static let child = "arn:aws:states:us-east-1:000000000000:stateMachine:child"

    /// With a state machine `child` that does nothing.
    /// - Parameter seed: two engines with the same one name what they start alike.
    static func engine(
        on store: MemoryStore = MemoryStore(), _ clock: VirtualClock = VirtualClock(), seed: UInt64 = 7
    ) async throws -> (Engine<MemoryStore>, StatesIntegration<MemoryStore>) {
        let integration = StatesIntegration<MemoryStore>()
        let engine = Engine(
            store: store, clock: clock.wallClock, resources: [integration], seed: seed,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        integration.connect(WireAPI(engine: engine, clock: clock.wallClock))
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: A\nStates: {A: {Type: Pass, End: true}}")
        return (engine, integration)
    }

    private static func makeParent(_ engine: Engine<MemoryStore>, _ resource: String) async throws {
        _ = try await engine.applyStateMachine(
            name: "parent",
            source: """
                StartAt: A
                States:
                  A:
                    Type: Task
                    Resource: arn:aws:states:::\(resource)
                    Parameters: {StateMachineArn: '\(child)'}
                    End: true
                """)
    }

    @Test(arguments: ["states:startExecution", "states:startExecution.sync:2"])
    func aStoreThatRefusesForAMomentFailsNoExecution(_ resource: String) async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await Self.engine(on: store, clock)
        try await Self.makeParent(engine, resource)

        // The first starts the parent.
        store.fail(commit: store.commits + 2)
        let parent = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:])

        try await eventually("the parent ends") {
            if let next = clock.nextWake { clock.advance(to: next) }
            return try await engine.execution(parent.id).status != .running
        }
        #expect(try await engine.execution(parent.id).status == .succeeded)
        #expect(try await engine.executions(ExecutionQuery(stateMachine: "child")).executions.count == 1)
    }

    /// A step may be about to start an execution in the moment in which its own is stopped.
    @Test func anExecutionThatHasEndedStartsNoneThatItWouldWaitFor() async throws {
        let (engine, integration) = try await Self.engine()
        let ended = try await engine.startExecution(stateMachine: "child", name: "ended", input: [:])
        var context = TaskContext(
            execution: ended.id, executionARN: "", executionName: "ended", stateMachine: "child", state: "A",
            resource: "", retryCount: 0, idempotencyKey: "k", now: engine.now, deadline: nil, heartbeat: {})
        context.task = 7
        let resource = Resource(parsing: "arn:aws:states:::states:startExecution.sync:2")
        let asked = context

        await #expect(throws: TaskFailure.self) {
            try await integration.perform(resource, asked, ["StateMachineArn": .string(Self.child)])
        }
        #expect(try await engine.executions(ExecutionQuery(stateMachine: "child")).executions.count == 1)
    }

    @Test func whatItsEndedParentCouldNotStopBeforeACrashIsStoppedAfterIt() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await Self.engine(on: store, clock)
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 86400, End: true}}")
        try await Self.makeParent(engine, "states:startExecution.sync:2")
        let parent = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:])
        try await eventually("the parent waits for its child") { try await engine.execution(parent.id).isParked }
        let query = ExecutionQuery(stateMachine: "child")
        let child = try #require(try await engine.executions(query).executions.first)

        store.crash(commit: store.commits + 1, .afterCommit)
        _ = try? await engine.stopExecution(parent.id)

        let (second, _) = try await Self.engine(on: store.reopened(), clock)
        #expect(try await second.execution(parent.id).status == .aborted)
        let running = Task { try await second.run() }
        try await eventually("the child is stopped", deadline: .seconds(20)) {
            try await second.execution(child.id).status == .aborted
        }
        let rows = try await second.read { try $0.nested(of: parent.id) }
        #expect(rows.isEmpty)
        running.cancel()
        _ = await running.result
    }

    /// What is left of the disk is kept for executions under way; these are some.
    @Test(arguments: ["states:startExecution", "states:startExecution.sync:2", "aws-sdk:sfn:startExecution"])
    func whatAnExecutionStartsIsTakenWhileSpaceIsLow(_ resource: String) async throws {
        let (engine, _) = try await Self.engine()
        try await Self.makeParent(engine, resource)

        engine.refuseStarts(because: "3 MiB are free")
        let parent = try await engine.transact { work in
            try work.startExecution(stateMachine: "parent", name: "p", input: [:])
        }

        try await eventually("the parent ends") { try await engine.execution(parent.id).status != .running }
        #expect(try await engine.execution(parent.id).status == .succeeded)
        #expect(try await engine.executions(ExecutionQuery(stateMachine: "child")).executions.count == 1)
    }
}
