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
        try await applyChild(engine)
        _ = try await engine.applyStateMachine(name: "parent", source: parent)
        let id = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:]).id
        try await eventually("the parent waits for its child") { try await engine.execution(id).isParked }
        return (id, try #require(try await children(engine).first).id)
    }

    private static func applyChild(_ engine: Engine<MemoryStore>) async throws {
        _ = try await engine.applyStateMachine(
            name: "child", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 86400, End: true}}")
    }

    /// The engine of the next process, which gives what it starts other names.
    private static func engine(on store: MemoryStore, _ clock: VirtualClock) async throws -> Engine<MemoryStore> {
        let (engine, _) = try await InnerStartTests.engine(on: store, clock, seed: 8)
        try await applyChild(engine)
        return engine
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

        let second = try await Self.engine(on: store.reopened(), clock)
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
        let second = try await Self.engine(on: store.reopened(), clock)
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

        let second = try await Self.engine(on: store.reopened(), clock)
        let running = Task { try await second.run() }
        try await eventually("nobody's child is stopped") { try await second.execution(late).status == .aborted }
        try await eventually("the rows are gone") { try await Self.rows(second, of: parent) == waited }
        #expect(try await second.execution(parent).status == .running)
        running.cancel()
        _ = await running.result
    }

    /// A million may be waited for: no look at all of their parents keeps the store from anything.
    @Test func whatNobodyWaitsForIsLookedForSomeAtATime() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await InnerStartTests.engine(on: store, clock)
        let (parent, child) = try await Self.start(engine)
        for name in ["late-1", "late-2"] {
            let late = try await engine.startExecution(stateMachine: "child", name: name, input: [:]).id
            try await store.write {
                try $0.insertNested(NestedExecution(child: late, parent: parent, task: 4711))
            }
        }

        var options = EngineOptions()
        options.recoveryBatch = 1
        let (reopened, integration) = (store.reopened(), StatesIntegration<MemoryStore>())
        let second = Engine(
            store: reopened, clock: clock.wallClock, resources: [integration], options: options, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        integration.connect(WireAPI(engine: second, clock: clock.wallClock))
        let running = Task { try await second.run() }
        try await eventually("nobody's children are stopped") {
            try await Self.children(second).map(\.status) == [.running, .aborted, .aborted]
        }
        #expect(reopened.surveys == 3)
        #expect(try await Self.rows(second, of: parent).map(\.child) == [child])
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

    // MARK: At every commit

    /// Waits for a child that ends at once, then for one that does not end in time.
    private static let patient = """
        StartAt: A
        States:
          A:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync
            Parameters: {StateMachineArn: '\(InnerStartTests.child)'}
            Next: B
          B:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync:2
            Parameters: {StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:slow'}
            TimeoutSeconds: 60
            Catch: [{ErrorEquals: [States.Timeout], Next: C}]
            Next: C
          C: {Type: Wait, Seconds: 5, End: true}
        """

    private static func isOver(_ engine: Engine<MemoryStore>) async throws -> Bool {
        let all = try await engine.executions(ExecutionQuery()).executions
        guard let parent = all.first(where: { $0.stateMachine == "parent" }) else { return false }
        guard all.allSatisfy({ $0.status != .running }) else { return false }
        return try await rows(engine, of: parent.id).isEmpty
    }

    /// One life of the process, until everything has ended or it dies.
    private static func live(_ engine: Engine<MemoryStore>, _ store: MemoryStore, _ clock: VirtualClock) async throws {
        let running = Task { try await engine.run() }
        // One whose answer was lost is the same execution.
        _ = try? await engine.startExecution(stateMachine: "parent", name: "p", input: [:])
        try await eventually("everything ends, or the process dies") {
            if store.isDown { return true }
            if let next = clock.nextWake { clock.advance(to: next) }
            return (try? await Self.isOver(engine)) ?? store.isDown
        }
        running.cancel()
        _ = await running.result
        await engine.drain(deadline: .zero)
    }

    /// - Returns: whether the crash came about.
    private static func survive(_ crash: MemoryStore.Crash, at commit: Int) async throws -> Bool {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let (engine, _) = try await InnerStartTests.engine(on: store, clock)
        _ = try await engine.applyStateMachine(
            name: "slow", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 8640000, End: true}}")
        _ = try await engine.applyStateMachine(name: "parent", source: patient)
        store.crash(commit: store.commits + commit, crash)
        try await live(engine, store, clock)
        // A last commit may still be under way, and be the one at which the process dies.
        let found = try? await engine.executions(ExecutionQuery()).executions
        let hasCrashed = found == nil || store.isDown
        var all = found ?? []
        if hasCrashed {
            #expect(store.isDown)
            let reopened = store.reopened()
            let (second, _) = try await InnerStartTests.engine(on: reopened, clock)
            try await live(second, reopened, clock)
            all = try await second.executions(ExecutionQuery()).executions
        }
        let comment: Comment = "crash \(crash) at commit \(commit)"
        let parents = all.filter { $0.stateMachine == "parent" }
        #expect(parents.map(\.status) == [.succeeded], comment)
        #expect(all.filter { $0.stateMachine == "child" }.map(\.status) == [.succeeded], comment)
        #expect(all.filter { $0.stateMachine == "slow" }.allSatisfy { $0.status == .aborted }, comment)
        return hasCrashed
    }

    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit])
    func everyCrashIsSurvived(_ crash: MemoryStore.Crash) async throws {
        var commit = 1
        while try await Self.survive(crash, at: commit) {
            commit += 1
            try #require(commit < 60, "it never ends")
        }
        // How many share a commit differs from run to run, most where everything is slow.
        #expect(commit > 5)
    }
}
