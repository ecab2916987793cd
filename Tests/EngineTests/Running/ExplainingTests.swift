import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

/// What an explanation knows besides the history.
@Suite struct ExplainingTests {
    @Test func aRedriveThatComesByItselfIsTold() async throws {
        let bench = Bench(["work": DeadLetterTests.Failing().step])
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.applyWorkflows([
            Workflow(
                name: "w", stateMachine: "m",
                deadLetter: DeadLetterPolicy(
                    policy: .redrive, attempts: 3, backoff: .seconds(60), maxDelay: .seconds(90)))
        ])
        let started = try await bench.engine.startWorkflow("w", name: "x", input: [:])
        _ = try await bench.finish(started.id)
        let letter = try #require(try await DeadLetterTests.letters(bench).first)

        let explanation = try await bench.engine.explain(started.id)
        #expect(explanation.deadLetter == letter.id.rawValue)
        #expect(explanation.nextDue == letter.letter.nextRedrive)
        #expect(
            explanation.lines.last?.hasPrefix("Dead letter \(letter.id.rawValue) redrives it by itself at ") == true)

        try await bench.engine.discardDeadLetter(letter.id, reason: "known", by: "operator:eva")
        let discarded = try await bench.engine.explain(started.id)
        #expect(discarded.deadLetter == nil)
        #expect(discarded.nextDue == nil)
    }

    @Test(arguments: [
        (60, 90, "the deadline of its workflow 'w' allows (1 min)"), (60, 30, "its state machine allows"),
    ])
    func theDeadlineThatEndedItIsNamed(_ workflow: Int, _ machine: Int, _ whose: String) async throws {
        let bench = Bench()
        try await bench.machine(
            "m", "StartAt: W\nTimeoutSeconds: \(machine)\nStates: {W: {Type: Wait, Seconds: 3600, End: true}}")
        try await bench.engine.applyWorkflows([
            Workflow(name: "w", stateMachine: "m", deadline: .seconds(workflow))
        ])
        let started = try await bench.engine.startWorkflow("w", name: "x", input: [:])
        bench.run()
        try await bench.advance("it ends") { try await bench.engine.execution(started.id).status == .timedOut }
        let lines = try await bench.engine.explain(started.id).lines
        #expect(lines.first?.hasPrefix("The execution ran longer than \(whose) and was ended at ") == true, "\(lines)")
        await bench.stop()
    }

    /// A worker elsewhere takes a task, or nobody does; a step of this process needs no word of its start.
    @Test(arguments: [("elsewhere", false), ("here", true)])
    func onlyATaskOfThisProcessStartsWithoutAWord(_ activity: String, _ starts: Bool) async throws {
        let gate = Gate()
        let bench = Bench([
            "here": Step(perform: { _, input in
                await gate.wait()
                return input
            })
        ])
        try await bench.machine(
            "m", "StartAt: T\nStates: {T: {Type: Task, Resource: 'activity:\(activity)', TimeoutSeconds: 2, End: true}}"
        )
        let started = try await bench.engine.startExecution(stateMachine: "m", name: "x", input: [:])
        bench.run()
        try await bench.advance("it times out") { try await bench.engine.execution(started.id).status == .failed }
        let labels = try await bench.engine.history(started.id).map(\.label)
        #expect(labels.contains("taskTimedOut"))
        #expect(labels.contains("taskStarted") == starts, "\(labels)")
        gate.open()
        await bench.stop()
    }
}
