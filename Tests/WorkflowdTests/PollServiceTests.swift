import Engine
import Logging
import ServiceLifecycle
import TestKit
import Testing
import WallTime

@testable import workflowd

@Suite struct PollServiceTests {
    @Test func reportsEndBeforeTheServerIsToldToWaitForThem() async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = VirtualClock().wallClock
        let engine = Engine(store: MemoryStore(), clock: clock, seed: 7, logger: quiet)
        let isRunning = Gate()
        let ends = Guarded<[String]>([])
        let server = BackgroundService {
            isRunning.open()
            defer { ends.withLock { $0.append("server") } }
            try await clock.pause(for: .seconds(60))
        }
        let polls = PollService(engine: engine, endSurveys: { ends.withLock { $0.append("reports") } })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server, polls], logger: quiet))
        let running = Task { try await group.run() }
        await isRunning.wait()
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(ends.withLock { $0 } == ["reports", "server"])
    }
}
