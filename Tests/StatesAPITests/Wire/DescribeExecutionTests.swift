import Engine
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import StatesAPI

/// `DescribeExecution` of executions that run and are in memory: it reads the store once at most.
@Suite struct DescribeExecutionTests {
    /// Counts reads.
    private final class CountingStore: ExecutionStore {
        let base = MemoryStore()
        let reads = Guarded(0)

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.write(body)
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            reads.withLock { $0 += 1 }
            return try await base.read(body)
        }
    }

    private struct Bench {
        let store = CountingStore()
        let api: WireAPI<CountingStore>
        let clock = VirtualClock()

        init() async throws {
            let engine = Engine(
                store: store, clock: clock.wallClock, seed: 7,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            api = WireAPI(engine: engine, clock: clock.wallClock)
            try await call("CreateActivity", ["name": "a"])
            _ = try await engine.applyStateMachine(
                name: "m",
                source: """
                    StartAt: T
                    States:
                      T: {Type: Task, Resource: "arn:aws:states:us-east-1:000000000000:activity:a", End: true}
                    """)
        }

        @discardableResult
        func call(_ operation: String, _ parameters: JSONObject) async throws -> JSONObject {
            try await api.call(operation, parameters, by: "test")
        }

        func start(_ name: String, input: String = "{ \"n\": 1 }") async throws -> JSONValue {
            let machine: JSONValue = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
            let started = try await call(
                "StartExecution", ["stateMachineArn": machine, "name": .string(name), "input": .string(input)])
            return try #require(started["executionArn"])
        }

        /// What is said of it, and how many reads that took.
        func describe(_ arn: JSONValue, _ more: JSONObject = [:]) async throws -> (answer: JSONObject, reads: Int) {
            let before = store.reads.withLock { $0 }
            var parameters: JSONObject = ["executionArn": arn]
            for (name, value) in more { parameters[name] = value }
            let answer = try await call("DescribeExecution", parameters)
            return (answer, store.reads.withLock { $0 } - before)
        }
    }

    @Test func whatWasStartedHereIsDescribedAsTheStoreHasIt() async throws {
        let bench = try await Bench()
        let arn = try await bench.start("x")
        let first = try await bench.describe(arn)
        #expect(first.answer["status"] == "RUNNING")
        #expect(first.answer["input"] == "{ \"n\": 1 }")
        #expect(first.reads == 0)
        // Another that knows nothing of the start.
        let other = WireAPI(engine: bench.api.engine, clock: bench.clock.wallClock)
        for reads in [1, 0] {
            let before = bench.store.reads.withLock { $0 }
            let answer = try await other.call("DescribeExecution", ["executionArn": arn], by: "test")
            #expect(answer == first.answer)
            #expect(bench.store.reads.withLock { $0 } == before + reads)
        }
        let bare = try await bench.describe(arn, ["includedData": "METADATA_ONLY"])
        #expect(bare.answer["input"] == nil)
        #expect(bare.answer["status"] == "RUNNING")
    }

    @Test func anEndIsSaidAtOnce() async throws {
        let bench = try await Bench()
        let activity: JSONValue = "arn:aws:states:us-east-1:000000000000:activity:a"
        let (done, stopped) = (try await bench.start("done"), try await bench.start("stopped"))
        for arn in [done, stopped] {
            for _ in 0..<2 { #expect(try await bench.describe(arn).answer["status"] == "RUNNING") }
        }
        let task = try await bench.call("GetActivityTask", ["activityArn": activity])
        #expect(try await bench.describe(done).answer["status"] == "RUNNING")
        try await bench.call("SendTaskSuccess", ["taskToken": try #require(task["taskToken"]), "output": "7"])
        let end = try await bench.describe(done).answer
        #expect(end["status"] == "SUCCEEDED")
        #expect(end["output"] == "7")
        try await bench.call("StopExecution", ["executionArn": stopped])
        #expect(try await bench.describe(stopped).answer["status"] == "ABORTED")
    }

    @Test func expressExecutionsAreNotDescribed() async throws {
        let bench = try await Bench()
        let definition = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#
        let machine = try await bench.call(
            "CreateStateMachine",
            [
                "name": "quick", "type": "EXPRESS", "definition": .string(definition),
                "roleArn": "arn:aws:iam::000000000000:role/r",
            ])
        let started = try await bench.call(
            "StartExecution", ["stateMachineArn": try #require(machine["stateMachineArn"])])
        let arn = try #require(started["executionArn"])
        await #expect(throws: WireError.self) { try await bench.describe(arn) }
    }

    @Test func longInputsAreNotKept() async throws {
        let bench = try await Bench()
        let arn = try await bench.start("x", input: "\"\(String(repeating: "a", count: 5000))\"")
        _ = try await bench.describe(arn)
        #expect(try await bench.describe(arn).reads == 1)
    }
}
