import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

/// Tasks that workers elsewhere take.
@Suite struct ActivityTests {
    private static let machine = """
        StartAt: T
        States:
          T: {Type: Task, Resource: "activity:work", TimeoutSeconds: 60, End: true}
        """

    private static func bench() async throws -> Bench {
        let bench = Bench()
        try await bench.machine("m", machine)
        try await bench.engine.transact { work in
            try work.transaction.insertActivity(
                ActivityRecord(name: "work", encryption: nil, createdAt: work.now))
        }
        bench.run()
        return bench
    }

    private static func offered(_ bench: Bench) async throws -> [JSONValue] {
        try await bench.engine.read { try $0.offeredTasks(of: "work", limit: 100).map(\.input) }
    }

    private static var aMinute: Duration { .seconds(60) }

    @Test func tasksAreHandedOutInOrderAndOnce() async throws {
        let bench = try await Self.bench()
        for number in 0..<3 {
            _ = try await bench.engine.startExecution(
                stateMachine: "m", name: "x\(number)", input: .int(Int64(number)))
        }
        #expect(try await Self.offered(bench) == [0, 1, 2])
        var taken: [JSONValue] = []
        for _ in 0..<3 {
            let task = try await bench.engine.nextActivityTask(
                "work", worker: "w", deadline: bench.clock.wallClock.now() + Self.aMinute)
            taken.append(try #require(task).input)
        }
        #expect(taken == [0, 1, 2])
        #expect(try await Self.offered(bench) == [])
        let now = bench.clock.wallClock.now()
        #expect(try await bench.engine.nextActivityTask("work", worker: nil, deadline: now) == nil)
        await bench.stop()
    }

    /// Its task stays on offer, and stands before all others.
    @Test func anExecutionThatCannotBeReadHoldsUpNoOthersTasks() async throws {
        let bench = try await Self.bench()
        let now = bench.clock.now
        try await bench.engine.transact { work in
            let definition = MachineDefinition(source: "of another version", json: [:], hash: "h")
            let version = try work.transaction.saveStateMachine(name: "old", definition: definition, at: now)
            let id = try work.transaction.insertExecution(
                NewExecution(stateMachine: "old", version: version.id, name: "x", workflow: nil, startedAt: now))
            try work.transaction.offerTask(
                OfferedTask(
                    place: OfferedTask.Place(activity: "work", since: now, execution: id, task: 2), input: 0))
        }
        let deadline = now + Self.aMinute
        for number in 1...3 {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "\(number)", input: .int(Int64(number)))
        }
        for number in 1...3 {
            let task = try await bench.engine.nextActivityTask("work", worker: nil, deadline: deadline)
            #expect(task?.input == .int(Int64(number)))
        }
        let poll = Task { try await bench.engine.nextActivityTask("work", worker: nil, deadline: deadline) }
        try await eventually("it waits") { bench.engine.pollerCount == 1 }
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "4", input: 4)
        #expect(try await poll.value?.input == 4)
        #expect(try await Self.offered(bench) == [0])
        await bench.stop()
    }

    /// Again and again, since polls and tasks meet in another order each time.
    @Test func aPollThatWaitsIsWokenByATask() async throws {
        let bench = try await Self.bench()
        for round in 0..<50 {
            let deadline = bench.clock.wallClock.now() + Self.aMinute
            let polls = (0..<4).map { _ in
                Task { try await bench.engine.nextActivityTask("work", worker: nil, deadline: deadline) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        _ = try await bench.engine.startExecution(
                            stateMachine: "m", name: "x\(round)-\(number)", input: .int(Int64(number)))
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("three tasks are taken") { try await Self.offered(bench).isEmpty }
            // The one who goes without waits for its deadline.
            try await eventually("one still polls") { bench.engine.pollerCount == 1 }
            bench.clock.advance(by: .seconds(61))
            var inputs: [JSONValue] = []
            for poll in polls { if let task = try await poll.value { inputs.append(task.input) } }
            #expect(Set(inputs) == [0, 1, 2], "round \(round)")
        }
        await bench.stop()
    }

    @Test func aTaskThatTimedOutOrWasStoppedIsNoLongerOnOffer() async throws {
        let bench = try await Self.bench()
        let late = try await bench.engine.startExecution(stateMachine: "m", name: "late", input: 1)
        let stopped = try await bench.engine.startExecution(stateMachine: "m", name: "stopped", input: 2)
        _ = try await bench.engine.stopExecution(stopped.id)
        #expect(try await Self.offered(bench) == [1])
        bench.clock.advance(by: .seconds(61))
        #expect(try await bench.finish(late.id).error == "States.Timeout")
        #expect(try await Self.offered(bench) == [])
        await bench.stop()
    }

    @Test func offersOutliveTheProcess() async throws {
        let bench = try await Self.bench()
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: 1)
        await bench.stop()
        let next = Bench(store: bench.store, clock: bench.clock)
        next.run()
        let task = try await next.engine.nextActivityTask(
            "work", worker: "w", deadline: bench.clock.wallClock.now() + Self.aMinute)
        try await next.engine.completeTask(token: #require(task).token, .success("done"))
        #expect(try await next.finish(started.id).status == .succeeded)
        #expect(try await next.output(started.id) == "done")
        await next.stop()
    }

    /// An execution that has ended, or was never there, would leave its task on offer for good.
    @Test func whatNobodyNeedsGoesWhenItIsTaken() async throws {
        let bench = try await Self.bench()
        let ended = try await bench.engine.startExecution(stateMachine: "m", name: "ended", input: 1)
        _ = try await bench.engine.stopExecution(ended.id)
        let first = bench.clock.wallClock.now()
        let strays = [ended.id, ExecutionID(rawValue: 99)].map { execution in
            OfferedTask(
                place: OfferedTask.Place(
                    activity: "work", since: first - .seconds(1), execution: execution, task: 3),
                input: "stray")
        }
        try await bench.engine.transact { work in
            for stray in strays { try work.transaction.offerTask(stray) }
        }
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: 2)
        #expect(Set(try await Self.offered(bench)) == ["stray", 2])
        let task = try await bench.engine.nextActivityTask("work", worker: nil, deadline: first + Self.aMinute)
        #expect(task?.input == 2)
        #expect(try await Self.offered(bench) == [])
        await bench.stop()
    }

    @Test func anActivityThatIsNotThereIsSaidAndOneThatGoesEndsItsPolls() async throws {
        let bench = try await Self.bench()
        let deadline = bench.clock.wallClock.now() + Self.aMinute
        await #expect(throws: EngineError.noSuchActivity("none")) {
            try await bench.engine.nextActivityTask("none", worker: nil, deadline: deadline)
        }
        let poll = Task { try await bench.engine.nextActivityTask("work", worker: nil, deadline: deadline) }
        try await bench.engine.deleteActivity("work")
        await #expect(throws: EngineError.noSuchActivity("work")) { try await poll.value }
        await bench.stop()
    }

    /// More than are kept at hand, while new ones keep coming.
    @Test func everyTaskIsHandedOutOnceTheLongestWaitingFirst() async throws {
        let bench = try await Self.bench()
        let deadline = bench.clock.wallClock.now() + Self.aMinute
        let count = 300
        for number in 0..<count {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "x\(number)", input: .int(Int64(number)))
        }
        let first = try await bench.engine.nextActivityTask("work", worker: nil, deadline: deadline)
        #expect(first?.input == 0)
        let handedOut = Guarded<[JSONValue]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while true {
                        let now = bench.clock.wallClock.now()
                        guard let task = try await bench.engine.nextActivityTask("work", worker: nil, deadline: now)
                        else { return }
                        handedOut.withLock { $0.append(task.input) }
                    }
                }
            }
            group.addTask {
                for number in count..<(count + 50) {
                    _ = try await bench.engine.startExecution(
                        stateMachine: "m", name: "x\(number)", input: .int(Int64(number)))
                }
            }
            try await group.waitForAll()
        }
        while let task = try await bench.engine.nextActivityTask(
            "work", worker: nil, deadline: bench.clock.wallClock.now())
        {
            handedOut.withLock { $0.append(task.input) }
        }
        let inputs = handedOut.withLock { $0 }
        #expect(inputs.count == count + 49)
        #expect(Set(inputs).count == inputs.count)
        // Eight take at a time, so each is at most a few places from its own.
        for (place, input) in inputs.enumerated() { #expect(abs((input.intValue ?? 0) - Int64(place + 1)) < 128) }
        await bench.stop()
    }

    /// What a worker reports meets the execution in memory; beyond the limit it is folded from its journal again.
    @Test(arguments: [(warm: 8, folds: false), (warm: 2, folds: true), (warm: 0, folds: true)])
    func parkedExecutionsStayWarm(_ warm: Int, _ folds: Bool) async throws {
        var options = EngineOptions()
        options.warmExecutions = warm
        let bench = Bench(options: options)
        try await bench.machine(
            "m",
            """
            StartAt: A
            States:
              A: {Type: Task, Resource: "activity:work", Next: B}
              B: {Type: Task, Resource: "activity:work", End: true}
            """)
        try await bench.engine.transact { work in
            try work.transaction.insertActivity(
                ActivityRecord(name: "work", encryption: nil, createdAt: work.now))
        }
        bench.run()
        var ids: [ExecutionID] = []
        for number in 0..<4 {
            ids.append(
                try await bench.engine.startExecution(
                    stateMachine: "m", name: "x\(number)", input: .int(Int64(number))
                ).id)
        }
        for _ in 0..<8 {
            let task = try await bench.engine.nextActivityTask(
                "work", worker: nil, deadline: bench.clock.wallClock.now())
            let taken = try #require(task)
            try await bench.engine.completeTask(token: taken.token, .success(taken.input))
        }
        for (number, id) in ids.enumerated() {
            #expect(try await bench.finish(id).status == .succeeded)
            #expect(try await bench.output(id) == .int(Int64(number)))
        }
        #expect((bench.engine.statistics.folded > 0) == folds)
        await bench.stop()
    }
}
