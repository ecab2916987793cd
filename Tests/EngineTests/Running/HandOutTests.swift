import Interpreter
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Engine

/// A task that is scheduled while a worker elsewhere waits for one is handed out in the commit that schedules it.
@Suite struct HandOutTests {
    private static let twoTasks = """
        StartAt: A
        States:
          A: {Type: Task, Resource: "activity:work", TimeoutSeconds: 60, Next: B}
          B: {Type: Task, Resource: "activity:work", TimeoutSeconds: 60, End: true}
        """

    private static func bench(_ machine: String = twoTasks) async throws -> Bench {
        let bench = Bench()
        try await bench.machine("m", machine)
        try await bench.engine.transact { work in
            try work.transaction.insertActivity(ActivityRecord(name: "work", encryption: nil, createdAt: work.now))
        }
        bench.run()
        return bench
    }

    private static func poll(_ bench: Bench, _ worker: String) -> Task<ActivityAssignment?, any Error> {
        let deadline = bench.clock.now + .seconds(60)
        return Task { try await bench.engine.nextActivityTask("work", worker: worker, deadline: deadline) }
    }

    /// Starts an execution whose first task is handed to "first", while the other workers wait.
    private static func begin(
        _ bench: Bench, _ name: String = "x", waiting: [String]
    ) async throws -> (ExecutionID, token: String, polls: [Task<ActivityAssignment?, any Error>]) {
        let id = try await bench.engine.startExecution(stateMachine: "m", name: name, input: 1).id
        let first = try #require(try await poll(bench, "first").value)
        var polls: [Task<ActivityAssignment?, any Error>] = []
        for (place, worker) in waiting.enumerated() {
            polls.append(poll(bench, worker))
            try await eventually("\(worker) waits") { bench.engine.pollers.idleCount(of: "work") == place + 1 }
        }
        return (id, first.token, polls)
    }

    private static func offered(_ bench: Bench) async throws -> [JSONValue] {
        try await bench.engine.read { try $0.offeredTasks(of: "work", limit: 100).map(\.input) }
    }

