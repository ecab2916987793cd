package import AWSClient
import Engine
import Enforcement
package import Logging
package import WallTime

/// Reads all sources, each on its own, so that one that fails holds up no other.
package struct SourceReader: Sendable {
    private let sources: [SourceSettings]
    private let client: AWSClient
    private let desk: IngestDesk
    private let clock: WallClock
    private let randomFraction: @Sendable () -> Double
    private let logger: Logger

    /// - Parameter randomFraction: a number from 0 up to but not including 1, for the jitter of waiting.
    package init(
        sources: [SourceSettings], client: AWSClient, desk: IngestDesk, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.sources = sources
        self.client = client
        self.desk = desk
        self.clock = clock
        self.randomFraction = randomFraction
        self.logger = logger
    }

    /// Reads until the task is cancelled; then what was received is brought to its end, and large objects are left where
    /// they are.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { await follow(source) } }
        }
        // Without sources there is nothing to do, which is no reason to end.
        while !Task.isCancelled {
            do { try await clock.pause(for: .seconds(3600)) } catch { return }
        }
    }

    private func follow(_ source: SourceSettings) async {
        let stopping = Stopping()
        await withTaskCancellationHandler {
            await follow(source, stopping)
        } onCancel: {
            stopping.stop()
        }
    }

    private func follow(_ source: SourceSettings, _ stopping: Stopping) async {
        var backoff = Backoff()
        let trouble = LogLimiter()
        while !Task.isCancelled {
            var pause: Duration
            do {
                pause = try await poll(source, stopping)
                backoff.reset()
            } catch {
                if Task.isCancelled || error is CancellationError { return }
                pause = backoff.next(randomFraction())
                await tell(error, source.origin, trouble)
            }
            guard pause > .zero else { continue }
            // Only a cancellation ends the pause early.
            do { try await clock.pause(for: pause) } catch { return }
        }
    }

    /// - Returns: how long to wait before the next look.
    private func poll(_ source: SourceSettings, _ stopping: Stopping) async throws -> Duration {
        let origin = source.origin
        switch source.place {
        case .queue(let settings):
            let client = try regional(settings.region ?? settings.regionOfURL)
            try await QueueSource(
                settings: settings, origin: origin, client: client, desk: desk, clock: clock, logger: logger,
                stopping: stopping
            ).poll()
            return .zero
        case .bucket(let settings):
            try await BucketSource(
                settings: settings, origin: origin, client: try regional(settings.region), desk: desk, clock: clock,
                stopping: stopping
            ).poll()
            return settings.every
        case .directory(let settings):
            try await DirectorySource(
                settings: settings, origin: origin, desk: desk, clock: clock, stopping: stopping
            ).poll()
            return settings.every
        }
    }

    private func regional(_ region: String?) throws(AWSConfigurationError) -> AWSClient {
        guard let region else { return client }
        return try client.inRegion(region)
    }

    private func tell(_ error: any Error, _ origin: IngestOrigin, _ trouble: LogLimiter) async {
        guard trouble.admit(at: clock.now()) != nil else { return }
        logger.error(
            "an ingest source could not be read; trying again",
            metadata: ["source": "\(origin.name)", "error": "\(error)"])
        do {
            try await desk.noteTrouble("\(error)", origin)
        } catch {
            // The list of sources goes on showing an older trouble, or none.
            logger.error(
                "the trouble of an ingest source could not be noted",
                metadata: ["source": "\(origin.name)", "error": "\(error)"])
        }
    }
}
