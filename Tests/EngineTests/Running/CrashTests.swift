import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

/// The process dies at every commit there is, one after the other, before it or after it.
@Suite struct CrashTests {
    static let machine = """
        StartAt: First
        States:
          First: {Type: Task, Resource: activity:touch, Next: Book}
          Book: {Type: Task, Resource: activity:book, Next: Both}
          Both:
            Type: Parallel
            Branches:
              - StartAt: Left
                States:
                  Left: {Type: Task, Resource: activity:touch, Next: LeftBook}
                  LeftBook: {Type: Task, Resource: activity:book, End: true}
              - StartAt: Right
                States:
                  Right: {Type: Task, Resource: activity:touch, End: true}
            Next: Flaky
          Flaky:
            Type: Task
            Resource: activity:flaky
            Retry: [{ErrorEquals: [Throttled], IntervalSeconds: 5, MaxAttempts: 2}]
            Next: Rest
          Rest: {Type: Wait, Seconds: 60, Next: Mixed}
          Mixed: {Type: Task, Resource: activity:mixed, Next: Child}
          Child: {Type: Task, Resource: activity:child, End: true}
        """

    static let child = "StartAt: A\nStates: {A: {Type: Task, Resource: activity:book, End: true}}"

    static func steps(_ recording: RecordingSteps) -> [String: Step<MemoryTransaction>] {
        [
            "touch": recording.external("touch"),
            "book": RecordingSteps.transactional("book"),
            "flaky": recording.external("flaky") { context, input in
                if context.retryCount == 0 { throw TaskFailure(error: "Throttled", cause: "once") }
                return input
            },
            "mixed": Step(
                perform: { context, input in
                    recording.note("mixed", context, input)
                    return input
                },
                record: { work, _, _, performed in
                    try work.transaction.count("mixed")
                    return performed
                }),
            "child": RecordingSteps.transactional("child") { work, input in
                try work.startExecution(stateMachine: "child", name: "child-1", input: input)
                return input
            },
        ]
    }

    /// Runs the machine with one crash at the given commit after the start of the test.
    /// - Returns: whether the crash came about.
    static func run(crash: MemoryStore.Crash, at commit: Int) async throws -> Bool {
        let recording = RecordingSteps()
        let clock = VirtualClock()
        var bench = Bench(clock: clock, steps: recording, steps(recording))
        try await bench.machine("m", machine)
        try await bench.machine("child", child)
        bench.store.crash(commit: bench.store.commits + commit, crash)
        bench.run()
        let hasStarted = await start(bench)
        if hasStarted { try await advanceToTheEnd(bench) }
        let hasCrashed = bench.store.isDown
        if hasCrashed {
            await bench.stop()
            await bench.engine.drain(deadline: .zero)
            bench = Bench(store: bench.store.reopened(), clock: clock, steps: recording, steps(recording))
            bench.run()
            _ = await start(bench)
            try await advanceToTheEnd(bench)
        }
        try await check(bench, recording, "crash \(crash) at commit \(commit)")
        await bench.stop()
        return hasCrashed
    }

