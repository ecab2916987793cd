import AWSClient
import AWSTasks
import Budgets
import Engine
import Enforcement
import Foundation
import Hummingbird
import HummingbirdCore
import Ingestion
import JSONModel
import Logging
import Notifications
import SQLiteStore
import ServiceLifecycle
import StatesAPI
import StatesLanguage
import UnixSignals
import WallTime

/// Why the daemon can't start or go on; says what to do.
struct DaemonError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The composition root: every part, in the order in which they need each other.
struct Daemon {
    /// As it was at the start. What may change while the daemon runs is asked of `settings`, and of enforcement's.
    private let configuration: DaemonConfiguration
    private let settings: SettingsKeeper
    private let logger: Logger
    private let clock: WallClock
    private let store: SQLiteStore
    private let engine: Engine<SQLiteStore>
    private let wire: WireAPI<SQLiteStore>
    private let enforcement: EnforcementService<SQLiteStore>
    private let delivery: OutboxDelivery<SQLiteStore>
    private let notifications: NotificationDesk
    private let loader: DefinitionLoader
    private let keys: KeyRing
    private let watch: StoreWatch
    private let retention: RetentionService
    private let previewAccess: AccessPreview
    private let identities: IdentityDesk
    private let radar: Radar
    private let account: AccountCheck
    private let sources: SourceReader
    private let prices: PriceKeeper
    private let startedAt: Instant

