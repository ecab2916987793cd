import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@Suite struct EventTests {
    static func event(_ id: String, level: String = "critical", user: String? = "ana") -> BusEvent {
        var detail: JSONObject = ["level": .string(level)]
        detail["user"] = user.map { .string($0) }
        return BusEvent(
            id: id, source: "steward.budgets", detailType: "Budget Threshold Crossed",
            at: Instant(milliseconds: 1_795_168_800_000), account: "123456789012", region: "us-east-1",
            detail: .object(detail))
    }

    static func bench(_ change: (inout Workflow) throws -> Void = { _ in }) async throws -> Bench {
        let bench = Bench()
        try await bench.machine("m", chain(["elsewhere"]))
        var workflow = Workflow(
            name: "suspend", stateMachine: "m",
            event: try EventPattern(["source": ["steward.budgets"], "detail": ["level": ["critical"]]]))
        try change(&workflow)
        try await bench.engine.applyWorkflows([workflow])
        return bench
    }

    static func publish(_ bench: Bench, _ event: BusEvent) async throws -> [String] {
        try await bench.engine.transact { try $0.publish(event) }
    }

    static func executions(_ bench: Bench) async throws -> [ExecutionRecord] {
        try await bench.engine.executions(ExecutionQuery()).executions.reversed()
    }

    @Test func anEventThatMatchesStartsTheWorkflowWithItselfAsInput() async throws {
        let bench = try await Self.bench()
        let event = Self.event("e-1")

        #expect(try await Self.publish(bench, event) == ["suspend-e-1"])
        #expect(try await Self.publish(bench, Self.event("e-2", level: "warning")) == [])

        let record = try #require(try await Self.executions(bench).first)
        #expect(record.workflow == "suspend")
        #expect(try await bench.engine.state(record.id).input == event.envelope)
    }

    @Test func publishingAgainStartsNothingAgain() async throws {
        let bench = try await Self.bench()
        #expect(try await Self.publish(bench, Self.event("e-1")).count == 1)
        #expect(try await Self.publish(bench, Self.event("e-1")) == [])
        _ = try await bench.engine.stopExecution(try await Self.executions(bench)[0].id)
        #expect(try await Self.publish(bench, Self.event("e-1")) == [])
        #expect(try await Self.executions(bench).count == 1)
    }

    @Test func inputAndNameCanBeMadeFromTheEvent() async throws {
        let bench = try await Self.bench {
            $0.input = try InputTemplate(["user": "$.detail.user", "mode": "both"])
            $0.executionName = try InputTemplate("suspend-{$.detail.user}")
        }
        #expect(try await Self.publish(bench, Self.event("e-1")) == ["suspend-ana"])
        #expect(try await Self.publish(bench, Self.event("e-2")) == [])
        #expect(try await Self.publish(bench, Self.event("e-3", user: "a/b")).first?.hasPrefix("suspend-a-b-") == true)
        let id = try await Self.executions(bench)[0].id
        #expect(try await bench.engine.state(id).input == ["user": "ana", "mode": "both"])
    }

    @Test func anEventThatCannotStartItsWorkflowIsADeadLetterAndTheRestGoesOn() async throws {
        let bench = try await Self.bench { $0.input = try InputTemplate("$.detail.user") }
        let names = try await bench.engine.transact { work in
            try work.transaction.count("published")
            return try work.publish(Self.event("e-1", user: nil))
        }
        #expect(names == [])
        #expect(try await bench.count("published") == 1)
        let letter = try #require(try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }.first)
        #expect(letter.letter.kind == .event)
        #expect(letter.letter.subject == "e-1")
        #expect(letter.letter.source == "suspend")
        #expect(letter.letter.cause.contains("$.detail.user"))

        await #expect(throws: InputTemplateError.self) { try await bench.engine.redriveDeadLetter(letter.id) }
        var repaired = bench.engine.workflows[0]
        repaired.input = nil
        try await bench.engine.applyWorkflows([repaired])
        try await bench.engine.redriveDeadLetter(letter.id)
        #expect(try await Self.executions(bench).map(\.name) == ["suspend-e-1"])
        #expect(try await bench.engine.read { try $0.deadLetter(letter.id) }?.status == .redriven)
    }

    @Test func whatAFailedTransactionPublishedStartsNothing() async throws {
        struct Undone: Error {}
        let bench = try await Self.bench()
        await #expect(throws: Undone.self) {
            try await bench.engine.transact { work in
                try work.publish(Self.event("e-1"))
                throw Undone()
            }
        }
        #expect(try await Self.executions(bench).isEmpty)
        try await bench.comesToRest()
        #expect(try await Self.publish(bench, Self.event("e-1")).count == 1)
    }

    @Test func partOfATransactionCanBeUndoneWithWhatItStarted() async throws {
        struct Undone: Error {}
        let recording = RecordingSteps()
        let bench = Bench(steps: recording, ["work": recording.external("work")])
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.transact { work in
            do {
                try work.atomically {
                    try work.startExecution(stateMachine: "m", name: "undone", input: [:])
                    throw Undone()
                }
            } catch is Undone {}
            try work.startExecution(stateMachine: "m", name: "kept", input: [:])
        }
        let kept = try await bench.engine.execution(named: "kept", of: "m")
        _ = try await bench.finish(kept.id)
        #expect(recording.calls.map(\.key) == ["arn:aws:states:us-east-1:000000000000:execution:m:kept/S0/0.1"])
        #expect(try await Self.executions(bench).map(\.name) == ["kept"])
    }

    @Test func skipAndTerminateOtherHoldForEvents() async throws {
        let skipping = try await Self.bench { $0.overlap = .skip }
        #expect(try await Self.publish(skipping, Self.event("e-1")).count == 1)
        #expect(try await Self.publish(skipping, Self.event("e-2")) == [])

        let replacing = try await Self.bench { $0.overlap = .terminateOther }
        #expect(try await Self.publish(replacing, Self.event("e-1")).count == 1)
        #expect(try await Self.publish(replacing, Self.event("e-2")).count == 1)
        try await eventually("the first is stopped") {
            try await Self.executions(replacing).map(\.status) == [.aborted, .running]
        }
    }

    @Test func whatAnEventReplacesEndsThoughTheDaemonDiesRightAfterItsCommit() async throws {
        let first = try await Self.bench { $0.overlap = .terminateOther }
        #expect(try await Self.publish(first, Self.event("e-1")).count == 1)
        first.store.crash(commit: first.store.commits + 1, .afterCommit)
        _ = try? await Self.publish(first, Self.event("e-2"))

        let second = Bench(store: first.store.reopened(), clock: first.clock)
        #expect(try await Self.executions(second).map(\.status) == [.running, .running])
        second.run()
        try await eventually("the first is stopped") {
            try await Self.executions(second).map(\.status) == [.aborted, .running]
        }
        let replaced = try #require(try await Self.executions(second).first)
        #expect(replaced.error == "Workflow.Superseded")
        #expect(replaced.cause?.contains("'suspend-e-2'") == true)
        #expect(try await second.engine.read { try $0.nested(replaced.id) } == nil)
        await second.stop()
    }

    @Test func aDisabledWorkflowHearsNothing() async throws {
        let bench = try await Self.bench { $0.enabled = false }
        #expect(try await Self.publish(bench, Self.event("e-1")) == [])
    }

    @Test func aStepsRecordCanPublish() async throws {
        let recording = RecordingSteps()
        let bench = Bench(
            steps: recording,
            [
                "cross": RecordingSteps.transactional("cross") { work, input in
                    try work.publish(Self.event("e-9"))
                    return input
                },
                "work": recording.external("work"),
            ])
        try await bench.machine("source", chain(["cross"]))
        try await bench.machine("m", chain(["work"]))
        try await bench.engine.applyWorkflows([
            Workflow(name: "suspend", stateMachine: "m", event: try EventPattern(["source": ["steward.budgets"]]))
        ])
        let started = try await bench.engine.startExecution(stateMachine: "source", name: "s", input: [:])
        _ = try await bench.finish(started.id)
        let caused = try await bench.engine.execution(named: "suspend-e-9", of: "m")
        #expect(try await bench.finish(caused.id).status == .succeeded)
    }
}
