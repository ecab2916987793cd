import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

@Suite struct WaitingTests {
    static let wait = """
        StartAt: W
        States:
          W: {Type: Wait, Seconds: 3600, Next: Done}
          Done: {Type: Pass, Result: awake, End: true}
        """

    @Test func aWaitParksAndWakesNotBeforeItsTime() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.wait)
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        #expect(started.isParked)
        #expect(started.wakeAt == started.startedAt + .seconds(3600))
        try await bench.comesToRest()

        bench.clock.advance(by: .milliseconds(3_599_999))
        try await bench.comesToRest()
        #expect(try await bench.checked(started.id).status == .running)

        bench.clock.advance(by: .milliseconds(1))
        let record = try await bench.finish(started.id)
        #expect(record.stoppedAt == started.startedAt + .seconds(3600))
        #expect(try await bench.output(started.id) == "awake")
        await bench.stop()
    }

    @Test func manyWaitsThatEndTogetherAllWakeOnce() async throws {
        var options = EngineOptions()
        options.timerBatch = 7
        let bench = Bench(options: options)
        try await bench.machine("m", Self.wait)
        for number in 0..<50 {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "x\(number)", input: [:])
        }
        bench.run()
        try await bench.advance("all end") {
            try await bench.engine.executions(ExecutionQuery(statuses: [.running])).executions.isEmpty
        }

        for record in try await bench.engine.executions(ExecutionQuery()).executions {
            let labels = try await bench.engine.history(record.id).map(\.label)
            #expect(labels.count { $0 == "stateExited" } == 2)
            #expect(record.status == .succeeded)
        }
        try await bench.comesToRest()
        await bench.stop()
    }

    @Test func aJumpOfTheWallClockIsNoticed() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.wait)
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        bench.clock.jump(to: bench.clock.now - .seconds(600))
        try await eventually("it has looked, and sleeps again") { bench.clock.nextWake != nil }
        #expect(try await bench.checked(started.id).status == .running)
        bench.clock.jump(to: started.startedAt + .seconds(4000))

        #expect(try await bench.finish(started.id).status == .succeeded)
        await bench.stop()
    }

    @Test func eventsNeverGoBackInTimeWhenTheClockDoes() async throws {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        bench.clock.jump(to: bench.clock.now - .seconds(600))
        _ = try await bench.engine.stopExecution(started.id)

        let times = try await bench.engine.history(started.id).map(\.at)
        #expect(times == times.sorted())
    }

    @Test func aStepThatTakesTooLongTimesOutAndIsToldToStop() async throws {
        let stopped = Guarded(false)
        let step = Step<MemoryTransaction>(perform: { _, input in
            await withTaskCancellationHandler {
                while !Task.isCancelled { await Task.yield() }
            } onCancel: {
                stopped.withLock { $0 = true }
            }
            return input
        })
        let bench = Bench(["slow": step])
        try await bench.machine(
            "m", "StartAt: S\nStates: {S: {Type: Task, Resource: activity:slow, TimeoutSeconds: 30, End: true}}")
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        try await bench.advance("it times out") { try await bench.engine.execution(started.id).status != .running }

        let record = try await bench.checked(started.id)
        #expect(record.status == .failed)
        #expect(record.error == "States.Timeout")
        #expect(record.stoppedAt == started.startedAt + .seconds(30))
        try await eventually("the step is told to stop") { stopped.withLock { $0 } }
        try await eventually("its result is counted as late") { bench.engine.statistics.lateResults == 1 }
        try await bench.comesToRest()
        await bench.stop()
    }

    @Test func deadlinesThatWereMetDoNotFire() async throws {
        let recording = RecordingSteps()
        let bench = Bench(steps: recording, ["work": recording.external("work")])
        let states = (0..<200).map { place in
            "  S\(place): {Type: Task, Resource: activity:work, TimeoutSeconds: 60, "
                + (place < 199 ? "Next: S\(place + 1)}" : "Next: W}")
        }
        try await bench.machine(
            "m",
            "StartAt: S0\nStates:\n" + states.joined(separator: "\n") + "\n  W: {Type: Wait, Seconds: 100, End: true}")
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        try await eventually("it waits") { try await bench.engine.execution(started.id).isParked }
        try await bench.advance("it ends") { try await bench.engine.execution(started.id).status != .running }

        #expect(try await bench.checked(started.id).status == .succeeded)
        #expect(recording.calls.count == 200)
        await bench.stop()
    }

    @Test func aRetryWaitsItsBackoffParkedAndKeepsItsKey() async throws {
        let recording = RecordingSteps()
        let step = recording.external("flaky") { context, input in
            if context.retryCount < 3 { throw TaskFailure(error: "Throttled", cause: "again") }
            return "at last"
        }
        let bench = Bench(steps: recording, ["flaky": step])
        try await bench.machine(
            "m",
            """
            StartAt: S
            States:
              S:
                Type: Task
                Resource: activity:flaky
                Retry: [{ErrorEquals: [Throttled], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 5}]
                End: true
            """)
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually("it waits for its retry") { try await bench.engine.execution(started.id).isParked }

        try await bench.advance("it ends") { try await bench.engine.execution(started.id).status != .running }

        let record = try await bench.checked(started.id)
        #expect(record.stoppedAt == started.startedAt + .seconds(70))
        #expect(recording.calls.map(\.retryCount) == [0, 1, 2, 3])
        #expect(Set(recording.calls.map(\.key)).count == 1)
        await bench.stop()
    }

    @Test func aWorkerElsewhereEndsItsTaskByToken() async throws {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere", "elsewhere"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        #expect(started.isParked)
        #expect(started.wakeAt == nil)
        let task = try #require(try await bench.engine.state(started.id).openTasks.first?.task)
        let token = bench.engine.core.tokens.token(execution: started.id, task: task)

        try await bench.engine.completeTask(token: token, .success(["a": 1]))
        await #expect(throws: EngineError.taskGone) {
            try await bench.engine.completeTask(token: token, .success(["a": 2]))
        }
        await #expect(throws: EngineError.taskGone) { try await bench.engine.heartbeatTask(token: token) }
        await #expect(throws: EngineError.invalidToken) {
            try await bench.engine.completeTask(token: "forged", .success([:]))
        }
        let other = bench.engine.core.tokens.token(execution: ExecutionID(rawValue: 77), task: 1)
        await #expect(throws: EngineError.invalidToken) {
            try await bench.engine.completeTask(token: other, .success([:]))
        }

        let next = try #require(try await bench.engine.state(started.id).openTasks.first)
        #expect(next.input == ["a": 1])
        let second = bench.engine.core.tokens.token(execution: started.id, task: next.task)
        try await bench.engine.completeTask(token: second, .failure(TaskFailure(error: "No", cause: "way")))
        #expect(try await bench.finish(started.id).error == "No")
        #expect(bench.engine.statistics.lateResults == 2)
    }

    @Test func aCallbackEndsATaskWhoseRequestWasAccepted() async throws {
        struct Queue: ResourceHandler {
            let sent = Guarded<JSONValue?>(nil)
            func handles(_ resource: StatesLanguage.Resource) -> Bool { true }
            func perform(
                _ resource: StatesLanguage.Resource, _ context: TaskContext, _ input: JSONValue
            ) async throws(TaskFailure) -> JSONValue {
                sent.withLock { $0 = input }
                return ["MessageId": "1"]
            }
        }
        let queue = Queue()
        let bench = Bench(resources: [queue])
        try await bench.machine(
            "m",
            """
            StartAt: Ask
            States:
              Ask:
                Type: Task
                Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
                Parameters: {QueueUrl: "https://sqs/q", MessageBody: {token.$: $$.Task.Token}}
                End: true
            """)
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually("it waits for the callback") { try await bench.engine.execution(started.id).isParked }
        let token = try #require(queue.sent.withLock { $0 }?["MessageBody"]?["token"]?.stringValue)
        try await bench.comesToRest()

        try await bench.engine.completeTask(token: token, .success("approved"))

        #expect(try await bench.finish(started.id).status == .succeeded)
        #expect(try await bench.output(started.id) == "approved")
    }

    @Test func aStepThatMissesItsHeartbeatTimesOutAndOneThatSendsItLives() async throws {
        let silence = Gate()
        let (beats, pulse) = AsyncStream<Void>.makeStream()
        let step = Step<MemoryTransaction>(perform: { context, input in
            if input == "lively" {
                for await _ in beats { await context.heartbeat() }
            } else {
                await silence.wait()
            }
            return input
        })
        let bench = Bench(["slow": step])
        try await bench.machine(
            "m",
            """
            StartAt: S
            States:
              S: {Type: Task, Resource: activity:slow, TimeoutSeconds: 1000, HeartbeatSeconds: 60, End: true}
            """)
        bench.run()
        let dead = try await bench.engine.startExecution(stateMachine: "m", name: "dead", input: "still")
        let lively = try await bench.engine.startExecution(stateMachine: "m", name: "lively", input: "lively")
        try await eventually("both have begun") {
            let histories = [try await bench.engine.history(dead.id), try await bench.engine.history(lively.id)]
            return histories.allSatisfy { $0.contains { $0.label == "taskStarted" } }
        }
        for _ in 0..<8 {
            let before = try await bench.engine.history(lively.id).count
            bench.clock.advance(by: .seconds(20))
            pulse.yield()
            try await eventually("a heartbeat") { try await bench.engine.history(lively.id).count > before }
        }

        #expect(try await bench.finish(dead.id).error == "States.Timeout")
        #expect(try await bench.checked(lively.id).status == .running)
        pulse.finish()
        #expect(try await bench.finish(lively.id).status == .succeeded)
        silence.open()
        await bench.stop()
    }

    @Test func stoppingAbortsAndTellsTheStepsToStop() async throws {
        let step = Step<MemoryTransaction>(perform: { _, input in
            await Gate().wait()
            return input
        })
        let bench = Bench(["slow": step])
        try await bench.machine("m", chain(["slow"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        let record = try await bench.engine.stopExecution(started.id, error: "Mine", cause: "enough")

        #expect(record.status == .aborted)
        #expect(record.error == "Mine")
        #expect(record.cause == "enough")
        try await eventually("the late result is ignored") { bench.engine.statistics.lateResults == 1 }
        #expect(try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }.isEmpty)
        await #expect(throws: EngineError.executionNotRunning(name: "x", status: .aborted)) {
            try await bench.engine.stopExecution(started.id)
        }
    }

    @Test func aParkedExecutionCanBeStopped() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.wait)
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        let record = try await bench.engine.stopExecution(started.id)

        #expect(record.status == .aborted)
        #expect(record.wakeAt == nil)
        #expect(try await bench.engine.read { try $0.earliestWake() } == nil)
    }

    @Test func oneWaitsForTheEndOrTheDeadline() async throws {
        let bench = Bench()
        try await bench.machine("m", Self.wait)
        bench.run()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let (engine, now) = (bench.engine, bench.clock.now)

        let early = Task { try await engine.waitUntilFinished(started.id, deadline: now + .seconds(10)) }
        let late = Task { try await engine.waitUntilFinished(started.id, deadline: now + .seconds(10_000)) }
        let ended = Guarded(0)
        for waiting in [early, late] {
            Task {
                _ = await waiting.result
                ended.withLock { $0 += 1 }
            }
        }
        try await bench.advance("both have returned") { ended.withLock { $0 == 2 } }

        #expect(try await early.value.status == .running)
        #expect(try await late.value.status == .succeeded)
        await bench.stop()
    }

    /// Told from memory, it is what the row says.
    @Test(arguments: [
        "{Type: Succeed}", "{Type: Fail, Error: E, Cause: c}", "{Type: Wait, Seconds: 60, End: true}",
        "{Type: Task, Resource: 'activity:nobody', TimeoutSeconds: 5, End: true}",
    ])
    func whoeverWaitsIsToldTheRow(_ state: String) async throws {
        let bench = Bench()
        let machine = "StartAt: W\nStates:\n  W: {Type: Wait, Seconds: 5, Next: S}\n  S: \(state)"
        try await bench.machine("m", machine)
        bench.run()
        let engine = bench.engine
        let started = try await engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let deadline = bench.clock.now + .seconds(10_000)
        let waiting = Task { try await engine.waitUntilFinished(started.id, deadline: deadline) }
        let ended = Guarded(false)
        Task {
            _ = await waiting.result
            ended.withLock { $0 = true }
        }
        if state.contains("Wait") {
            _ = try await engine.stopExecution(started.id, error: "E", cause: "stopped")
        }
        try await bench.advance("it has ended") { ended.withLock { $0 } }

        let told = try await waiting.value
        #expect(told.status != .running)
        #expect(try await engine.execution(started.id) == told)
        await bench.stop()
    }
}
