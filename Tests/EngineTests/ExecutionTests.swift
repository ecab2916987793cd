import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

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
        #expect(bench.engine.statistics.live == 0)
    }
}
