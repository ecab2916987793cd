import Engine
import Logging
import ServiceLifecycle
import TestKit
import Testing
import WallTime

@testable import workflowd

@Suite struct PollServiceTests {
    /// A store that says when its surveys were ended.
    private struct Surveyed: ExecutionStore {
        let base = MemoryStore()
        let ends: Guarded<[String]>

        func write<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.write(body)
        }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (MemoryTransaction) throws -> Result
        ) async throws -> Result {
            try await base.read(body)
        }

        func endSurveys() { ends.withLock { $0.append("reports") } }
    }

    @Test func reportsEndBeforeTheServerIsToldToWaitForThem() async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = VirtualClock().wallClock
        let ends = Guarded<[String]>([])
        let engine = Engine(store: Surveyed(ends: ends), clock: clock, seed: 7, logger: quiet)
        let isRunning = Gate()
        let server = BackgroundService {
            isRunning.open()
            defer { ends.withLock { $0.append("server") } }
            try await clock.pause(for: .seconds(60))
        }
        let polls = PollService(engine: engine)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server, polls], logger: quiet))
        let running = Task { try await group.run() }
        await isRunning.wait()
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(ends.withLock { $0 } == ["reports", "server"])
    }
}
