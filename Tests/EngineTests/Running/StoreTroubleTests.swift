import Interpreter
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Engine

/// What an engine does while its store refuses.
@Suite struct StoreTroubleTests {
    private static let machine = """
        StartAt: T
        States:
          T: {Type: Task, Resource: "activity:work", TimeoutSeconds: 60, End: true}
        """

    private static func bench() async throws -> (Bench, ExecutionID, String) {
        let bench = Bench()
        try await bench.machine("m", machine)
        try await bench.engine.transact { work in
            try work.transaction.insertActivity(
                ActivityRecord(name: "work", encryption: nil, createdAt: work.now))
        }
        bench.run()
        let record = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let task = try await bench.engine.nextActivityTask(
            "work", worker: "w", deadline: bench.clock.wallClock.now() + .seconds(60))
        return (bench, record.id, try #require(task).token)
    }

    @Test func aResultThatCannotBeRecordedIsGivenBackAndTakenLater() async throws {
        let (bench, id, token) = try await Self.bench()
        bench.store.fail(commit: bench.store.commits + 1)
        await #expect(throws: StoreError.self) {
            try await bench.engine.completeTask(token: token, .success(["n": 1]))
        }
        // Nothing of it is kept for later: who was refused may come to another result.
        try await bench.engine.completeTask(token: token, .success(["n": 2]))
        #expect(try await bench.finish(id).status == .succeeded)
        let state = try await bench.engine.state(id)
        #expect(state.outcome == .succeeded(output: ["n": 2]))
        await bench.stop()
    }

    @Test func aStopThatCannotBeRecordedIsGivenBack() async throws {
        let (bench, id, _) = try await Self.bench()
        bench.store.fail(commit: bench.store.commits + 1)
        await #expect(throws: StoreError.self) { try await bench.engine.stopExecution(id) }
        #expect(try await bench.engine.execution(id).status == .running)
        #expect(try await bench.engine.stopExecution(id).status == .aborted)
        await bench.stop()
    }

