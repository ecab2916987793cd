import ArgumentParser
import Engine
import Glibc
import JSONModel
import SQLiteStore
import WallTime

/// Whether an execution costs more where many have gone before: chains, measured again and again as the history grows.
struct Growth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The cost of an execution as the history grows.")

    @OptionGroup var place: Place
    @Option(parsing: .upToNextOption, help: "Events in the history at which to measure, in order.")
    var events = [0, 1_000_000, 10_000_000]
    @Option(help: "Seconds of each of three measurements, of which the middle one counts.") var seconds = 3.0

    func run() async throws {
        let bench = try await EngineBench(directory: place.directory)
        var chain = Chain()
        (chain.kind, chain.states, chain.inFlight, chain.seconds) = (.task, 10, 64, seconds)
        try await bench.apply("chain", chain.definition)
        let pattern = try await onePattern(bench)
        var written = pattern.events
        var curve: [JSONValue] = []
        for goal in events.sorted() {
            while written < goal { written += try await fill(bench, pattern) }
            // What filling has left for the kernel to write out is not the cost of an execution.
            sync()
            _ = try await chain.measure(bench, seconds / 3)
            var row = try await middle(chain, bench)
            row["events"] = .int(Int64(written))
            curve.append(.object(row))
            print(JSONValue.object(row).jsonString)
        }
        await bench.close()
    }

    /// The measurement whose processor time is between the others': a single one may have met with what else the
    /// machine does.
    private func middle(_ chain: Chain, _ bench: EngineBench) async throws -> JSONObject {
        var rows: [JSONObject] = []
        for _ in 0..<3 { rows.append(try await chain.measure(bench, seconds).objectValue ?? [:]) }
        let cost = { (row: JSONObject) in row["us_cpu_per_step"]?.doubleValue ?? 0 }
        return rows.sorted { cost($0) < cost($1) }[1]
    }

    /// What one execution of the chain leaves behind.
    private struct Pattern: Sendable {
        let version: StateMachineVersionID
        let records: [[UInt8]]
        let events: Int
    }

    private func onePattern(_ bench: EngineBench) async throws -> Pattern {
        try await bench.runToEnd("chain", input: ["a": 1])
        let page = try await bench.engine.executions(ExecutionQuery(limit: 1))
        guard let one = page.executions.first else { throw NothingToCopy() }
        let records = try await bench.store.read { try $0.journal(one.id) }
        let events = try await bench.engine.history(one.id).count
        return Pattern(version: one.version, records: records, events: events)
    }

    private struct NothingToCopy: Error, CustomStringConvertible {
        var description: String { "the execution that was to be copied is not in the store" }
    }

    /// Many copies of the execution, ended, in one transaction each thousand.
    private func fill(_ bench: EngineBench, _ pattern: Pattern) async throws -> Int {
        let copies = 1000
        try await bench.store.write { transaction in
            for _ in 0..<copies {
                let now = WallClock.system.now()
                let id = try transaction.insertExecution(
                    NewExecution(
                        stateMachine: "chain", version: pattern.version, name: bench.engine.core.executionName(at: now),
                        workflow: nil, startedAt: now, qualifier: ExecutionQualifier()))
                for record in pattern.records { try transaction.appendJournal(id, record: record) }
                try transaction.finishExecution(
                    id, status: .succeeded, at: WallClock.system.now(), error: nil, cause: nil)
            }
        }
        return copies * pattern.events
    }
}
