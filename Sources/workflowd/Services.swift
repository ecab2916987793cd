import Engine
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
