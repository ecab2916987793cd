import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import Engine

@Suite struct ExecutionTests {
    @Test func aChainRunsEachStepOnceAndSucceeds() async throws {
        let recording = RecordingSteps()
        let bench = Bench(
            steps: recording,
            ["work": recording.external("work"), "book": RecordingSteps.transactional("book")])
        try await bench.machine("chain", chain(["work", "book", "work", "book"]))

        let started = try await bench.engine.startExecution(stateMachine: "chain", name: "one", input: ["n": 1])
        let record = try await bench.finish(started.id)

        #expect(record.status == .succeeded)
        #expect(try await bench.output(started.id) == ["n": 1])
        #expect(recording.calls(of: "work").count == 2)
        #expect(try await bench.count("book") == 2)
        try await bench.comesToRest()
    }

    /// Nobody has to look for a worker.
    @Test func aStepOfThisProcessIsSaidToBeUnderWay() async throws {
        let gate = Gate()
        let recording = RecordingSteps()
        let step = recording.external("work") { _, input in
            await gate.wait()
            return input
        }
        let bench = Bench(steps: recording, ["work": step])
        try await bench.machine("m", chain(["work", "elsewhere"]))
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { recording.calls.count == 1 }

        let here = try await bench.engine.explain(started.id).lines[0]
        #expect(here.contains("activity:work, under way since"), "\(here)")
        gate.open()
        let engine = bench.engine
        try await eventually { try await engine.explain(started.id).lines[0].contains("activity:elsewhere") }
        #expect(try await bench.engine.explain(started.id).lines[0].contains("which no worker has taken"))
    }

    @Test func aStepCostsOneCommit() async throws {
        let recording = RecordingSteps()
        let bench = Bench(steps: recording, ["work": recording.external("work")])
        try await bench.machine("chain", chain(Array(repeating: "work", count: 10)))
        let before = bench.store.commits

        let started = try await bench.engine.startExecution(stateMachine: "chain", name: "one", input: [:])
        _ = try await bench.finish(started.id)

        #expect(bench.store.commits - before == 11)
    }

    /// The writer decides a start, and everybody waits for it.
    @Test func whatTakesLongToEvaluateIsNotDecidedWithTheStart() async throws {
        let bench = Bench()
        try await bench.machine(
            "heavy",
            """
            StartAt: A
            QueryLanguage: JSONata
            States:
              A: {Type: Pass, Output: "{% $sum([1..10000].($ * 2)) %}", Next: B}
              B: {Type: Pass, Output: "{% $states.input + 1 %}", End: true}
            """)
        let started = try await bench.engine.startExecution(stateMachine: "heavy", name: "one", input: [:])
        #expect(started.status == .running)
        #expect(started.isParked)
        #expect(try await bench.engine.history(started.id).count == 1)

        bench.run()
        #expect(try await bench.finish(started.id).status == .succeeded)
        #expect(try await bench.output(started.id) == 100_010_001)
        await bench.stop()
    }

    @Test func statesWithoutEffectsCostNothingBeyondTheStart() async throws {
        let bench = Bench()
        try await bench.machine(
            "passes",
            """
            StartAt: A
            States:
              A: {Type: Pass, Next: B}
              B: {Type: Pass, Result: {done: true}, End: true}
            """)

        let record = try await bench.engine.startExecution(stateMachine: "passes", name: "p", input: [:])

        #expect(record.status == .succeeded)
        #expect(try await bench.checked(record.id) == record)
        try await bench.comesToRest()
    }

    @Test func aStepThatPerformsAndRecordsHandsOverWhatItReturned() async throws {
        let step = Step<MemoryTransaction>(
            perform: { context, input in ["key": .string(context.idempotencyKey), "in": input] },
            record: { work, context, input, performed in
                try work.transaction.count("recorded")
                return ["performed": performed, "input": input, "state": .string(context.state)]
            })
        let bench = Bench(["both": step])
        try await bench.machine("m", chain(["both"]))

        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: 5)
        _ = try await bench.finish(started.id)

