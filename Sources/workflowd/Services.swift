import Engine
import JSONModel
import SQLiteStore
import ServiceLifecycle
import StatesAPI

/// The engine as a service: a graceful shutdown drains it.
struct EngineService<Store: ExecutionStore>: Service {
    let engine: Engine<Store>
    let drain: Duration

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await engine.run()
        } onGracefulShutdown: {
            Task { await engine.drain(deadline: drain) }
        }
        await engine.drain(deadline: drain)
    }
}

/// Has polls and reports answered as soon as the daemon shuts down, since the server waits for all answers: to be named
/// last, so that it is told first.
struct PollService<Store: ExecutionStore>: Service {
    let engine: Engine<Store>

    func run() async throws {
        // Cancelled without a shutdown: the whole group ends at once, and polls with it.
        do { try await gracefulShutdown() } catch is CancellationError { return }
        engine.endPolls()
        engine.endSurveys()
    }
}

/// Work that is cancelled when the daemon shuts down.
struct BackgroundService: Service {
    let work: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await work() }
        } catch is CancellationError {
            return
        }
    }
}

extension StoreStatistics {
    /// The figures as `GET /api/v1/status` shows them.
    var rendered: JSONValue {
        [
            "commits": .int(Int64(commits)), "failedCommits": .int(Int64(failedCommits)), "writes": .int(Int64(writes)),
            "largestCommit": .int(Int64(largestCommit)), "waitingWrites": .int(Int64(waitingWrites)),
            "longestCommitMilliseconds": .int(Int64(longestCommitNanoseconds / 1_000_000)),
            "databaseBytes": .int(databaseBytes), "logBytes": .int(logBytes),
            "lastFailure": lastFailure.map(JSONValue.string) ?? .null,
        ]
    }
}

extension DaemonReport.Health {
    var name: String {
        switch self {
        case .ok: "ok"
        case .draining: "draining"
        case .failing: "failing"
        }
    }
}

extension Result where Failure == any Error {
    init(_ work: () async throws -> Success) async {
        do {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
