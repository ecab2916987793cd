import AWSClient
import AWSTasks
import ActivityWorker
import ArgumentParser
import Engine
import Foundation
import Logging
import ServiceLifecycle
import StatesLanguage
import UnixSignals
import WallTime

/// `workflowd worker`.
struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carry out steps for a Step Functions endpoint: another workflowd, or AWS.",
        discussion: """
            Serves the steps that touch IAM: \(Worker.names.joined(separator: ", ")). The steps that touch only \
            Steward's own tables stay with the daemon that owns them. The daemon leaves a step to workers when it is \
            named in `steps.remote` of its configuration, or with --remote-steps.

            Calls are signed as every AWS tool signs them (AWS_ACCESS_KEY_ID, AWS_PROFILE, …), those to the endpoint \
            and those to IAM; a key for the endpoint alone comes from STEWARD_ACCESS_KEY_ID and \
            STEWARD_SECRET_ACCESS_KEY. SIGTERM ends the polls; steps under way end within --drain seconds, then the \
            exit code is 0. The reserve of principals that nobody may suspend is read from --config, and again on SIGHUP; \
            any other change of that file needs a restart.

            Example: workflowd worker --endpoint https://steward.example.com --activities take-away-access
            """)

    static let names = [
        "back-up-access", "give-back-access", "take-away-access", "verify-access-back", "verify-access-gone",
    ]

    @Option(help: ArgumentHelp("Default: AWS_ENDPOINT_URL_SFN, or AWS itself.", valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The daemon's settings: budgets.breakGlass, access.suspensionTags.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("What to serve, separated by commas (default: all that it can).", valueName: "names"))
    var activities: String?

    @Option(help: "Tasks of one activity at a time.") var concurrency = 4
    @Option(help: ArgumentHelp("How often a step at work says so.", valueName: "seconds")) var heartbeat = 10
    @Option(help: ArgumentHelp("How long SIGTERM waits for steps.", valueName: "seconds")) var drain = 20
    @Option(help: "Shown in histories (default: host and process).") var name: String?
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel = "info"

    func validate() throws {
        guard (1...1000).contains(concurrency) else { throw ValidationError("--concurrency takes 1 to 1000.") }
        guard (1...3600).contains(heartbeat) else { throw ValidationError("--heartbeat takes 1 to 3600 seconds.") }
        guard (0...3600).contains(drain) else { throw ValidationError("--drain takes 0 to 3600 seconds.") }
        for name in chosen where !Self.names.contains(name) {
            throw ValidationError(
                "\(name) is no step that a worker can serve; those are \(Self.names.joined(separator: ", ")).")
        }
        if let endpoint, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") {
            throw ValidationError("--endpoint \(endpoint) is no URL; write it as https://HOST:PORT.")
        }
    }

    private var chosen: [String] {
        guard let activities else { return Self.names }
        return activities.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func run() async throws {
        let level = try DaemonConfiguration.level(logLevel, from: "--log-level")
        let logger = Logger(label: "worker") { label in
            LevelledLogHandler(StreamLogHandler(label: label, stream: LogStream.standardError)) { level }
        }
        do {
            let file = config ?? ProcessInfo.processInfo.environment["STEWARD_CONFIG"]
            let settings = try Self.settings(of: file)
            let reserve = LockedBox(Set(settings.budgets.breakGlass))
            let worker = try worker(settings, sparing: reserve, logger)
            let signals = SignalService { [logger] in Self.read(file, again: reserve, logger) }
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [WorkerService(worker: worker, drain: .seconds(drain)), signals],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            try await group.run()
            logger.notice("the worker has stopped")
            await LogStream.standardError.finish(clock: .system)
        } catch let error as AWSError {
            throw await fail("the endpoint refuses this worker: \(error)")
        } catch let error as DaemonError {
            throw await fail(error.description)
        }
    }

    private func worker(
        _ settings: DaemonConfiguration, sparing reserve: LockedBox<Set<String>>, _ logger: Logger
    ) throws -> ActivityWorker {
        let environment = ProcessInfo.processInfo.environment
        let clock = WallClock.system
        let aws = try Daemon.aws(environment, clock, logger)
        let access = IAMAccess(
            client: aws, clock: clock, untouchable: { reserve.withLock { $0 } },
            tags: settings.access.suspensionTags)
        let performs = IAMSteps(access: access).performs.filter { chosen.contains($0.key) }
        var options = ActivityWorker.Options(
            name: name ?? "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)")
        options.concurrency = concurrency
        options.heartbeat = .seconds(heartbeat)
        return ActivityWorker(
            endpoint: ActivityEndpoint(client: try Daemon.aws(endpointEnvironment(environment), clock, logger)),
            performs: performs, options: options, clock: clock, randomFraction: { Double.random(in: 0..<1) },
            faults: try CrashSeam.faults(environment: environment), logger: logger)
    }

    /// The same settings as the daemon's: whom a step refuses to touch, and how it tags those whose access it takes.
    private static func settings(of file: String?) throws -> DaemonConfiguration {
        var settings = DaemonConfiguration()
        guard let file else { return settings }
        do {
            try settings.read(file: file)
        } catch let error as ConfigurationError {
            throw DaemonError(error.description)
        }
        return settings
    }

    /// Takes the reserve as the file has it now; one that can't be read changes nothing.
    private static func read(_ file: String?, again reserve: LockedBox<Set<String>>, _ logger: Logger) {
        do {
            let spared = Set(try settings(of: file).budgets.breakGlass)
            reserve.withLock { $0 = spared }
            logger.notice("SIGHUP: the reserve was read again", metadata: ["principals": "\(spared.count)"])
        } catch {
            logger.error(
                "SIGHUP: the settings were refused; the reserve from before stays", metadata: ["problem": "\(error)"])
        }
    }

    /// The environment as the calls to the endpoint see it.
    private func endpointEnvironment(_ environment: [String: String]) -> [String: String] {
        var environment = environment
        if let endpoint { environment["AWS_ENDPOINT_URL_SFN"] = endpoint }
        if let id = environment["STEWARD_ACCESS_KEY_ID"], let secret = environment["STEWARD_SECRET_ACCESS_KEY"] {
            environment["AWS_ACCESS_KEY_ID"] = id
            environment["AWS_SECRET_ACCESS_KEY"] = secret
            environment["AWS_SESSION_TOKEN"] = nil
        }
        return environment
    }

    private func fail(_ message: String) async -> ExitCode {
        LogStream.standardError.write("workflowd worker: \(message)\n")
        await LogStream.standardError.finish(clock: .system)
        return ExitCode(1)
    }
}

/// The worker as a service: a graceful shutdown ends its polls.
private struct WorkerService: Service {
    let worker: ActivityWorker
    let drain: Duration

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await worker.run(drain: drain) }
        } catch is CancellationError {
            return
        }
    }
}

/// Does something on each SIGHUP, which would otherwise end the process in the middle of a step.
private struct SignalService: Service {
    let act: @Sendable () -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { act() }
        }
    }
}
