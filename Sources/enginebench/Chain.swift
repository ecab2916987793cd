import ArgumentParser
import Engine
import JSONModel
import WallTime

/// Executions of one chain, so many at a time, each client starting the next one when its last has ended.
struct Chain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Chains of steps, so many in flight.")

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// Tasks that a step of this process performs.
        case task
        /// Pass and Choice states in turn.
        case pass
    }

    @OptionGroup var place: Place
    @Option(help: "What the states are: task or pass.") var kind = Kind.task
    @Option(help: "States of one chain.") var states = 10
    @Option(help: "Executions in flight.") var inFlight = 64
    @Option(help: "How long to measure, after a warm-up of a fifth of it.") var seconds = 5.0

    func run() async throws {
        let bench = try await EngineBench(directory: place.directory)
        try await bench.apply("chain", definition)
        _ = try await measure(bench, seconds / 5)
        let report = try await measure(bench, seconds)
        await bench.close()
        print(report.jsonString)
    }

    var definition: String {
        let lines = (1...states).map { number in
            let next = number < states ? "S\(number + 1)" : nil
            switch kind {
            case .task:
                return
                    "  S\(number): {Type: Task, Resource: activity:noop, \(next.map { "Next: \($0)" } ?? "End: true")}"
            case .pass where number.isMultiple(of: 2) && next != nil:
                return
                    "  S\(number): {Type: Choice, Choices: [{Variable: $.a, NumericEquals: 1, Next: \(next ?? "")}], Default: \(next ?? "")}"
            case .pass: return "  S\(number): {Type: Pass, \(next.map { "Next: \($0)" } ?? "End: true")}"
            }
        }
        return "StartAt: S1\nStates:\n" + lines.joined(separator: "\n")
    }

    func measure(_ bench: EngineBench, _ seconds: Double) async throws -> JSONValue {
        let clock = WallClock.system
        let before = Usage.now(bench)
        let start = clock.monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        var latencies: [UInt64] = []
        try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<inFlight {
                group.addTask {
                    var own: [UInt64] = []
                    while true {
                        let started = clock.monotonicNanoseconds()
                        guard started < end else { return own }
                        try await bench.runToEnd("chain", input: ["a": 1])
                        own.append(clock.monotonicNanoseconds() - started)
                    }
                }
            }
            for try await own in group { latencies += own }
        }
        let elapsed = Double(clock.monotonicNanoseconds() - start) / 1e9
        let used = Usage.now(bench).since(before)
        latencies.sort()
        let steps = Double(latencies.count * states)
        return [
            "in_flight": .int(Int64(inFlight)), "executions": .int(Int64(latencies.count)),
            "steps_per_s": .double(steps / elapsed), "us_cpu_per_step": .double(used.cpu * 1e6 / steps),
            "p50_ms": .double(latencies.quantile(0.5) / 1e6), "p99_ms": .double(latencies.quantile(0.99) / 1e6),
            "commits_per_chain": .double(Double(used.commits) / Double(latencies.count)),
            "steps_per_commit": .double(steps / Double(max(1, used.commits))),
            "bytes_written_per_step": .double(Double(used.bytesWritten) / steps),
            "bytes_kept_per_step": .double(Double(used.databaseBytes) / steps),
        ]
    }
}

extension [UInt64] {
    /// Of sorted values; 0 when there are none.
    func quantile(_ part: Double) -> Double {
        isEmpty ? 0 : Double(self[Swift.min(count - 1, Int(Double(count) * part))])
    }
}