        let output = try await bench.output(started.id)
        #expect(output?["input"] == 5)
        #expect(output?["state"] == "S0")
        let arn = "arn:aws:states:us-east-1:000000000000:execution:m:x"
        #expect(output?["performed"]?["key"] == .string("\(arn)/S0/0.1"))
        #expect(try await bench.count("recorded") == 1)
    }

    @Test func aRecordThatFailsIsUndoneAndItsFailureTakesItsPlace() async throws {
        let failing = Step<MemoryTransaction>(record: { work, _, _, _ in
            try work.transaction.count("undone")
            try work.startExecution(stateMachine: "m", name: "never", input: [:])
            throw TaskFailure(error: "Ledger.Closed", cause: "the period is over")
        })
        let bench = Bench(["book": failing])
        try await bench.machine("m", chain(["book"]))

        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let record = try await bench.finish(started.id)

        #expect(record.status == .failed)
        #expect(record.error == "Ledger.Closed")
        #expect(record.cause == "the period is over")
        #expect(try await bench.count("undone") == 0)
        await #expect(throws: EngineError.self) { try await bench.engine.execution(named: "never", of: "m") }
        try await bench.comesToRest()
    }

    @Test func whatARecordAsksOfTheEngineInVainFailsTheTask() async throws {
        let failing = Step<MemoryTransaction>(record: { work, _, _, _ in
            _ = try work.startExecution(stateMachine: "missing", name: nil, input: [:])
            return .null
        })
        let bench = Bench(["book": failing])
        try await bench.machine("m", chain(["book"]))

        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        let record = try await bench.finish(started.id)

        #expect(record.error == "States.TaskFailed")
        #expect(record.cause?.contains("missing") == true)
    }

    @Test func anErrorOfAStepThatIsNoTaskFailureIsStatesTaskFailed() async throws {
        struct Broken: Error {}
        let bench = Bench(["work": Step(perform: { _, _ in throw Broken() })])
        try await bench.machine("m", chain(["work"]))

        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        #expect(try await bench.finish(started.id).error == "States.TaskFailed")
    }

    @Test func aResourceWithoutAHandlerFailsTheTask() async throws {
        let bench = Bench()
        try await bench.machine(
            "m",
            """
            StartAt: Publish
            States:
              Publish:
                Type: Task
                Resource: arn:aws:states:::sns:publish
                Parameters: {TopicArn: "arn:aws:sns:us-east-1:123456789012:t", Message: hello}
                Catch: [{ErrorEquals: [States.TaskFailed], Next: Caught}]
                End: true
              Caught: {Type: Succeed}
            """)

        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])

        #expect(try await bench.finish(started.id).status == .succeeded)
    }

    @Test func aResourceHandlerCarriesOutItsTask() async throws {
        struct Upper: ResourceHandler {
            func handles(_ resource: StatesLanguage.Resource) -> Bool {
                resource.text == "arn:aws:states:::sns:publish"
            }
            func perform(
                _ resource: StatesLanguage.Resource, _ context: TaskContext, _ input: JSONValue
            ) async throws(TaskFailure) -> JSONValue {
                guard input["Message"]?.stringValue != "bad" else { throw TaskFailure(error: "SNS.Bad", cause: "no") }
                return ["MessageId": "m-1"]
            }
        }
        let bench = Bench(resources: [Upper()])
        try await bench.machine(
            "m",
            """
            StartAt: Publish
            States:
              Publish:
                Type: Task
                Resource: arn:aws:states:::sns:publish
                Parameters: {TopicArn: "arn:aws:sns:us-east-1:123456789012:t", Message.$: $.text}
                End: true
            """)

        let good = try await bench.engine.startExecution(stateMachine: "m", name: "good", input: ["text": "hi"])
        let bad = try await bench.engine.startExecution(stateMachine: "m", name: "bad", input: ["text": "bad"])
        _ = try await bench.finish(good.id)

        #expect(try await bench.output(good.id) == ["MessageId": "m-1"])
        #expect(try await bench.finish(bad.id).error == "SNS.Bad")
    }

    @Test func resultsThatArriveDuringACommitShareTheNextOne() async throws {
        let gate = Guarded<[CheckedContinuation<Void, Never>]>([])
        let step = Step<MemoryTransaction>(perform: { _, input in
            await withCheckedContinuation { continuation in gate.withLock { $0.append(continuation) } }
            return input
        })
        let bench = Bench(["work": step])
        let branches = (0..<4).map {
            "{StartAt: T\($0), States: {T\($0): {Type: Task, Resource: activity:work, End: true}}}"
        }
        try await bench.machine(
            "m",
            "StartAt: P\nStates:\n  P: {Type: Parallel, End: true, Branches: [\(branches.joined(separator: ", "))]}")
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        try await eventually { gate.withLock { $0.count == 4 } }
        let before = bench.store.commits

        bench.store.holdCommits()
        for continuation in gate.withLock({ $0 }) { continuation.resume() }
        try await eventually { bench.store.queuedWrites == 1 }
        // A step is gone from memory in the moment in which its result is in the mailbox.
        try await eventually("all results are in the mailbox") { bench.engine.live.withLock(\.allSteps.isEmpty) }
        bench.store.releaseCommits()
        let record = try await bench.finish(started.id)

        #expect(record.status == .succeeded)
        #expect(bench.store.commits - before <= 2)
        let labels = try await bench.engine.history(started.id).map(\.label)
        #expect(labels.count { $0 == "taskSucceeded" } == 4)
        #expect(labels.count { $0 == "taskStarted" } == 4)
    }

    @Test func aNameIsTakenOnceAndTheSameStartIsAnsweredAgain() async throws {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere"]))
        let first = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: ["a": 1])

        let again = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: ["a": 1])
        #expect(again.id == first.id)
        await #expect(throws: EngineError.executionExists(name: "x")) {
            try await bench.engine.startExecution(stateMachine: "m", name: "x", input: ["a": 2])
        }
        _ = try await bench.engine.stopExecution(first.id)
        await #expect(throws: EngineError.executionExists(name: "x")) {
            try await bench.engine.startExecution(stateMachine: "m", name: "x", input: ["a": 1])
        }
    }

    @Test func startsWithoutANameGetOneEach() async throws {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere"]))
        var names: Set<String> = []
        for _ in 0..<10 {
            names.insert(try await bench.engine.startExecution(stateMachine: "m", name: nil, input: [:]).name)
        }
        #expect(names.count == 10)
    }

    @Test func whatCannotBeStartedIsRefused() async throws {
        var options = EngineOptions()
        options.payloadLimit = 20
        let bench = Bench(options: options)
        try await bench.machine("m", chain(["elsewhere"]))

        await #expect(throws: EngineError.noSuchStateMachine("n")) {
            try await bench.engine.startExecution(stateMachine: "n", name: "x", input: [:])
        }
        await #expect(throws: EngineError.self) {
            try await bench.engine.startExecution(stateMachine: "m", name: "no spaces", input: [:])
        }
        await #expect(throws: EngineError.payloadTooLarge(bytes: 32, limit: 20)) {
            try await bench.engine.startExecution(
                stateMachine: "m", name: "x", input: .string(String(repeating: "a", count: 30)))
        }
        let page = try await bench.engine.executions(ExecutionQuery())
        #expect(page.executions.isEmpty)
    }

    @Test func aDefinitionThatIsNotValidIsRefusedWithItsDiagnostics() async throws {
        let bench = Bench()
        do {
            try await bench.machine("m", "StartAt: A\nStates: {B: {Type: Pass, End: true}}")
            Issue.record("accepted")
        } catch EngineError.invalidDefinition(let diagnostics) {
            #expect(!diagnostics.isEmpty)
            #expect(diagnostics.first?.file == "m.yaml")
        }
        await #expect(throws: EngineError.self) { try await bench.machine("bad name", chain(["a"])) }
    }

    @Test func anExecutionFinishesOnTheDefinitionItStartedWith() async throws {
        let bench = Bench()
        let first = try await bench.machine(
            "m", "StartAt: A\nStates: {A: {Type: Wait, Seconds: 60, Next: B}, B: {Type: Pass, Result: old, End: true}}")
        let old = try await bench.engine.startExecution(stateMachine: "m", name: "old", input: [:])
        let second = try await bench.machine(
            "m", "StartAt: A\nStates: {A: {Type: Wait, Seconds: 60, Next: B}, B: {Type: Pass, Result: new, End: true}}")
        let new = try await bench.engine.startExecution(stateMachine: "m", name: "new", input: [:])
        #expect(second.number == first.number + 1)

        bench.run()
        try await bench.advance("both end") {
            try await bench.engine.executions(ExecutionQuery(statuses: [.running])).executions.isEmpty
        }

        #expect(try await bench.output(old.id) == "old")
        #expect(try await bench.output(new.id) == "new")
        await bench.stop()
    }

    @Test func anExecutionThatDoesNotExistIsNamedInTheError() async throws {
        let bench = Bench()
        let nobody = ExecutionID(rawValue: 99)
        await #expect(throws: EngineError.noSuchExecution("99")) { try await bench.engine.history(nobody) }
        await #expect(throws: EngineError.noSuchExecution("99")) { try await bench.engine.state(nobody) }
        await #expect(throws: EngineError.noSuchExecution("99")) { try await bench.engine.stopExecution(nobody) }
        await #expect(throws: EngineError.noSuchExecution("99")) { try await bench.engine.redriveExecution(nobody) }
        try await bench.comesToRest()
    }
}