    @Test func aTaskGoesToTheWorkerWhoHasWaitedLongestInTheCommitThatSchedulesIt() async throws {
        let bench = try await Self.bench()
        let (id, token, polls) = try await Self.begin(bench, waiting: ["second", "third"])
        let before = bench.store.commits
        try await bench.engine.completeTask(token: token, .success(2))
        let task = try #require(try await polls[0].value)
        #expect(task.input == 2)
        #expect(bench.store.commits == before + 1)
        #expect(try await Self.offered(bench) == [])
        let history = try await bench.engine.history(id)
        #expect(
            history.suffix(2).map(\.label) == ["taskScheduled", "taskStarted"], "\(history.map(\.label))")
        guard case .taskStarted(_, let worker)? = history.last?.kind else {
            Issue.record("the last event is \(history.last?.label ?? "none")")
            return
        }
        #expect(worker == "second")
        // The other one goes on waiting, and gets nothing of an execution that ends.
        try await bench.engine.completeTask(token: task.token, .success(3))
        #expect(try await bench.finish(id).status == .succeeded)
        #expect(bench.engine.pollers.idleCount(of: "work") == 1)
        bench.clock.advance(by: .seconds(61))
        #expect(try await polls[1].value == nil)
        await bench.stop()
    }

    @Test func eachBranchGoesToAWorkerOfItsOwnAndWhatIsLeftIsOnOffer() async throws {
        let bench = try await Self.bench(
            """
            StartAt: A
            States:
              A: {Type: Task, Resource: "activity:work", Next: P}
              P:
                Type: Parallel
                End: true
                Branches:
                  - {StartAt: X, States: {X: {Type: Task, Resource: "activity:work", End: true}}}
                  - {StartAt: Y, States: {Y: {Type: Task, Resource: "activity:work", End: true}}}
                  - {StartAt: Z, States: {Z: {Type: Task, Resource: "activity:work", End: true}}}
            """)
        let (id, token, polls) = try await Self.begin(bench, waiting: ["second", "third"])
        try await bench.engine.completeTask(token: token, .success(2))
        var tokens: [String] = []
        for poll in polls { tokens.append(try #require(try await poll.value).token) }
        #expect(try await Self.offered(bench) == [2])
        tokens.append(try #require(try await Self.poll(bench, "fourth").value).token)
        #expect(Set(tokens).count == 3)
        for (place, token) in tokens.enumerated() {
            try await bench.engine.completeTask(token: token, .success(.int(Int64(place))))
        }
        #expect(try await bench.finish(id).status == .succeeded)
        #expect(try await bench.output(id) == [0, 1, 2])
        await bench.stop()
    }

    @Test func aStartReachesTheWorkerWhoWaitsWithItsOwnCommit() async throws {
        let bench = try await Self.bench()
        let polling = Self.poll(bench, "w")
        try await eventually("it waits") { bench.engine.pollers.idleCount(of: "work") == 1 }
        let before = bench.store.commits
        let id = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: 1).id
        let task = try #require(try await polling.value)
        #expect(bench.store.commits == before + 1)
        #expect(task.input == 1)
        try await bench.engine.completeTask(token: task.token, .success(2))
        let second = try #require(try await Self.poll(bench, "w").value)
        try await bench.engine.completeTask(token: second.token, .success(3))
        #expect(try await bench.finish(id).status == .succeeded)
        await bench.stop()
    }

    private struct Undone: Error {}

    @Test func whatATransactionUndoesIsNotHandedOut() async throws {
        let bench = try await Self.bench()
        let polling = Self.poll(bench, "w")
        try await eventually("it waits") { bench.engine.pollers.idleCount(of: "work") == 1 }
        _ = try await bench.engine.transact { work in
            #expect(throws: Undone.self) {
                try work.atomically {
                    try work.startExecution(stateMachine: "m", name: "undone", input: 1)
                    throw Undone()
                }
            }
        }
        try await eventually("it waits again") { bench.engine.pollers.idleCount(of: "work") == 1 }
        await #expect(throws: Undone.self) {
            try await bench.engine.transact { work in
                try work.startExecution(stateMachine: "m", name: "undone", input: 2)
                throw Undone()
            }
        }
        try await eventually("and again") { bench.engine.pollers.idleCount(of: "work") == 1 }
        _ = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: 3)
        #expect(try await polling.value?.input == 3)
        await bench.stop()
    }

    /// As the store does with a job that shared its commit with one that failed.
    private final class TwiceStore: ExecutionStore {
        let base = MemoryStore()

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            do {
                try await base.write { transaction in
                    _ = try body(transaction)
                    throw Undone()
                }
            } catch is Undone {}
            return try await base.write(body)
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.read(body)
        }
    }

    @Test func aJobThatRunsTwiceHandsItsTaskOutOnce() async throws {
        let (clock, store) = (VirtualClock(), TwiceStore())
        let engine = Engine(
            store: store, clock: clock.wallClock, seed: 7,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        _ = try await engine.applyStateMachine(name: "m", source: Self.twoTasks)
        try await engine.transact { work in
            try work.transaction.insertActivity(ActivityRecord(name: "work", encryption: nil, createdAt: work.now))
        }
        let deadline = clock.now + .seconds(60)
        let polls = ["first", "second"].map { worker in
            Task { try await engine.nextActivityTask("work", worker: worker, deadline: deadline) }
        }
        try await eventually("both wait") { engine.pollers.idleCount(of: "work") == 2 }
        let id = try await engine.startExecution(stateMachine: "m", name: "x", input: 1).id
        try await eventually("one is handed the task") {
            try await engine.history(id).map(\.label).last == "taskStarted" && engine.pollers.count == 1
        }
        try await eventually("the other one goes on waiting") { engine.pollers.idleCount(of: "work") == 1 }
        engine.endPolls()
        var inputs: [JSONValue] = []
        for poll in polls { if let task = try await poll.value { inputs.append(task.input) } }
        #expect(inputs == [1])
        #expect(try await engine.read { try $0.offeredTasks(of: "work", limit: 9) } == [])
    }

    @Test func aCommitThatFailsHandsNothingOutAndTheWorkerGoesOnWaiting() async throws {
        let bench = try await Self.bench()
        let (id, token, polls) = try await Self.begin(bench, waiting: ["second"])
        bench.store.fail(commit: bench.store.commits + 1)
        await #expect(throws: StoreError.self) {
            try await bench.engine.completeTask(token: token, .success(2))
        }
        try await eventually("it waits again") { bench.engine.pollers.idleCount(of: "work") == 1 }
        try await bench.engine.completeTask(token: token, .success(3))
        let task = try #require(try await polls[0].value)
        #expect(task.input == 3)
        try await bench.engine.completeTask(token: task.token, .success(4))
        #expect(try await bench.finish(id).status == .succeeded)
        await bench.stop()
    }

    /// Its time-out counts from the start that the commit recorded, as that of any task.
    @Test func aTaskHandedOutAtOnceTimesOut() async throws {
        let bench = try await Self.bench()
        let (id, token, polls) = try await Self.begin(bench, waiting: ["second"])
        try await bench.engine.completeTask(token: token, .success(2))
        let task = try #require(try await polls[0].value)
        bench.clock.advance(by: .seconds(61))
        #expect(try await bench.finish(id).error == "States.Timeout")
        await #expect(throws: EngineError.taskGone) {
            try await bench.engine.completeTask(token: task.token, .success(3))
        }
        await bench.stop()
    }

    @Test func anOfferIsKnownToBeAloneOnlyOnceTheStoreWasAsked() {
        let offers = TaskOffers()
        let offer = OfferedTask(
            place: OfferedTask.Place(
                activity: "work", since: VirtualClock().now, execution: ExecutionID(rawValue: 1), task: 3), input: 1)
        #expect(!offers.isEmpty("work"))
        let refill = offers.refill("work")!
        #expect(!offers.isEmpty("work"))
        #expect(!offers.end(refill, of: "work", []))
        #expect(offers.isEmpty("work"))
        offers.note(offer)
        #expect(!offers.isEmpty("work"))
        let taken = offers.take("work")!
        #expect(offers.isEmpty("work"))
        // It is on offer still, since it could not be handed out: older than whatever comes now.
        offers.settle(taken, .open)
        #expect(!offers.isEmpty("work"))
        offers.forget("work")
        #expect(!offers.isEmpty("work"))
    }

    @Test func onlyOneWhoWaitsIsChosenAndThenNothingButTheOutcomeWakesIt() async throws {
        let now = VirtualClock().now
        let task = HandedTask(execution: ExecutionID(rawValue: 1), task: 3, input: 1)
        let (pollers, poller) = (ActivityPollers(), ActivityPoller(worker: "w", deadline: now))
        pollers.add(poller, for: "work")
        #expect(pollers.choose(of: "work") == nil, "it has not begun to wait")
        let waiting = Task { await poller.wait() }
        try await eventually("it waits") { poller.isIdle }
        #expect(pollers.choose(of: "other") == nil)
        #expect(pollers.choose(of: "work") === poller)
        #expect(pollers.choose(of: "work") == nil)
        waiting.cancel()
        pollers.wakeOne(of: "work")
        #expect(pollers.wakeOverdue(at: now + .seconds(1)) == nil)
        pollers.end()
        poller.hand(task)
        #expect(await waiting.value?.task == 3)
        // Woken before it waits, it does not wait.
        let early = ActivityPoller(worker: nil, deadline: now)
        early.wake()
        #expect(!early.choose())
        #expect(await early.wait() == nil)
    }
}
