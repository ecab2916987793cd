import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

/// Slots and events whose execution could not be started, and what a redrive of their letters does.
@Suite struct ScheduleLetterTests {
    /// A path that no slot's event has.
    private static func breaking(_ workflow: Workflow) throws -> Workflow {
        var broken = workflow
        broken.input = try InputTemplate(["x": "$.detail.missing"])
        return broken
    }

    private static func letters(_ bench: Bench) async throws -> [DeadLetter] {
        try await bench.engine.read { try $0.deadLetters(DeadLetterQuery()) }
    }

    @Test func aSlotThatCouldNotBeStartedSaysSoAndIsStartedByItsRedrive() async throws {
        let workflow = try ScheduleTests.workflow()
        let bench = try await ScheduleTests.bench(ScheduleTests.short, try Self.breaking(workflow))
        try await ScheduleTests.tick(bench, by: .seconds(600))
        let failed = try #require(try await ScheduleTests.fires(bench).first)
        #expect(failed.result == .failed)
        #expect(failed.execution == nil)
        #expect(failed.reason?.contains("$.detail.missing") == true)

        try await bench.engine.applyWorkflows([workflow])
        let letter = try #require(try await Self.letters(bench).first)
        try await bench.engine.redriveDeadLetter(letter.id)

        let fires = try await ScheduleTests.fires(bench)
        #expect(fires.map(\.result) == [.started])
        #expect(fires.first?.firedAt == failed.firedAt)
        #expect(try await ScheduleTests.executions(bench).map(\.name) == ["w-20261120T101000Z"])
        #expect(fires.first?.execution == "w-20261120T101000Z")
    }

    @Test func aSlotThatWaitedAndCouldNotBeStartedSaysSo() async throws {
        let workflow = try ScheduleTests.workflow(overlap: .bufferAll)
        let bench = try await ScheduleTests.bench(ScheduleTests.long, workflow)
        try await ScheduleTests.tick(bench, by: .seconds(600), times: 2)
        #expect(try await ScheduleTests.fires(bench).map(\.result) == [.started, .buffered])

        try await bench.engine.applyWorkflows([try Self.breaking(workflow)])
        _ = try await bench.engine.stopExecution(try await ScheduleTests.executions(bench)[0].id)
        #expect(try await ScheduleTests.fires(bench).map(\.result) == [.started, .failed])
        #expect(try await ScheduleTests.fires(bench).last?.execution == nil)
        #expect(try await Self.letters(bench).count == 1)
    }

    /// A person asks for it, as with a trigger.
    @Test(arguments: OverlapPolicy.allCases)
    func aRedriveStartsItsSlotWhateverRuns(_ overlap: OverlapPolicy) async throws {
        let workflow = try ScheduleTests.workflow(overlap: overlap)
        let bench = try await ScheduleTests.bench(ScheduleTests.long, try Self.breaking(workflow))
        try await ScheduleTests.tick(bench, by: .seconds(600))
        try await bench.engine.applyWorkflows([workflow])
        let manual = try await bench.engine.triggerSchedule("w")

        let letter = try #require(try await Self.letters(bench).first)
        try await bench.engine.redriveDeadLetter(letter.id)
        try await bench.comesToRest()
        let executions = try await ScheduleTests.executions(bench)
        #expect(executions.map(\.name) == [manual.name, "w-20261120T101000Z"])
        #expect(executions.map(\.status) == [.running, .running])
        #expect(try await Self.letters(bench).isEmpty)
    }

    @Test func anEventWhoseNameIsTakenKeepsItsLetter() async throws {
        let bench = try await EventTests.bench {
            $0.executionName = try InputTemplate("suspend-all")
            $0.input = try InputTemplate("$.detail.user")
        }
        #expect(try await EventTests.publish(bench, EventTests.event("e-1", user: nil)) == [])
        #expect(try await EventTests.publish(bench, EventTests.event("e-2")) == ["suspend-all"])
        let letter = try #require(try await Self.letters(bench).first)
        var repaired = bench.engine.workflows[0]
        repaired.input = nil
        try await bench.engine.applyWorkflows([repaired])

        await #expect(throws: EngineError.executionExists(name: "suspend-all")) {
            try await bench.engine.redriveDeadLetter(letter.id)
        }
        #expect(try await Self.letters(bench).map(\.id) == [letter.id])
    }
}
