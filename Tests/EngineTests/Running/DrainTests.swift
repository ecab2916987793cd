import Interpreter
import JSONModel
import Logging
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import Engine

@Suite struct DrainTests {
    @Test func drainingWaitsForWhatIsUnderWayAndTakesNothingNew() async throws {
        let gate = Gate()
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["slow": step])
        try await bench.machine("m", chain(["slow", "slow"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { recording.calls.count == 1 }
        let engine = bench.engine

        let draining = Task { await engine.drain(deadline: .seconds(3600)) }
        try await eventually("no new work is taken") {
            do {
                _ = try await engine.startExecution(stateMachine: "m", name: nil, input: [:])
                return false
            } catch { return error as? EngineError == .draining }
        }
        gate.open()
        await draining.value

        let ofX = { @Sendable in recording.calls.filter { $0.key.contains(":x/") } }
        let labels = try await engine.history(started.id).map(\.label)
        #expect(labels.count { $0 == "taskSucceeded" } == 1)
        #expect(labels.count { $0 == "taskScheduled" } == 2)
        #expect(ofX().count == 1)

        let second = Bench(store: bench.store.reopened(), clock: bench.clock, steps: recording, ["slow": step])
        second.run()
        #expect(try await second.finish(started.id).status == .succeeded)
        #expect(ofX().count == 2)
        await second.stop()
    }

    @Test func aStepThatOutlastsTheDeadlineIsDoneAgainByTheNextProcess() async throws {
        let recording = RecordingSteps()
        let stuck = recording.external("work") { _, input in
            await Gate().wait()
            throw TaskFailure(error: "Stopped", cause: "told to stop")
        }
        let bench = Bench(steps: recording, ["work": stuck])
        try await bench.machine("m", chain(["work"]))
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { recording.calls.count == 1 }
        let engine = bench.engine

        let draining = Task { await engine.drain(deadline: .seconds(5)) }
        try await eventually("the deadline is set") { bench.clock.nextWake == bench.clock.now + .seconds(5) }
        bench.clock.advance(by: .seconds(5))
        await draining.value
        await bench.stop()
        #expect(try await bench.engine.execution(started.id).status == .running)

        let second = Bench(
            store: bench.store.reopened(), clock: bench.clock, steps: recording, ["work": recording.external("work")])
        second.run()
        #expect(try await second.finish(started.id).status == .succeeded)
        #expect(recording.calls.count == 2)
        #expect(Set(recording.calls.map(\.key)).count == 1)
        await second.stop()
    }

    /// Steps read reports, too; what the end of the process has cut short is no failure of theirs. Reports end with the server
    /// already, before the engine drains.
    @Test(arguments: [false, true])
    func aStepThatTheStoreIsNoLongerThereForIsDoneByTheNextProcess(_ haveReportsEnded: Bool) async throws {
        let gate = Gate()
        let recording = RecordingSteps()
        let reading = recording.external("work") { _, _ in
            await gate.wait()
            throw StoreError.unavailable("reports are not waited for")
        }
        let bench = Bench(steps: recording, ["work": reading])
        try await bench.machine("m", chain(["work"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { recording.calls.count == 1 }
        let engine = bench.engine
        if haveReportsEnded {
            engine.endSurveys()
            gate.open()
            try await eventually("the step is left") { engine.isQuiet }
        }
        let draining = Task { await engine.drain(deadline: .seconds(3600)) }
        try await eventually("it drains") { engine.isDraining }
        gate.open()
        await draining.value
        #expect(try await engine.execution(started.id).status == .running)

        let second = Bench(
            store: bench.store.reopened(), clock: bench.clock, steps: recording, ["work": recording.external("work")])
        second.run()
        #expect(try await second.finish(started.id).status == .succeeded)
        await second.stop()
    }

    /// A store that says when its surveys were ended.
    private final class Surveyed: ExecutionStore {
        let base = MemoryStore()
        let hasEnded = Guarded(false)

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.write(body)
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.read(body)
        }

        func endSurveys() { hasEnded.withLock { $0 = true } }
    }

    @Test func drainingWaitsForNoReport() async throws {
        let store = Surveyed()
        let engine = Engine(
            store: store, clock: VirtualClock().wallClock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await engine.drain(deadline: .seconds(5))
        #expect(store.hasEnded.withLock { $0 })
    }

    @Test func aClockThatJumpsDoesNotCutADrainShort() async throws {
        let gate = Gate()
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["slow": step])
        try await bench.machine("m", chain(["slow"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { recording.calls.count == 1 }
        let (engine, clock) = (bench.engine, bench.clock)

        let draining = Task { await engine.drain(deadline: .seconds(5)) }
        try await eventually("the deadline is set") { clock.nextWake == clock.now + .seconds(5) }
        clock.jump(to: clock.now - .seconds(60))
        try await eventually("it is set again", deadline: .seconds(20)) { clock.nextWake == clock.now + .seconds(5) }
        gate.open()
        await draining.value
        #expect(try await engine.execution(started.id).status == .succeeded)
    }

    @Test func anEngineWithNothingToDoDrainsAtOnce() async throws {
        let bench = Bench()
        bench.run()
        await bench.engine.drain(deadline: .seconds(3600))
        await bench.stop()
        await #expect(throws: EngineError.draining) {
            try await bench.engine.startExecution(stateMachine: "m", name: nil, input: [:])
        }
    }

    @Test func noMoreStepsRunAtOneTimeThanAllowed() async throws {
        var options = EngineOptions()
        options.stepConcurrency = 3
        let (gate, running) = (Gate(), Guarded((now: 0, most: 0)))
        let step = Step<MemoryTransaction>(perform: { _, input in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await gate.wait()
            running.withLock { $0.now -= 1 }
            return input
        })
        let bench = Bench(["work": step], options: options)
        try await bench.machine("m", chain(["work", "work"]))
        for number in 0..<20 {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "x\(number)", input: [:])
        }
        try await eventually("all that may are at work") { running.withLock { $0.now } == 3 }
        gate.open()
        try await eventually {
            try await bench.engine.executions(ExecutionQuery(statuses: [.running])).executions.isEmpty
        }
        #expect(running.withLock { $0.most } == 3)
    }

    /// Whoever lets an engine go, as the simulator does with each life of a process, has its memory back.
    @Test func aStepThatNeverBeganDoesNotHoldAClosedEngine() async throws {
        let gate = Gate()
        let engine = try await Self.closed(behind: gate)
        gate.open()
        try await eventually("the engine is gone") { engine.object == nil }
    }

    private struct Weakly: Sendable { weak let object: Engine<MemoryStore>? }

    /// An engine that has been told to end at once, while one step was at work and another waited its turn.
    private static func closed(behind gate: Gate) async throws -> Weakly {
        var options = EngineOptions()
        options.stepConcurrency = 1
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["slow": step], options: options)
        try await bench.machine("m", chain(["slow"]))
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "first", input: [:])
        try await eventually { recording.calls.count == 1 }
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "second", input: [:])
        await bench.engine.drain(deadline: .zero)
        return Weakly(object: bench.engine)
    }

    @Test func aStepThatWaitsItsTurnWhenTheEngineDrainsIsLeftToTheNextProcess() async throws {
        var options = EngineOptions()
        options.stepConcurrency = 1
        let gate = Gate()
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["slow": step], options: options)
        try await bench.machine("m", chain(["slow"]))
        let first = try await bench.engine.startExecution(stateMachine: "m", name: "first", input: [:])
        try await eventually { recording.calls.count == 1 }
        let second = try await bench.engine.startExecution(stateMachine: "m", name: "second", input: [:])
        let engine = bench.engine

        let draining = Task { await engine.drain(deadline: .seconds(3600)) }
        try await eventually("no new work is taken") { engine.isDraining }
        gate.open()
        await draining.value
        #expect(recording.calls.count == 1)
        #expect(try await engine.execution(first.id).status == .succeeded)
        #expect(try await engine.execution(second.id).status == .running)

        let next = Bench(store: bench.store.reopened(), clock: bench.clock, steps: recording, ["slow": step])
        next.run()
        #expect(try await next.finish(second.id).status == .succeeded)
        #expect(recording.calls.count == 2)
        await next.stop()
    }

    /// Were each passed over from within the one before, the thread's stack would not hold them.
    @Test func anyNumberOfStoppedStepsIsPassedOver() async throws {
        let runner = StepRunner(limit: 1)
        let (gate, last) = (Gate(), Signal<Void>())
        runner.submit(
            StepHandle { done in
                await gate.wait()
                done()
                return nil
            })
        for _ in 0..<200_000 {
            let stopped = StepHandle { done in
                done()
                return nil
            }
            runner.submit(stopped)
            stopped.cancel()
        }
        runner.submit(
            StepHandle { done in
                done()
                last.give()
                return nil
            })

        gate.open()
        await last.wait()
        try await eventually("no step runs") { runner.active == 0 }
    }

    @Test func noStepWaitsForSlowRequests() async throws {
        struct Slow: ResourceHandler {
            let gate: Gate
            let calls: Guarded<Int>

            func handles(_ resource: StatesLanguage.Resource) -> Bool { true }

            func perform(
                _ resource: StatesLanguage.Resource, _ context: TaskContext, _ input: JSONValue
            ) async throws(TaskFailure) -> JSONValue {
                calls.withLock { $0 += 1 }
                await gate.wait()
                return input
            }
        }
        var options = EngineOptions()
        (options.stepConcurrency, options.requestConcurrency) = (1, 1)
        let slow = Slow(gate: Gate(), calls: Guarded(0))
        let step = Step<MemoryTransaction>(perform: { _, input in input })
        let bench = Bench(["work": step], resources: [slow], options: options)
        try await bench.machine(
            "slow",
            """
            StartAt: Ask
            States:
              Ask:
                Type: Task
                Resource: arn:aws:states:::sqs:sendMessage
                Parameters: {QueueUrl: "https://sqs/q", MessageBody: hello}
                End: true
            """)
        try await bench.machine("m", chain(["work"]))
        let waiting = try await bench.engine.startExecution(stateMachine: "slow", name: "slow", input: [:])
        try await eventually("a request is under way") { slow.calls.withLock { $0 } == 1 }

        let quick = try await bench.engine.startExecution(stateMachine: "m", name: "quick", input: [:])
        #expect(try await bench.finish(quick.id).status == .succeeded)

        slow.gate.open()
        _ = try await bench.finish(waiting.id)
    }

    @Test func aStepThatWaitsItsTurnDoesNotRunOnceItIsStopped() async throws {
        var options = EngineOptions()
        options.stepConcurrency = 1
        let gate = Gate()
        let recording = RecordingSteps()
        let step = recording.external("slow") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["slow": step], options: options)
        try await bench.machine("m", chain(["slow"]))
        let first = try await bench.engine.startExecution(stateMachine: "m", name: "first", input: [:])
        try await eventually { recording.calls.count == 1 }
        let second = try await bench.engine.startExecution(stateMachine: "m", name: "second", input: [:])
        let third = try await bench.engine.startExecution(stateMachine: "m", name: "third", input: [:])
        _ = try await bench.engine.stopExecution(second.id)

        gate.open()
        _ = try await bench.finish(first.id)
        _ = try await bench.finish(third.id)

        #expect(recording.calls.count == 2)
        #expect(!recording.calls.contains { $0.key.contains(":second/") })
    }
}
