import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

/// A distributed Map in the engine: its items are read, its children run, its results are written, whenever the
/// process dies.
@Suite struct MapRunTests {
    static let machine = """
        StartAt: Each
        States:
          Each:
            Type: Map
            Label: each
            MaxConcurrency: 2
            ItemReader:
              Resource: arn:aws:states:::s3:getObject
              Parameters: {Bucket: in, Key: items.json}
              ReaderConfig: {InputType: JSON}
            ItemProcessor:
              ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
              StartAt: Touch
              States:
                Touch: {Type: Task, Resource: activity:touch, Next: Book}
                Book: {Type: Task, Resource: activity:book, End: true}
            ResultWriter:
              Resource: arn:aws:states:::s3:putObject
              Parameters: {Bucket: out, Prefix: runs}
            End: true
        """

    /// A bucket in memory: what is read changes from one reading to the next, as an object in S3 can.
    final class Bucket: ResourceHandler, Sendable {
        let reads = Guarded(0)
        let written = Guarded<[JSONValue]>([])

        func handles(_ resource: Resource) -> Bool {
            if case .integration("s3", _) = resource.kind { true } else { false }
        }

        func perform(
            _ resource: Resource, _ context: TaskContext, _ input: JSONValue
        ) async throws(TaskFailure) -> JSONValue {
            guard case .integration(_, "putObject") = resource.kind else {
                let base = reads.withLock { reads in
                    reads += 1
                    return Int64(reads * 100)
                }
                return .array((1...3).map { .int(base + $0) })
            }
            written.withLock { $0.append(input) }
            return ["MapRunArn": input["MapRunArn"] ?? .null, "Key": "manifest.json"]
        }
    }

    static func bench(
        _ bucket: Bucket, _ recording: RecordingSteps, _ clock: VirtualClock, store: MemoryStore = MemoryStore()
    ) -> Bench {
        let steps = ["touch": recording.external("touch"), "book": RecordingSteps.transactional("book")]
        return Bench(store: store, clock: clock, steps: recording, steps, resources: [bucket])
    }

    @Test func resultsAreWrittenOnce() async throws {
        let (bucket, recording) = (Bucket(), RecordingSteps())
        let bench = Self.bench(bucket, recording, VirtualClock())
        try await bench.machine("m", Self.machine)
        bench.run()
        let id = try await bench.engine.startExecution(stateMachine: "m", name: "run", input: [:]).id
        _ = try await bench.finish(id)

        #expect(try await bench.output(id)?["Key"] == "manifest.json")
        let results = bucket.written.withLock { $0 }.first?["Results"]?["SUCCEEDED"]?.arrayValue
        #expect(results?.map { $0["Output"] } == ["101", "102", "103"])
        #expect(bucket.reads.withLock { $0 } == 1)
        await bench.stop()
    }

    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit]) func noCrashLosesOrDoublesAChild(
        _ crash: MemoryStore.Crash
    ) async throws {
        for commit in 1...40 {
            guard try await Self.run(crash: crash, at: commit) else {
                #expect(commit > 5, "the run has more commits than that")
                return
            }
        }
        Issue.record("the run had not ended after 40 commits")
    }

    private static func run(crash: MemoryStore.Crash, at commit: Int) async throws -> Bool {
        let (bucket, recording, clock) = (Bucket(), RecordingSteps(), VirtualClock())
        var bench = bench(bucket, recording, clock)
        try await bench.machine("m", machine)
        bench.store.crash(commit: bench.store.commits + commit, crash)
        bench.run()
        _ = await start(bench)
        try await bench.advance { [bench] in await ended(bench) || bench.store.isDown }
        let hasCrashed = bench.store.isDown
        if hasCrashed {
            await bench.stop()
            await bench.engine.drain(deadline: .zero)
            bench = Self.bench(bucket, recording, clock, store: bench.store.reopened())
            bench.run()
            _ = await start(bench)
            try await bench.advance { [bench] in await ended(bench) }
        }
        let record = try await bench.engine.execution(named: "run", of: "m")
        _ = try await bench.checked(record.id)
        #expect(record.status == .succeeded, "crash \(crash) at commit \(commit)")
        #expect(try await bench.count("book") == 3, "crash \(crash) at commit \(commit)")
        // What was recorded as read is what was worked on, however often the object was read.
        let written = bucket.written.withLock { $0 }
        let inputs = written.map { $0["Results"]?["SUCCEEDED"]?.arrayValue?.map { $0["Input"] } ?? [] }
        #expect(Set(inputs.map { "\($0)" }).count == 1, "crash \(crash) at commit \(commit)")
        #expect(inputs.first?.count == 3, "crash \(crash) at commit \(commit)")
        await bench.stop()
        return hasCrashed
    }

    private static func start(_ bench: Bench) async -> Bool {
        do {
            _ = try await bench.engine.startExecution(stateMachine: "m", name: "run", input: [:])
            return true
        } catch { return false }
    }

    /// False while the store is down, or the execution has not started.
    private static func ended(_ bench: Bench) async -> Bool {
        do {
            return try await bench.engine.execution(named: "run", of: "m").status != .running
        } catch { return false }
    }
}
