import Engine
import Interpreter
import JSONModel
import Logging
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import StatesAPI

/// Executions that a task has started and waits for, over crashes and redrives.
@Suite struct NestedCrashTests {
    /// Waits for its child a minute, and goes on without it.
    private static let parent = """
        StartAt: A
        States:
          A:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync:2
            Parameters: {StateMachineArn: '\(InnerStartTests.child)'}
            TimeoutSeconds: 60
            Catch: [{ErrorEquals: [States.Timeout], Next: W}]
            Next: W
          W: {Type: Wait, Seconds: 864000, End: true}
        """

    /// A child that waits for a day, and a parent that waits for it.
    private static func start(
        _ engine: Engine<MemoryStore>
    ) async throws -> (parent: ExecutionID, child: ExecutionID) {
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 86400, End: true}}")
        _ = try await engine.applyStateMachine(name: "parent", source: parent)
        let id = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:]).id
        try await eventually("the parent waits for its child") { try await engine.execution(id).isParked }
        return (id, try #require(try await children(engine).first).id)
    }

    private static func children(_ engine: Engine<MemoryStore>) async throws -> [ExecutionRecord] {
        try await engine.executions(ExecutionQuery(stateMachine: "child")).executions.reversed()
    }

    private static func rows(_ engine: Engine<MemoryStore>, of parent: ExecutionID) async throws -> [NestedExecution] {
        try await engine.read { try $0.nested(of: parent) }
    }

    @Test func whatAParentGoesOnWithoutIsStoppedAlsoOverACrash() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await InnerStartTests.engine(on: store, clock)
        let (parent, child) = try await Self.start(engine)

        clock.advance(by: .seconds(60))
        store.crash(commit: store.commits + 1, .afterCommit)
        _ = try? await engine.tick(at: clock.now)

        let (second, _) = try await InnerStartTests.engine(on: store.reopened(), clock)
        #expect(try await second.state(parent).currentStates.map(\.name) == ["W"])
        #expect(try await second.execution(child).status == .running)
        let running = Task { try await second.run() }
        try await eventually("the child is stopped") { try await second.execution(child).status == .aborted }
        #expect(try await second.execution(parent).status == .running)
        #expect(try await Self.rows(second, of: parent).isEmpty)
        running.cancel()
        _ = await running.result
    }

    @Test func aParentThatIsRedrivenBeforeItsChildIsStoppedWaitsForItsNewChildAlone() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await InnerStartTests.engine(on: store, clock)
        let (parent, child) = try await Self.start(engine)
        store.crash(commit: store.commits + 1, .afterCommit)
        _ = try? await engine.stopExecution(parent)

        // Nothing was taken up yet when somebody redrives it.
        let (second, _) = try await InnerStartTests.engine(on: store.reopened(), clock)
        #expect(try await second.redriveExecution(parent).status == .running)
        try await eventually("it waits for another child") { try await Self.children(second).count == 2 }
        let running = Task { try await second.run() }
        try await eventually("the first child is stopped") {
            try await Self.children(second).map(\.status) == [.aborted, .running]
        }
        let other = try #require(try await Self.children(second).last).id
        #expect(try await Self.rows(second, of: parent).map(\.child) == [other])
        #expect(try await second.execution(child).status == .aborted)

        _ = try await second.stopExecution(other)
        try await eventually("the parent hears of its new child's end") {
            try await second.execution(parent).status == .failed
        }
        #expect(try await Self.rows(second, of: parent).isEmpty)
        running.cancel()
        _ = await running.result
    }

    /// A row can be left by a crash between the commit in which the parent took its child's end and the next one, or in
    /// the moment in which a task is cancelled while its child is being started.
    @Test func rowsThatACrashHasLeftBehindAreSettled() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await InnerStartTests.engine(on: store, clock)
        let (parent, child) = try await Self.start(engine)
        let told = try #require(try await Self.rows(engine, of: parent).first)
        _ = try await engine.stopExecution(child)
        try await eventually("the parent is told") { try await engine.execution(parent).status != .running }
        #expect(try await Self.rows(engine, of: parent).isEmpty)

        _ = try await engine.redriveExecution(parent)
        try await eventually("it waits for another child") { try await engine.execution(parent).isParked }
        let waited = try await Self.rows(engine, of: parent)
        let late = try await engine.startExecution(stateMachine: "child", name: "late", input: [:]).id
        try await store.write { transaction in
            try transaction.insertNested(told)
            try transaction.insertNested(NestedExecution(child: late, parent: parent, task: told.task))
        }

        let (second, _) = try await InnerStartTests.engine(on: store.reopened(), clock)
        let running = Task { try await second.run() }
        try await eventually("nobody's child is stopped") { try await second.execution(late).status == .aborted }
        try await eventually("the rows are gone") { try await Self.rows(second, of: parent) == waited }
        #expect(try await second.execution(parent).status == .running)
        running.cancel()
        _ = await running.result
    }

    /// Starts what it is asked to only once the gate is open, whatever became of the task meanwhile.
    private struct Late: ResourceHandler {
        let base: StatesIntegration<MemoryStore>
        let gate: Gate

        func handles(_ resource: Resource) -> Bool { base.handles(resource) }

        func perform(
            _ resource: Resource, _ context: TaskContext, _ input: JSONValue
        ) async throws(TaskFailure) -> JSONValue {
            await gate.wait()
            return try await base.perform(resource, context, input)
        }
    }

    @Test func whatIsStartedForATaskThatWasCancelledMeanwhileIsStopped() async throws {
        let (clock, gate) = (VirtualClock(), Gate())
        let integration = StatesIntegration<MemoryStore>()
        let engine = Engine(
            store: MemoryStore(), clock: clock.wallClock, resources: [Late(base: integration, gate: gate)], seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        integration.connect(WireAPI(engine: engine, clock: clock.wallClock))
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 86400, End: true}}")
        _ = try await engine.applyStateMachine(name: "parent", source: Self.parent)
        let parent = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:]).id
        clock.advance(by: .seconds(60))
        _ = try await engine.tick(at: clock.now)
        try await eventually("the parent has gone on") {
            try await engine.state(parent).currentStates.map(\.name) == ["W"]
        }

        gate.open()
        try await eventually("the child is started and stopped") {
            try await Self.children(engine).map(\.status) == [.aborted]
        }
        #expect(try await Self.rows(engine, of: parent).isEmpty)
        #expect(try await engine.execution(parent).status == .running)
    }
}
