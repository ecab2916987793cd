import Engine
import Interpreter
import JSONModel
import Logging
import Simulator
import StatesLanguage
import TestKit
import Testing
import WallTime

/// Found by seeds: a disk that could not be read in the moment in which a child ended left its parent waiting for ever.
@Suite struct NestedReportTests {
    private struct Starting: ResourceHandler {
        let engine: Guarded<Engine<FaultyStore<MemoryStore>>?>

        func handles(_ resource: Resource) -> Bool { true }

        func perform(
            _ resource: Resource, _ context: TaskContext, _ input: JSONValue
        ) async throws(TaskFailure) -> JSONValue {
            guard let engine = engine.withLock({ $0 }) else { throw TaskFailure(error: "NoEngine", cause: "") }
            do {
                try await engine.transact { work in
                    let child = try work.startExecution(stateMachine: "child", name: "child", input: [:])
                    try work.transaction.insertNested(
                        NestedExecution(child: child.id, parent: context.execution, task: context.task))
                }
            } catch { throw TaskFailure(error: "NotStarted", cause: "\(error)") }
            return [:]
        }
    }

    @Test func aParentIsToldOnceTheDiskCanBeReadAgain() async throws {
        let clock = VirtualClock()
        let weather = Weather()
        let starting = Starting(engine: Guarded(nil))
        let store = FaultyStore(MemoryStore(), weather: weather, clock: clock.wallClock)
        // The disk goes in the commit that ends the child, before anybody reads how.
        let last = Step<MemoryTransaction>(record: { _, _, input, _ in
            weather.disk = .gone
            return input
        })
        let engine = Engine(
            store: store, clock: clock.wallClock, steps: ["last": last], resources: [starting], seed: 1,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        starting.engine.withLock { $0 = engine }
        _ = try await engine.applyStateMachine(
            name: "child",
            source: """
                StartAt: A
                States:
                  A: {Type: Task, Resource: 'activity:elsewhere', Next: B}
                  B: {Type: Task, Resource: 'activity:last', End: true}
                """)
        _ = try await engine.applyStateMachine(
            name: "parent",
            source: """
                StartAt: A
                States:
                  A:
                    Type: Task
                    Resource: arn:aws:states:::states:startExecution.sync:2
                    Parameters: {StateMachineArn: x}
                    End: true
                """)
        let parent = try await engine.startExecution(stateMachine: "parent", name: "p", input: [:])
        try await eventually("the parent waits for its child") { try await engine.execution(parent.id).isParked }
        let child = try await engine.execution(named: "child", of: "child").id
        let task = try #require(try await engine.state(child).openTasks.first).task

        try await engine.completeTask(token: engine.core.tokens.token(execution: child, task: task), .success([:]))
        // The engine's timers do not run: nobody else reads.
        try await eventually("how the child has ended cannot be read") { weather.refusedReads == 1 }
        weather.disk = .fine
        #expect(try await engine.execution(child).status == .succeeded)
        #expect(try await engine.execution(parent.id).status == .running)

        try await eventually("the parent has ended") {
            if let next = clock.nextWake { clock.advance(to: next) }
            return try await engine.execution(parent.id).status == .succeeded
        }
    }
}