    /// Opens the store, loads the definitions, and connects everything. Nothing runs yet.
    /// - Parameters:
    ///   - running: the settings in force, which are exchanged when they are read again.
    ///   - source: where they are read.
    /// - Throws: `DaemonError`, `ConfigurationError`.
    init(running: LockedBox<DaemonConfiguration>, source: SettingsSource, logger: Logger) async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = running.withLock { $0 }
        self.configuration = configuration
        self.logger = logger
        clock = try Self.clock(environment, logger)
        startedAt = clock.now()
        store = try Self.openStore(configuration.data, clock: clock, logger: logger)
        keys = KeyRing(
            storage: KeyStorage(store), box: try SecretFile.accessKeys(configuration.data), clock: clock)
        try await keys.reload()
        let aws = try Self.aws(environment, clock, logger)
        let settings = CurrentSettings(try EnforcementSettings(configuration, region: aws.configuration.region))
        var options = EngineOptions(
            account: configuration.account, region: configuration.region ?? aws.configuration.region)
        options.tokenSecret = try SecretFile.taskTokens(configuration.data)
        let access = IAMAccess(
            client: aws, clock: clock, untouchable: { running.withLock { Set($0.budgets.breakGlass) } },
            tags: configuration.access.suspensionTags)
        identities = Self.identities(configuration, access, tiers: { running.withLock { $0.access.tiers } })
        account = AccountCheck(client: aws)
        radar = Self.radar(configuration, settings, aws, store, since: startedAt)
        let states = StatesIntegration<SQLiteStore>()
        engine = Engine(
            store: store, clock: clock, steps: Self.steps(configuration, settings, access, radar, aws, store),
            resources: [
                states, MapData(client: aws), AWSIntegrations(client: aws),
                HTTPIntegration(
                    transport: .curl(), connections: configuration.http.connections,
                    allowsLocalAddresses: configuration.http.allowsLocalAddresses, region: options.region),
            ],
            redrivers: [.notification: { try UndeliveredNotice.redrive($1, at: $0.now, $0.transaction) }],
            options: options, seed: UInt64.random(in: .min ... .max),
            faults: try CrashSeam.faults(environment: environment), logger: logger)
        let filesOfMachines = LockedBox<[String: String]>([:])
        wire = WireAPI(
            engine: engine, clock: clock, quotas: configuration.quotas,
            fileOfMachine: { name in filesOfMachines.withLock { $0[name] } })
        states.connect(wire)
        enforcement = EnforcementService(engine: engine, settings: settings)
        previewAccess = Self.previewAccess(access)
        prices = PriceKeeper(
            prices: PriceService(engine: engine, settings: settings), clock: clock, logger: logger)
        try await prices.prices.refresh()
        retention = try await Self.retention(running, store, clock, logger)
        watch = StoreWatch(
            store: store, engine: engine, directory: configuration.data,
            files: ["", "-wal", "-shm"].compactMap { [store] in FileIdentity(path: store.path + $0) },
            lock: FileIdentity(path: store.lockPath),
            reserve: { running.withLock { Int64($0.diskReserveMiB) << 20 } }, clock: clock, logger: logger)
        let channels = try Self.channels(configuration, aws, clock, logger)
        notifications = Self.notifications(configuration.notifications, channels, clock: clock)
        delivery = OutboxDelivery(
            store: store, channels: channels, attempts: configuration.notifications.attempts, clock: clock,
            logger: logger)
        sources = SourceReader(
            sources: configuration.ingest.sources, client: aws,
            desk: IngestDesk(enforcement) { [delivery] in delivery.wake() }, clock: clock,
            randomFraction: { Double.random(in: 0..<1) }, logger: logger)
        loader = DefinitionLoader(
            engine: engine, stateMachines: configuration.stateMachines, workflows: configuration.workflows,
            off: configuration.features.offWorkflows, owners: filesOfMachines, logger: logger)
        self.settings = SettingsKeeper(
            source: source, running: running, enforcement: settings, engine: engine, logger: logger,
            check: { [clock] in _ = try Self.channels($0, aws, clock, logger) })
    }

    /// Runs until SIGTERM or SIGINT; then what is under way is recorded, and the store is closed.
    func run() async throws {
        try await makeActivities()
        try await loader.load(force: true)
        if configuration.access.reconcilesAtStart { try await announceStart() }
        try await enforcement.expect(configuration.ingest.sources.map(\.origin))
        sayHowCallersAreKnown()
        sayWhatIsOff()
        let (limits, listener, name) = (Self.limits(configuration.listenerLimits, logger), listener(), "Steward")
        let application = Application(
            responder: listener,
            server: HTTPServerBuilder { responder in
                LoopBoundConnections(responder, listener: listener, limits: limits, serverName: name)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.listen.host, port: configuration.listen.port), serverName: name,
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            onServerRunning: { [logger, configuration] channel in
                logger.notice(
                    "workflowd is ready",
                    metadata: [
                        "address": "\(channel.localAddress.map { "\($0)" } ?? "\(configuration.listen)")",
                        "version": "\(stewardVersion)", "data": "\(configuration.data)",
                    ])
            }, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    EngineService(engine: engine, drain: .seconds(configuration.drainSeconds)),
                    BackgroundService { await delivery.run() },
                    BackgroundService { try await watch.run() },
                    BackgroundService { try await retention.run() },
                    BackgroundService { await sources.run() },
                    BackgroundService { try await watchSources() },
                    BackgroundService { try await prices.run() },
                    BackgroundService { try await keepOwnIdentity() },
                    BackgroundService { try await reload() },
                    application, PollService(engine: engine),
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        let result = await Result { try await group.run() }
        await store.close()
        do {
            try result.get()
        } catch {
            throw DaemonError(Self.explain(error, listen: configuration.listen))
        }
        logger.notice("workflowd has stopped")
    }

    /// Tells the bus that the daemon has started: the reconciliation listens.
    private func announceStart() async throws {
        let options = engine.options
        _ = try await engine.transact { work in
            try work.publish(
                BusEvent(
                    id: "daemon-started/\(work.now.milliseconds)", source: "steward.daemon",
                    detailType: "Daemon Started", at: work.now, account: options.account, region: options.region,
                    detail: ["version": .string(stewardVersion)]))
        }
    }

    /// The activities that workers elsewhere poll for this daemon's remote steps.
    private func makeActivities() async throws {
        let names = configuration.remoteSteps
        guard !names.isEmpty else { return }
        try await engine.transact { work in
            for name in names where try work.transaction.activity(named: name) == nil {
                try work.transaction.insertActivity(
                    ActivityRecord(name: name, encryption: nil, createdAt: work.now))
            }
        }
    }

    /// Tells people of ingest sources that have fallen silent.
    private func watchSources() async throws {
        while true {
            try await clock.pause(for: .seconds(60))
            do {
                if try await !enforcement.checkIngest().isEmpty { delivery.wake() }
            } catch {
                logger.warning("the ingest sources could not be looked at", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Learns in the background who Steward is in AWS: a start does not wait for STS.
    private func keepOwnIdentity() async throws {
        try await enforcement.settings.ownIdentity.keep(clock: clock, asking: { try await account.callerARN() }) {
            news in
            switch news {
            case .learned(let principal):
                logger.notice("Steward's own identity is known", metadata: ["arn": "\(principal.arn)"])
            case .failed(let problem):
                logger.warning(
                    "Steward's own identity is not known; STS is asked again", metadata: ["problem": "\(problem)"])
            }
        }
    }

    /// Reads the settings and the YAML anew on SIGHUP, and the YAML within a second of a change.
    private func reload() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sighup) {
                    logger.notice("SIGHUP: reading the settings, loading state machines and workflows")
                    // What is wrong with the settings is in the log and in the status; the rest is loaded all the same.
                    do { _ = try await settings.reload(by: SettingsKeeper.signalActor) } catch {}
                    await load(force: true)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    // What can't be loaded is tried again, and told, less often.
                    let isLoaded = await load(force: false)
                    try await clock.pause(for: .seconds(isLoaded ? 1 : 10))
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// A folder that vanished does not stop what is loaded.
    /// - Returns: whether all is loaded that is there.
    @discardableResult
    private func load(force: Bool) async -> Bool {
        do {
            try await loader.load(force: force)
            return true
        } catch {
            logger.error("the definitions could not be loaded", metadata: ["problem": "\(error)"])
            return false
        }
    }

    /// The admin API and the Step Functions API on one listener.
    private func router() -> Router<APIContext> {
        let admin = AdminAPI(
            engine: engine, enforcement: enforcement, wakeDelivery: { delivery.wake() }, keys: keys,
            maintenance: StoreMaintenance(store), retention: retention.desk, previewAccess: previewAccess,
            identities: identities, radar: radar, notifications: notifications, settings: settings.desk,
            reports: configuration.reporting.reports, runtimeMetrics: { [self] in runtimeMetrics() },
            report: { [self] in await report() })
        return admin.router()
    }

    /// What stands before all routes.
    private func listener() -> Listener<SQLiteStore, RouterResponder<APIContext>> {
        let authenticator = configuration.authentication == .required ? Authenticator(ring: keys, logger: logger) : nil
        return Listener(
            wire, router().buildResponder(), authenticator: authenticator, pushKeys: configuration.ingest.pushKeys,
            limits: configuration.limits, account: configuration.account, isBehindProxy: configuration.isBehindTLSProxy,
            queuedWrites: { store.waitingWrites },
            openPaths: configuration.reporting.hasOpenMetrics ? ["/metrics"] : [])
    }

    private func runtimeMetrics() -> [MetricFamily] {
        let settings = settings.current
        return RuntimeMetrics(
            store: store.statistics, pollers: engine.pollerCount, startedAt: startedAt,
            isHealthy: watch.trouble == nil && !engine.isDraining, hasValidSettings: settings.problem == nil,
            settingsAfterRestart: settings.afterRestart.count
        ).families
    }

    private func sayHowCallersAreKnown() {
        if configuration.authentication == .off {
            logger.warning("authentication is off: whoever reaches this machine's loopback address may do everything")
        } else if !keys.all.contains(where: { $0.revokedAt == nil }) {
            logger.warning(
                "nobody can call yet: stop the daemon and make a key with `workflowd key create NAME --data DIR`")
        }
    }

    private func sayWhatIsOff() {
        guard !configuration.features.off.isEmpty else { return }
        let names = configuration.features.off.map(\.rawValue).sorted().joined(separator: ", ")
        logger.notice("parts are turned off (features)", metadata: ["off": "\(names)"])
    }

    private func report() async -> DaemonReport {
        let problems = await loader.problems
        let figures = store.statistics
        var health = DaemonReport.Health.ok
        if let reason = watch.trouble { health = .failing(reason: reason) }
        if engine.isDraining { health = .draining }
        return DaemonReport(
            health: health, version: stewardVersion,
            details: [
                "health": .string(health.name), "pid": .int(Int64(ProcessInfo.processInfo.processIdentifier)),
                "startedAt": .string(startedAt.iso8601),
                // Whoever asks stands in another directory.
                "data": .string(URL(fileURLWithPath: configuration.data).standardizedFileURL.path),
                "store": figures.rendered, "problems": .array(problems.map(\.apiJSON)),
                "polls": .int(Int64(engine.pollerCount)),
                "off": .array(configuration.features.off.map(\.rawValue).sorted().map(JSONValue.string)),
                "identity": enforcement.settings.ownIdentity.json, "settings": .object(settings.json),
            ])
    }
}