    @Test func aStopThatIsGivenBackDoesNotMakeTheTasksUnderWayRunAgain() async throws {
        let (entered, left) = (Guarded(0), Guarded(false))
        let bench = Bench([
            "here": Step(perform: { _, input in
                entered.withLock { $0 += 1 }
                while !left.withLock({ $0 }) { await Task.yield() }
                return input
            })
        ])
        try await bench.machine(
            "m",
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                End: true
                Branches:
                  - {StartAt: A, States: {A: {Type: Task, Resource: "activity:here", End: true}}}
                  - {StartAt: B, States: {B: {Type: Task, Resource: "activity:work", End: true}}}
            """)
        bench.run()
        let id = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:]).id
        try await eventually("the task is under way") { entered.withLock { $0 } == 1 }
        let elsewhere = try await bench.engine.state(id).openTasks.first { $0.state == "B" }
        let token = bench.engine.core.tokens.token(execution: id, task: try #require(elsewhere).task)

        bench.store.fail(commit: bench.store.commits + 1)
        await #expect(throws: StoreError.self) { try await bench.engine.stopExecution(id) }
        try await bench.engine.completeTask(token: token, .success(1))
        left.withLock { $0 = true }

        #expect(try await bench.finish(id).status == .succeeded)
        #expect(entered.withLock { $0 } == 1)
        await bench.stop()
    }

    @Test func aTaskThatEndsWhileItsExecutionIsReadAnewDoesNotRunAgain() async throws {
        let entered = Guarded<[String: Int]>([:])
        let left = Guarded<Set<String>>([])
        let bench = Bench([
            "here": Step(perform: { context, input in
                entered.withLock { $0[context.state, default: 0] += 1 }
                while !left.withLock({ $0.contains(context.state) }) { await Task.yield() }
                return input
            })
        ])
        try await bench.machine(
            "m",
            """
            StartAt: P
            States:
              P:
                Type: Parallel
                End: true
                Branches:
                  - {StartAt: A, States: {A: {Type: Task, Resource: "activity:here", End: true}}}
                  - {StartAt: B, States: {B: {Type: Task, Resource: "activity:here", End: true}}}
            """)
        bench.run()
        let id = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:]).id
        try await eventually("both tasks are under way") { entered.withLock { $0 } == ["A": 1, "B": 1] }

        // What came of A is refused once. While it is being recorded then, B ends.
        bench.store.fail(commit: bench.store.commits + 1)
        left.withLock { _ = $0.insert("A") }
        try await eventually("A is refused") { bench.engine.statistics.commitsRetried == 1 }
        bench.store.holdCommits()
        if let next = bench.clock.nextWake { bench.clock.advance(to: next) }
        try await eventually("A is being recorded") { bench.store.queuedWrites == 1 }
        left.withLock { _ = $0.insert("B") }
        try await eventually("B has ended") { bench.engine.live.withLock { $0.allSteps.isEmpty } }
        bench.store.releaseCommits()

        #expect(try await bench.finish(id).status == .succeeded)
        #expect(entered.withLock { $0 } == ["A": 1, "B": 1])
        await bench.stop()
    }

    /// A store that takes nothing of one execution, as when its pages are damaged.
    private final class PickyStore: ExecutionStore {
        let base = MemoryStore()
        let refused = Guarded<ExecutionID?>(nil)

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            let id = refused.withLock { $0 }
            return try await base.write { transaction in
                guard let id else { return try body(transaction) }
                let before = try transaction.journal(id).count
                let result = try body(transaction)
                guard try transaction.journal(id).count == before else { throw StoreError.damaged("a page") }
                return result
            }
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.read(body)
        }
    }

    @Test func anExecutionThatCannotBeRecordedHoldsUpNoTimers() async throws {
        let (store, clock) = (PickyStore(), VirtualClock())
        let engine = Engine(
            store: store, clock: clock.wallClock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        for seconds in [60, 120] {
            _ = try await engine.applyStateMachine(
                name: "m\(seconds)", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: \(seconds), End: true}}")
        }
        let first = try await engine.startExecution(stateMachine: "m60", name: "x", input: [:]).id
        let second = try await engine.startExecution(stateMachine: "m120", name: "x", input: [:]).id
        store.refused.withLock { $0 = first }
        let running = Task { try await engine.run() }
        let ends = { @Sendable (id: ExecutionID) async throws -> Bool in
            if let next = clock.nextWake { clock.advance(to: next) }
            return try await engine.execution(id).status == .succeeded
        }

        try await eventually("the other one is woken") { try await ends(second) }
        #expect(try await engine.execution(first).status == .running)
        store.refused.withLock { $0 = nil }
        try await eventually("it is woken, too, once it can be recorded") { try await ends(first) }
        running.cancel()
        _ = await running.result
    }

    /// More of them than are woken at a time: what can't be woken stays due, and stands before all others.
    @Test func definitionsThatAreNoLongerAcceptedHoldUpNoTimers() async throws {
        var options = EngineOptions()
        options.timerBatch = 2
        let bench = Bench(options: options)
        let now = bench.clock.now
        try await bench.engine.transact { work in
            let definition = MachineDefinition(source: "of another version", json: [:], hash: "h")
            let version = try work.transaction.saveStateMachine(name: "old", definition: definition, at: now)
            for number in 0..<3 {
                let id = try work.transaction.insertExecution(
                    NewExecution(
                        stateMachine: "old", version: version.id, name: "\(number)", workflow: nil, startedAt: now))
                try work.transaction.parkExecution(id, wakeAt: now)
            }
        }
        try await bench.machine("w", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        let fine = try await bench.engine.startExecution(stateMachine: "w", name: "fine", input: [:]).id

        bench.run()
        try await bench.advance("the other is woken") { try await bench.engine.execution(fine).status == .succeeded }
        await bench.stop()
    }

    @Test func executionsThatCannotBeRecordedHoldUpNoTimersHoweverManyTheyAre() async throws {
        let (store, clock) = (PickyStore(), VirtualClock())
        var options = EngineOptions()
        options.timerBatch = 1
        let engine = Engine(
            store: store, clock: clock.wallClock, options: options, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(
            name: "m", source: "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        let first = try await engine.startExecution(stateMachine: "m", name: "x", input: [:]).id
        let second = try await engine.startExecution(stateMachine: "m", name: "y", input: [:]).id
        store.refused.withLock { $0 = first }

        clock.advance(by: .seconds(60))
        _ = try? await engine.tick(at: clock.now)

        #expect(try await engine.execution(first).status == .running)
        #expect(try await engine.execution(second).status == .succeeded)
    }

    @Test func anExecutionThatCannotBeRecordedHoldsUpNoRedrives() async throws {
        let (store, clock) = (PickyStore(), VirtualClock())
        let engine = Engine(
            store: store, clock: clock.wallClock, steps: ["work": DeadLetterTests.Failing().step], seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(name: "m", source: chain(["work"]))
        let policy = DeadLetterPolicy(policy: .redrive, attempts: 3, backoff: .seconds(10))
        try await engine.applyWorkflows([Workflow(name: "w", stateMachine: "m", deadLetter: policy)])
        var ids: [ExecutionID] = []
        for name in ["first", "second"] {
            let id = try await engine.startWorkflow("w", name: name, input: [:]).id
            try await eventually("it fails") { try await engine.execution(id).status == .failed }
            ids.append(id)
        }
        let (first, second) = (ids[0], ids[1])

        store.refused.withLock { $0 = first }
        clock.advance(by: .seconds(10))
        _ = try? await engine.tick(at: clock.now)

        #expect(try await engine.execution(first).redriveCount == 0)
        #expect(try await engine.execution(second).redriveCount == 1)
        let query = DeadLetterQuery(kind: .execution, execution: first)
        let letters = try await engine.read { try $0.deadLetters(query) }
        #expect(letters.first?.letter.nextRedrive != nil)
    }

    @Test func startsAreRefusedWhileSpaceIsLowAndWorkUnderWayGoesOn() async throws {
        let (bench, id, token) = try await Self.bench()
        bench.engine.refuseStarts(because: "3 MiB are free")
        await #expect(throws: EngineError.lowOnSpace("3 MiB are free")) {
            try await bench.engine.startExecution(stateMachine: "m", name: "y", input: [:])
        }
        try await bench.engine.completeTask(token: token, .success([:]))
        #expect(try await bench.finish(id).status == .succeeded)
        bench.engine.refuseStarts(because: nil)
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "y", input: [:])
        await bench.stop()
    }

    @Test func aLogLineComesOnceInTenSecondsAndSaysWhatWasLeftOut() {
        let limiter = LogLimiter(interval: .seconds(10))
        let start = VirtualClock().now
        let admitted = (0..<25).map { limiter.admit(at: start + .seconds($0)) }
        #expect(admitted.enumerated().filter { $0.element != nil }.map(\.offset) == [0, 10, 20])
        #expect(admitted.compactMap { $0 } == [0, 9, 9])
        // A clock that is set back by an hour doesn't silence it for an hour.
        #expect(limiter.admit(at: start - .seconds(3600)) == 4)
    }

    /// As in a process that was killed: nobody waits any longer for the store to take the commit. The mailbox goes, and
    /// with it whoever knows of the execution's other steps.
    @Test func anExecutionThatIsGivenUpStopsItsSteps() async throws {
        let (gate, entered, stopped) = (Gate(), Guarded(0), Guarded(false))
        let steps: [String: Step<MemoryTransaction>] = [
            "quick": Step(perform: { _, input in
                entered.withLock { $0 += 1 }
                await gate.wait()
                return input
            }),
            "slow": Step(perform: { _, input in
                entered.withLock { $0 += 1 }
                await Gate().wait()
                stopped.withLock { $0 = true }
                return input
            }),
        ]
        let (store, clock) = (MemoryStore(), VirtualClock().wallClock)
        let ended = WallClock(
            now: clock.now, monotonicNanoseconds: clock.monotonicNanoseconds,
            sleepUntil: { _ in throw CancellationError() })
        let engine = Engine(
            store: store, clock: ended, steps: steps, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(
            name: "m",
            source: """
                StartAt: P
                States:
                  P:
                    Type: Parallel
                    End: true
                    Branches:
                      - {StartAt: A, States: {A: {Type: Task, Resource: "activity:quick", End: true}}}
                      - {StartAt: B, States: {B: {Type: Task, Resource: "activity:slow", End: true}}}
                """, file: "m.yaml")
        _ = try await engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually("both are under way") { entered.withLock { $0 } == 2 }

        store.fail(commit: store.commits + 1)
        gate.open()
        try await eventually("the other step is told to stop") { stopped.withLock { $0 } }
        try await eventually("no execution is in memory") { engine.statistics.live == 0 }
    }
}
