import ArgumentParser
import Engine
import JSONModel
import WallTime

/// Executions that wait an hour: what each costs in memory and on the disk, and how long taking them up again takes.
struct Waiting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Executions that wait an hour, and a restart among them.")

    @OptionGroup var place: Place
    @Option(help: "Executions.") var count = 1_000_000
    @Option(help: "Starts in flight.") var inFlight = 256

    func run() async throws {
        let clock = WallClock.system
        let bench = try await EngineBench(directory: place.directory)
        try await bench.apply("waiting", "StartAt: W\nStates: {W: {Type: Wait, Seconds: 3600, End: true}}")
        let before = Usage.now(bench)
        let start = clock.monotonicNanoseconds()
        try await concurrently(count, inFlight) { _ in
            _ = try await bench.engine.startExecution(stateMachine: "waiting", name: nil, input: [:])
        }
        let seconds = Double(clock.monotonicNanoseconds() - start) / 1e9
        let used = Usage.now(bench).since(before)
        let resident = Usage.residentBytes
        await bench.close()

        let reopened = clock.monotonicNanoseconds()
        let again = try await EngineBench(directory: place.directory)
        // Answers only once the store is open and a reader is free; recovery goes on beside it.
        _ = try await again.engine.executions(ExecutionQuery(statuses: [.running], limit: 1))
        let answers = Double(clock.monotonicNanoseconds() - reopened) / 1e9
        await again.close()
        let report: JSONValue = [
            "executions": .int(Int64(count)), "starts_per_s": .double(Double(count) / seconds),
            "us_cpu_per_start": .double(used.cpu * 1e6 / Double(count)),
            "bytes_kept_each": .double(Double(used.databaseBytes) / Double(count)),
            "resident_mib": .double(Double(resident) / 1_048_576), "restart_s": .double(answers),
            "resident_mib_after_restart_and_before": .double(Double(Usage.residentBytes) / 1_048_576),
        ]
        print(report.jsonString)
    }
}

/// Executions whose wait ends at one instant.
struct Timers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Timers that are all due in one second.")

    @OptionGroup var place: Place
    @Option(help: "Executions.") var count = 10_000

    func run() async throws {
        let clock = WallClock.system
        let bench = try await EngineBench(directory: place.directory)
        try await bench.apply(
            "timer", "StartAt: W\nStates: {W: {Type: Wait, TimestampPath: $.due, Next: P}, P: {Type: Pass, End: true}}")
        // Long enough that all of them wait by then.
        let due = clock.now() + .seconds(max(10, count / 1000))
        try await concurrently(count, 256) { number in
            _ = try await bench.engine.startExecution(
                stateMachine: "timer", name: "t\(number)", input: ["due": .string(due.iso8601)])
        }
        guard clock.now() < due else { throw TooLate() }
        try await clock.pause(for: due - clock.now())
        let before = Usage.now(bench)
        while try await bench.isBusy("timer") { try await clock.pause(for: .milliseconds(10)) }
        let ended = clock.now() - due
        let used = Usage.now(bench).since(before)
        await bench.close()
        let report: JSONValue = [
            "timers": .int(Int64(count)), "all_ended_after_s": .double(Double(ended.wholeMilliseconds) / 1000),
            "us_cpu_each": .double(used.cpu * 1e6 / Double(count)),
        ]
        print(report.jsonString)
    }
}

struct TooLate: Error, CustomStringConvertible {
    var description: String { "the timers were due before all executions had started: use a smaller --count" }
}
