import ArgumentParser
import Foundation
import Simulator

/// Runs seeds of the simulation (`make simulate`). Not shipped.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the whole system under faults, from seeds, and check what is left.",
        discussion: "Exit code 1 when a promise was not kept; each such seed is printed as the command that replays it."
    )

    @Option(help: "How many seeds to run.") var seeds: UInt64 = 100
    @Option(help: "The first seed. Without it, one that the clock decides.") var from: UInt64?
    @Option(help: "Run one seed, twice, and print its trace.") var seed: UInt64?
    @Option(help: "Run seeds for so many minutes instead of a number of them.") var minutes: Double?

    private static let repeatable = "SWIFT_DETERMINISTIC_HASHING"
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    func run() async throws {
        try Self.makeHashingRepeatable()
        if let seed { return try await replay(seed) }
        var state = Totals()
        let first = from ?? UInt64(ProcessInfo.processInfo.systemUptime * 1000) * 1000
        let end = minutes.map { ProcessInfo.processInfo.systemUptime + $0 * 60 }
        var next = first
        while end.map({ ProcessInfo.processInfo.systemUptime < $0 }) ?? (next < first + seeds) {
            let outcome = await Simulation.run(seed: next, root: Self.root)
            state.add(outcome)
            next += 1
            if state.runs.isMultiple(of: 50) { print(state.line) }
            // Into a file, too, it is seen at once.
            fflush(nil)
        }
        print(state.line)
        print(state.kinds)
        if !state.failed.isEmpty { throw ExitCode(1) }
    }

    /// The trace goes to standard output, and what was found to the end of it.
    private func replay(_ seed: UInt64) async throws {
        let outcome = await Simulation.run(seed: seed, root: Self.root, listener: { print($0) })
        let again = await Simulation.run(seed: seed, root: Self.root)
        print("digest \(String(outcome.digest, radix: 16)), again \(String(again.digest, radix: 16))")
        for finding in outcome.findings { print("BROKEN \(finding)") }
        if !outcome.findings.isEmpty || outcome.digest != again.digest { throw ExitCode(1) }
    }

    /// The order of sets and dictionaries is part of a run, and is decided when the process starts.
    private static func makeHashingRepeatable() throws {
        guard ProcessInfo.processInfo.environment[repeatable] == nil else { return }
        setenv(repeatable, "1", 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        execv("/proc/self/exe", arguments)
        throw ValidationError("this program could not be started again with \(repeatable)=1")
    }
}

/// What has come of the runs so far.
private struct Totals {
    var runs = 0
    var failed: [UInt64] = []
    var executions = 0
    var steps = 0
    var onSQLite = 0
    var counts: [String: Int] = [:]
    private let started = ProcessInfo.processInfo.systemUptime

    mutating func add(_ outcome: Simulation.Outcome) {
        runs += 1
        executions += outcome.executions
        steps += outcome.steps
        if outcome.isOnSQLite { onSQLite += 1 }
        counts.merge(outcome.counts, uniquingKeysWith: +)
        guard !outcome.findings.isEmpty else { return }
        failed.append(outcome.seed)
        print("seed \(outcome.seed) failed; replay it with: make simulate SEED=\(outcome.seed)")
        for finding in outcome.findings.prefix(8) { print("    \(finding)") }
        if outcome.findings.count > 8 { print("    and \(outcome.findings.count - 8) more") }
    }

    var line: String {
        let seconds = Int(ProcessInfo.processInfo.systemUptime - started)
        return "\(runs) seeds in \(seconds) s (\(onSQLite) on SQLite), \(executions) executions, \(steps) jobs, "
            + "\(failed.count) failed"
    }

    var kinds: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