    /// A start whose answer was lost is made again: it is the same execution.
    static func start(_ bench: Bench) async -> Bool {
        do {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "run", input: ["n": 1])
            return true
        } catch EngineError.executionExists {
            return true
        } catch {
            return false
        }
    }

    static func advanceToTheEnd(_ bench: Bench) async throws {
        try await bench.advance("the executions end") {
            if bench.store.isDown { return true }
            let all = try? await bench.engine.executions(ExecutionQuery()).executions
            return all.map { $0.count == 2 && $0.allSatisfy { $0.status != .running } } ?? bench.store.isDown
        }
    }

    static func check(_ bench: Bench, _ recording: RecordingSteps, _ comment: Comment) async throws {
        for record in try await bench.engine.executions(ExecutionQuery()).executions {
            #expect(try await bench.checked(record.id).status == .succeeded, comment)
            let ids = try await bench.engine.history(record.id).map(\.id).filter { $0 > 0 }
            #expect(ids == Array(1...ids.count), comment)
        }
        #expect(try await bench.count("book") == 3, comment)
        #expect(try await bench.count("mixed") == 1, comment)
        #expect(try await bench.count("child") == 1, comment)
        // Of the steps that touch the world, each is done at least once and again at most once for the one crash.
        let tries = Dictionary(grouping: recording.calls) { "\($0.key)#\($0.retryCount)" }.mapValues(\.count)
        #expect(Set(recording.calls.map(\.key)).count == 5, comment)
        #expect(tries.count == 6, comment)
        #expect(tries.values.allSatisfy { $0 <= 2 }, comment)
        #expect(recording.calls.count <= 6 + 3, comment)
    }

    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit])
    func everyCrashIsSurvived(_ crash: MemoryStore.Crash) async throws {
        var commit = 1
        while try await Self.run(crash: crash, at: commit) {
            commit += 1
            try #require(commit < 60, "the machine never ends")
        }
        #expect(commit > 12)
    }

    @Test func aCommitThatFailsIsTriedAgainAndNothingHappensTwice() async throws {
        for commit in 1...14 {
            let recording = RecordingSteps()
            let bench = Bench(steps: recording, Self.steps(recording))
            try await bench.machine("m", Self.machine)
            try await bench.machine("child", Self.child)
            bench.store.fail(commit: bench.store.commits + commit)
            bench.run()
            if await !Self.start(bench) { #expect(await Self.start(bench)) }

            try await Self.advanceToTheEnd(bench)

            #expect(Set(recording.calls.map { "\($0.key)#\($0.retryCount)" }).count == recording.calls.count)
            try await Self.check(bench, recording, "commit \(commit) fails")
            await bench.stop()
        }
    }

    @Test func recoveryTakesUpWhatWasUnderWayAndLeavesTheRestAlone() async throws {
        let gate = Guarded(false)
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            try await eventually("the gate opens") { gate.withLock { $0 } }
            return input
        }
        var options = EngineOptions()
        options.recoveryBatch = 3
        let first = Bench(steps: recording, ["slow": step])
        try await first.machine("m", chain(["slow"]))
        try await first.machine("w", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        for number in 0..<10 {
            _ = try await first.engine.startExecution(stateMachine: "m", name: "m\(number)", input: [:])
            _ = try await first.engine.startExecution(stateMachine: "w", name: "w\(number)", input: [:])
        }
        try await eventually { recording.calls.count == 10 }
        first.store.crashNow()
        gate.withLock { $0 = true }

        let second = Bench(
            store: first.store.reopened(), clock: first.clock, steps: recording, ["slow": step], options: options)
        second.run()
        try await eventually("the live ones end") {
            try await second.engine.executions(ExecutionQuery(stateMachine: "m", statuses: [.running])).executions
                .isEmpty
        }

        #expect(recording.calls.count == 20)
        #expect(Set(recording.calls.map(\.key)).count == 10)
        let waiting = try await second.engine.executions(ExecutionQuery(stateMachine: "w")).executions
        #expect(waiting.allSatisfy { $0.isParked })
        try await second.comesToRest()
        await second.stop()
    }

    @Test func aCallbackBeforeRecoveryTakesTheExecutionUpOnce() async throws {
        let recording = RecordingSteps()
        let hasPassed = Guarded(false)
        let steps = [
            // Still at work when the recovery comes to its execution.
            "touch": recording.external("touch") { _, input in
                try await eventually("the recovery has passed") { hasPassed.withLock { $0 } }
                return input
            },
            "mark": recording.external("mark"),
        ]
        let source = """
            StartAt: P
            States:
              P:
                Type: Parallel
                End: true
                Branches:
                  - {StartAt: A, States: {A: {Type: Task, Resource: activity:touch, End: true}}}
                  - {StartAt: B, States: {B: {Type: Task, Resource: activity:elsewhere, End: true}}}
            """
        // Ends when it is cancelled, and by nothing else.
        let endless = Step<MemoryTransaction>(perform: { _, input in
            let (nothing, keeper) = AsyncStream<Void>.makeStream()
            for await _ in nothing {}
            keeper.finish()
            return input
        })
        let first = Bench(["touch": endless, "mark": endless])
        try await first.machine("m", source)
        try await first.machine("later", chain(["mark"]))
        let started = try await first.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let later = try await first.engine.startExecution(stateMachine: "later", name: "y", input: [:])
        let orders = try await first.engine.state(started.id).openTasks
        let task = try #require(orders.first { $0.state == "B" }?.task)
        first.store.crashNow()

        let second = Bench(store: first.store.reopened(), clock: first.clock, steps: recording, steps)
        let token = second.engine.core.tokens.token(execution: started.id, task: task)
        try await second.engine.completeTask(token: token, .success(1))
        second.run()
        // The recovery takes them up in the order of their start.
        try await eventually("the later one is taken up") { recording.calls(of: "mark").count == 1 }
        hasPassed.withLock { $0 = true }

        #expect(try await second.finish(started.id).status == .succeeded)
        #expect(try await second.finish(later.id).status == .succeeded)
        #expect(recording.calls(of: "touch").count == 1)
        await first.engine.drain(deadline: .zero)
        await second.stop()
    }

    @Test func oneUnreadableExecutionKeepsNoOtherFromBeingTakenUp() async throws {
        let recording = RecordingSteps()
        let endless = Step<MemoryTransaction>(perform: { _, input in
            let (nothing, keeper) = AsyncStream<Void>.makeStream()
            for await _ in nothing {}
            keeper.finish()
            return input
        })
        var options = EngineOptions()
        options.recoveryBatch = 2
        let first = Bench(["work": endless])
        try await first.machine("m", chain(["work"]))
        try await first.machine("w", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        var ids: [ExecutionID] = []
        for number in 0..<5 {
            ids.append(try await first.engine.startExecution(stateMachine: "m", name: "\(number)", input: [:]).id)
        }
        let waiting = try await first.engine.startExecution(stateMachine: "w", name: "w", input: [:]).id
        let broken = ids[0]
        try await first.engine.transact { try $0.transaction.appendJournal(broken, record: [255, 1, 2]) }
        first.store.crashNow()

        let second = Bench(
            store: first.store.reopened(), clock: first.clock, steps: recording, ["work": recording.external("work")],
            options: options)
        second.run()
        for id in ids.dropFirst() { #expect(try await second.finish(id).status == .succeeded) }
        try await second.advance("timers go on") { try await second.engine.execution(waiting).status == .succeeded }

        #expect(recording.calls(of: "work").count == 4)
        #expect(try await second.engine.execution(broken).status == .running)
        await #expect(throws: EngineError.self) { try await second.engine.stopExecution(broken) }
        await first.engine.drain(deadline: .zero)
        await second.stop()
    }

    @Test func anUnreadableHistoryHoldsUpNobodyElse() async throws {
        var options = EngineOptions()
        // What is in memory would go on without its journal.
        options.warmExecutions = 0
        let bench = Bench(options: options)
        try await bench.machine("w", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 60, End: true}}")
        let broken = try await bench.engine.startExecution(stateMachine: "w", name: "broken", input: [:])
        let fine = try await bench.engine.startExecution(stateMachine: "w", name: "fine", input: [:])
        try await bench.engine.transact { try $0.transaction.appendJournal(broken.id, record: [255, 1, 2]) }
        bench.run()

        try await bench.advance("the other ends") { try await bench.engine.execution(fine.id).status != .running }

        #expect(try await bench.engine.execution(broken.id).status == .running)
        await #expect(throws: EngineError.self) { try await bench.engine.stopExecution(broken.id) }
        await bench.stop()
    }

    @Test func faultPointsSurroundEveryStepAndCommit() async throws {
        let seen = Guarded<[FaultPoint]>([])
        let recording = RecordingSteps()
        let bench = Bench(
            steps: recording, ["work": recording.external("work")],
            faults: { point in seen.withLock { $0.append(point) } })
        try await bench.machine("m", chain(["work"]))
        seen.withLock { $0 = [] }
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        try await eventually { seen.withLock { $0.count >= 6 } }

        let points = seen.withLock { $0 }.filter { $0.state == "S0" }.map(\.moment)
        #expect(points == [.beforePerform, .afterPerform, .beforeCommit, .afterCommit])
    }
}
