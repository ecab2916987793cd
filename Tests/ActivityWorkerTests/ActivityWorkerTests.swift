import AWSClient
import Engine
import Interpreter
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import ActivityWorker

/// What an endpoint is asked, and what it answers.
private final class ScriptedEndpoint: Sendable {
    private struct State {
        var calls: [(operation: String, parameters: JSONObject)] = []
        var tasks: [String]
        var failures: [String: [AWSError]]
    }

    private let state: Guarded<State>

    init(tasks: [String], failures: [String: [AWSError]] = [:]) {
        state = Guarded(State(tasks: tasks, failures: failures))
    }

    func calls(_ operation: String) -> [JSONObject] {
        state.withLock { $0.calls.filter { $0.operation == operation }.map(\.parameters) }
    }

    var endpoint: ActivityEndpoint {
        ActivityEndpoint { [self] operation, parameters throws(AWSError) in
            let failure = state.withLock { state in
                state.calls.append((operation, parameters))
                guard state.failures[operation]?.isEmpty == false else { return nil as AWSError? }
                return state.failures[operation]?.removeFirst()
            }
            if let failure { throw failure }
            switch operation {
            case "ListActivities": return ["activities": [["name": "known", "activityArn": "arn:known"]]]
            case "CreateActivity": return ["activityArn": .string("arn:" + (parameters["name"]?.stringValue ?? ""))]
            case "GetActivityTask":
                if let input = state.withLock({ $0.tasks.isEmpty ? nil : $0.tasks.removeFirst() }) {
                    return ["taskToken": .string("token " + input), "input": .string(input)]
                }
                // A poll that nothing comes of, until the worker leaves.
                await untilCancelled()
                throw ScriptedEndpoint.error("Transport.Cancelled")
            default: return [:]
            }
        }
    }

    static func error(_ code: String, status: Int? = nil) -> AWSError {
        AWSError(code: code, message: "scripted", status: status, service: "states", action: "x")
    }
}

private func untilCancelled() async {
    let (stream, source) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    source.finish()
}

@Suite struct ActivityWorkerTests {
    private let clock = VirtualClock()

    private func worker(
        _ scripted: ScriptedEndpoint, concurrency: Int = 2,
        _ perform: @escaping ActivityWorker.Perform = { _, input in ["was": input] }
    ) -> ActivityWorker {
        var options = ActivityWorker.Options(name: "w")
        options.concurrency = concurrency
        return ActivityWorker(
            endpoint: scripted.endpoint, performs: ["known": perform, "new": perform], options: options,
            clock: clock.wallClock, randomFraction: { 0.5 }, logger: Logger(label: "test"))
    }

    @Test func resultsAndFailuresAreTold() async throws {
        let scripted = ScriptedEndpoint(tasks: ["1", "2", "3", "no json"])
        let worker = worker(scripted) { _, input in
            if input == 2 { throw TaskFailure(error: "Odd", cause: "two") }
            return ["was": input]
        }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        // One of them may have polled all four tasks before the other's turn came.
        try await eventually("four results, and polls of both activities") {
            let polled = Set(scripted.calls("GetActivityTask").compactMap { $0["activityArn"]?.stringValue })
            return scripted.calls("SendTaskSuccess").count == 2 && scripted.calls("SendTaskFailure").count == 2
                && polled == ["arn:known", "arn:new"]
        }
        running.cancel()
        try await running.value

        #expect(scripted.calls("CreateActivity") == [["name": "new"]], "what is there is not made")
        let outputs = Set(scripted.calls("SendTaskSuccess").compactMap { $0["output"]?.stringValue })
        #expect(outputs == [#"{"was":1}"#, #"{"was":3}"#])
        let odd = scripted.calls("SendTaskFailure").first { $0["taskToken"] == "token 2" }
        #expect(odd?["error"] == "Odd")
        #expect(odd?["cause"] == "two")
        #expect(scripted.calls("SendTaskFailure").contains { $0["error"] == "States.TaskFailed" })
    }

    @Test(arguments: ["Transport.CouldNotConnect", "Transport.TLS", "Client.NoCredentials", "Client.UnreadableAnswer"])
    func aReportIsTriedUntilItIsTaken(_ code: String) async throws {
        let away = ScriptedEndpoint.error(code)
        let scripted = ScriptedEndpoint(tasks: ["1"], failures: ["SendTaskSuccess": Array(repeating: away, count: 4)])
        let worker = worker(scripted)
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("five tries") {
            if let wake = clock.nextWake { clock.advance(to: wake) }
            return scripted.calls("SendTaskSuccess").count == 5
        }
        running.cancel()
        try await running.value
        #expect(scripted.calls("SendTaskFailure").isEmpty)
        #expect(clock.now >= VirtualClock().now + .milliseconds(500 + 1000 + 2000 + 4000) / 2)
    }

