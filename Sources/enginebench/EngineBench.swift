import Engine
import Foundation
import JSONModel
import Logging
import SQLiteStore
import StatesLanguage
import WallTime

/// An engine on a store of its own, with one step that does nothing.
final class EngineBench: Sendable {
    let store: SQLiteStore
    let engine: Engine<SQLiteStore>
    private let running: Task<Void, any Error>

    init(
        directory: String, steps: [String: Step<SQLiteTransaction>] = [:], clock: WallClock = .system,
        options: SQLiteStoreOptions = SQLiteStoreOptions()
    ) async throws {
        var logger = Logger(label: "enginebench")
        logger.logLevel = .warning
        store = try SQLiteStore.open(directory: directory, options: options, logger: logger)
        let noop: [String: Step<SQLiteTransaction>] = ["noop": Step(perform: { _, input in input })]
        engine = Engine(
            store: store, clock: clock, steps: steps.merging(noop) { $1 }, seed: .random(in: 0...(.max)),
            logger: logger)
        running = Task { [engine] in try await engine.run() }
    }

    func apply(_ name: String, _ definition: String) async throws {
        _ = try await engine.applyStateMachine(name: name, source: definition)
    }

    /// Starts an execution and returns when it has ended.
    func runToEnd(_ machine: String, input: JSONValue) async throws {
        let record = try await engine.startExecution(stateMachine: machine, name: nil, input: input)
        guard record.status == .running else { return }
        let ended = try await engine.waitUntilFinished(record.id, deadline: record.startedAt + .seconds(600))
        guard ended.status == .succeeded else { throw NotSucceeded(record: ended) }
    }

    func isBusy(_ machine: String) async throws -> Bool {
        let query = ExecutionQuery(stateMachine: machine, statuses: [.running], limit: 1)
        return try await !engine.executions(query).executions.isEmpty
    }

    func close() async {
        await engine.drain(deadline: .seconds(10))
        running.cancel()
        // What it takes up after a restart needs the store to its end.
        _ = await running.result
        await store.close()
    }
}

struct NotSucceeded: Error {
    let record: ExecutionRecord
}

/// What this process and its store have used so far.
struct Usage {
    var cpu: Double
    /// Processor seconds of the thread that writes; 0 where the kernel doesn't tell.
    var writer: Double
    var commits: Int
    var databaseBytes: Int64
    var bytesWritten: Int64

    static func now(_ bench: EngineBench) -> Usage {
        let statistics = bench.store.statistics
        return Usage(
            cpu: processorSeconds(), writer: threadSeconds("steward-writer"), commits: statistics.commits,
            databaseBytes: statistics.databaseBytes + statistics.logBytes, bytesWritten: ioBytesWritten())
    }

    func since(_ before: Usage) -> Usage {
        Usage(
            cpu: cpu - before.cpu, writer: writer - before.writer, commits: commits - before.commits,
            databaseBytes: databaseBytes - before.databaseBytes, bytesWritten: bytesWritten - before.bytesWritten)
    }

    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// 0 for a thread that has ended, and where the kernel has no such files: a figure that no run comes to.
    private static func threadSeconds(_ name: String) -> Double {
        let tasks = "/proc/self/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        let named = threads.filter { thread in
            (try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)) == name + "\n"
        }
        return named.reduce(0) { sum, thread in
            let text = (try? String(contentsOfFile: "\(tasks)/\(thread)/schedstat", encoding: .utf8)) ?? ""
            return sum + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
        }
    }

    /// What `write` calls have handed to the system, sockets and files alike.
    private static func ioBytesWritten() -> Int64 { field("wchar:", of: "/proc/self/io") }

    static var residentBytes: Int64 { field("VmRSS:", of: "/proc/self/status") * 1024 }

    private static func field(_ name: String, of file: String) -> Int64 {
        // Not every kernel has these files; then the figure is 0, which no run comes to.
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int64($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? 0
    }
}