    @Test(arguments: ["Transport.CouldNotConnect", "Client.NoCredentials", "Client.UnreadableAnswer"])
    func theEndpointIsWaitedFor(_ code: String) async throws {
        let away = Array(repeating: ScriptedEndpoint.error(code), count: 3)
        let scripted = ScriptedEndpoint(tasks: ["1"], failures: ["ListActivities": away, "GetActivityTask": away])
        let worker = worker(scripted)
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the task is done") {
            if let wake = clock.nextWake { clock.advance(to: wake) }
            return scripted.calls("SendTaskSuccess").count == 1
        }
        running.cancel()
        try await running.value
    }

    @Test func aResultThatIsTooLargeFailsItsTaskAtOnce() async throws {
        let scripted = ScriptedEndpoint(tasks: ["1"])
        let worker = worker(scripted) { _, _ in .string(String(repeating: "x", count: 262_143)) }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the failure is told") { scripted.calls("SendTaskFailure").count == 1 }
        running.cancel()
        try await running.value
        #expect(scripted.calls("SendTaskSuccess").isEmpty)
        let told = try #require(scripted.calls("SendTaskFailure").first)
        #expect(told["taskToken"] == "token 1")
        #expect(told["error"] == "States.DataLimitExceeded")
        #expect(told["cause"]?.stringValue?.contains("262144 bytes") == true)
    }

    @Test func aResultThatIsRefusedForGoodFailsItsTask() async throws {
        let scripted = ScriptedEndpoint(
            tasks: ["1"],
            failures: ["SendTaskSuccess": [ScriptedEndpoint.error("InvalidOutput", status: 400)]])
        let worker = worker(scripted)
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the failure is told") { scripted.calls("SendTaskFailure").count == 1 }
        running.cancel()
        try await running.value
        #expect(scripted.calls("SendTaskSuccess").count == 1)
        let told = try #require(scripted.calls("SendTaskFailure").first)
        #expect(told["error"] == "States.TaskFailed")
        #expect(told["cause"]?.stringValue?.contains("InvalidOutput") == true)
    }

    @Test func aCauseIsCutByCodePoints() async throws {
        let scripted = ScriptedEndpoint(tasks: ["1"])
        let worker = worker(scripted) { _, _ in
            // One character of two code points each.
            throw TaskFailure(error: "Odd", cause: String(repeating: "e\u{301}", count: 20_000))
        }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the failure is told") { scripted.calls("SendTaskFailure").count == 1 }
        running.cancel()
        try await running.value
        let cause = scripted.calls("SendTaskFailure").first?["cause"]?.stringValue
        #expect(cause?.unicodeScalars.count == 32_768)
    }

    @Test(arguments: ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
    func aReportThatNobodyWantsIsDropped(_ code: String) async throws {
        let scripted = ScriptedEndpoint(
            tasks: ["1", "2"], failures: ["SendTaskSuccess": [ScriptedEndpoint.error(code, status: 400)]])
        let worker = worker(scripted, concurrency: 1)
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("both are told once") { scripted.calls("SendTaskSuccess").count == 2 }
        running.cancel()
        try await running.value
        #expect(Set(scripted.calls("SendTaskSuccess").compactMap { $0["taskToken"]?.stringValue }).count == 2)
    }

    @Test func aLongStepBeatsAndIsAbandonedWhenItsTaskIsGone() async throws {
        let scripted = ScriptedEndpoint(
            tasks: ["1"],
            failures: [
                "SendTaskHeartbeat": [
                    ScriptedEndpoint.error("ThrottlingException", status: 400),
                    ScriptedEndpoint.error("TaskTimedOut", status: 400),
                ]
            ])
        let worker = worker(scripted) { _, _ in
            await untilCancelled()
            throw CancellationError()
        }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the step is abandoned") {
            if let wake = clock.nextWake { clock.advance(to: wake) }
            return scripted.calls("SendTaskFailure").count == 1
        }
        running.cancel()
        try await running.value
        #expect(scripted.calls("SendTaskHeartbeat").count == 2)
    }

    @Test func noMoreAreTakenThanMayRun() async throws {
        let scripted = ScriptedEndpoint(tasks: (0..<20).map(String.init))
        let counts = Guarded((now: 0, most: 0))
        let worker = worker(scripted, concurrency: 3) { _, input in
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
            for _ in 0..<20 { await Task.yield() }
            counts.withLock { $0.now -= 1 }
            return input
        }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("all are done") { scripted.calls("SendTaskSuccess").count == 20 }
        running.cancel()
        try await running.value
        // Two activities, three of each.
        #expect(counts.withLock { $0.most } <= 6)
    }

    @Test func drainingWaitsForStepsAndNoLonger() async throws {
        let scripted = ScriptedEndpoint(tasks: ["1"])
        let isStarted = Guarded(false)
        let worker = worker(scripted) { _, input in
            isStarted.withLock { $0 = true }
            // Like a step in C: it does not look at cancellation.
            await withCheckedContinuation { continuation in
                Task.detached {
                    await untilCancelled()
                    continuation.resume()
                }
            }
            return input
        }
        let running = Task { try await worker.run(drain: .seconds(5)) }
        try await eventually("the step runs") { isStarted.withLock { $0 } }
        running.cancel()
        let isOver = Guarded(false)
        let end = Task {
            try await running.value
            isOver.withLock { $0 = true }
        }
        try await eventually("the drain has its limit") {
            if let wake = clock.nextWake { clock.advance(to: wake) }
            return isOver.withLock { $0 }
        }
        try await end.value
        #expect(scripted.calls("SendTaskSuccess").isEmpty)
    }

    @Test func aWorkerThatMayNotEnds() async throws {
        let refused = ScriptedEndpoint.error("AccessDeniedException", status: 400)
        let scripted = ScriptedEndpoint(tasks: [], failures: ["GetActivityTask": [refused, refused]])
        await #expect(throws: AWSError.self) { try await worker(scripted).run(drain: .seconds(5)) }
    }

    @Test func pausesGrowAndStayBelowHalfAMinute() {
        var backoff = Backoff()
        let pauses = (0..<10).map { _ in backoff.next(fraction: 0.999) }
        #expect(pauses[0] >= .milliseconds(250) && pauses[0] <= .milliseconds(500))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(pauses[9] <= .seconds(30) && pauses[9] >= .seconds(15))
    }
}
