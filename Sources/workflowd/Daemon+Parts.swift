import AWSClient
import AWSTasks
import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import Logging
import Notifications
import SQLiteStore
import StatesAPI
import WallTime

/// The parts of a daemon that are made of settings.
extension Daemon {
    /// The machine's clock, unless a rehearsal brings its own.
    static func clock(_ environment: [String: String], _ logger: Logger) throws -> WallClock {
        guard let clock = try RehearsalClock.clock(environment: environment) else { return .system }
        logger.warning("this is a rehearsal: a file sets the clock", metadata: ["now": "\(clock.now().iso8601)"])
        return clock
    }

    /// With no more connections than there may be descriptors: whoever accepts the next one without any tries for ever, and
    /// neither files nor the database can be opened.
    static func limits(_ limits: ListenerLimits, _ logger: Logger) -> ListenerLimits {
        var limits = limits
        let descriptors = Descriptors.raiseLimit(forConnections: limits.connections)
        let possible = Descriptors.connections(limits.connections, of: descriptors)
        if possible < limits.connections {
            logger.warning(
                "fewer connections than limits.connections: raise the limit of open files (`ulimit -n`, LimitNOFILE)",
                metadata: ["connections": "\(possible)", "wanted": "\(limits.connections)", "files": "\(descriptors)"])
            limits.connections = possible
        }
        return limits
    }

    /// - Throws: `DaemonError` that says what to do.
    static func openStore(_ directory: String, clock: WallClock, logger: Logger) throws -> SQLiteStore {
        do {
            return try SQLiteStore.open(
                directory: directory, options: SQLiteStoreOptions(program: "workflowd", clock: clock), logger: logger)
        } catch {
            throw DaemonError(error.explanation)
        }
    }

    static func retention(
        _ running: LockedBox<DaemonConfiguration>, _ store: SQLiteStore, _ clock: WallClock, _ logger: Logger
    ) async throws -> RetentionService {
        RetentionService(
            retention: Retention(
                store: store, policy: { running.withLock { $0.retention.policy } }, clock: clock),
            settings: { running.withLock { $0.retention } },
            newest: try await store.read { try $0.auditEntries(subject: nil, limit: 1) }.first?.at, clock: clock,
            logger: logger)
    }

    static func aws(_ environment: [String: String], _ clock: WallClock, _ logger: Logger) throws -> AWSClient {
        let transport = HTTPTransport.curl()
        do throws(AWSConfigurationError) {
            let configuration = try AWSConfiguration(environment: environment)
            return AWSClient(
                configuration: configuration,
                credentials: .chain(
                    environment: environment, transport: transport, clock: clock,
                    onFailedRenewal: { error, end in
                        logger.warning(
                            "the AWS keys could not be renewed; those from before go on until they expire",
                            metadata: ["error": "\(error)", "expires": "\(end.iso8601)"])
                    }),
                transport: transport, clock: clock, randomFraction: { Double.random(in: 0..<1) })
        } catch {
            throw DaemonError(error.description)
        }
    }

    static func channels(
        _ configuration: DaemonConfiguration, _ aws: AWSClient, _ clock: WallClock, _ logger: Logger
    ) throws -> [Channel] {
        let transport = HTTPTransport.curl()
        return try configuration.notifications.channels.map { settings in
            do throws(AWSConfigurationError) {
                return try Channel(settings, aws: aws, transport: transport, clock: clock, logger: logger)
            } catch {
                throw ConfigurationError("notifications.channels: \(settings.name): \(error).")
            }
        }
    }

    /// Every step that this process serves: those that touch IAM, those that touch only Steward's tables, and the
    /// backup, which does both.
    static func steps(
        _ configuration: DaemonConfiguration, _ settings: CurrentSettings, _ access: IAMAccess,
        _ radar: Radar, _ aws: AWSClient, _ store: SQLiteStore
    ) -> [String: Step<SQLiteStore.Transaction>] {
        var steps: [String: Step<SQLiteStore.Transaction>] = DomainSteps.all(settings)
        for (name, perform) in IAMSteps(access: access).performs { steps[name] = Step(perform: perform) }
        let regions = configuration.prices.regions.isEmpty ? [aws.configuration.region] : configuration.prices.regions
        steps.merge(PriceWork(client: aws, regions: regions).steps(settings)) { $1 }
        steps["back-up-access"]?.record = DomainSteps.recordBackup(settings)
        steps["take-away-access"]?.record = DomainSteps.recordTaken(settings)
        for name in ["give-back-access", "remove-orphan-deny"] {
            steps[name]?.record = DomainSteps.recordTags(settings)
        }
        steps["look-for-bypass"] = Step(
            perform: { context, _ in
                let findings = await radar.look(at: context.now)
                // A look that was cut short by the daemon's end says nothing: the next process looks again.
                try await store.survey { _ in }
                return Radar.json(findings, at: context.now)
            },
            record: DomainSteps.recordBypass(settings))
        steps["compare-bill"] = BillComparison.step(settings)
        steps["summarise-day"] = DailySummary.step(reading: store, settings, zone: configuration.reporting.reports.zone)
        for name in configuration.remoteSteps { steps[name] = steps[name]?.performedElsewhere }
        return steps
    }

    /// What `budget plan` says of IAM; a principal that can't be read says why.
    static func previewAccess(_ access: IAMAccess) -> AccessPreview {
        { request, sessions, open in
            let principal = request.principal.id
            let identity: IAMIdentity
            switch principal.kind {
            case .user: identity = .user(principal.name)
            case .role: identity = .role(principal.name)
            case .federatedUser, .root:
                return ["error": .string("IAM can't take access from a \(principal.kind.rawValue)")]
            }
            do throws(TaskFailure) {
                let mode = SuspensionMode(rawValue: request.enforcement.rawValue) ?? .both
                let scope = sessions.map(AccessScope.sessions) ?? .whole
                return try await access.preview(identity, in: principal.account, mode: mode, scope: scope) { now in
                    open.flatMap { $0.stands(against: now) ? $0.backup.snapshot : nil }
                }
            } catch {
                return ["error": .string("\(error.error): \(error.cause)")]
            }
        }
    }

    /// What the admin API does in IAM, with the pace of the steps.
    static func identities(
        _ configuration: DaemonConfiguration, _ access: IAMAccess,
        tiers: @escaping @Sendable () -> [String: NanoDollars]
    ) -> IdentityDesk {
        let directory = IAMDirectory(access: access, policyARN: configuration.access.policyARN)
        let mayChange = configuration.features.isOn(.provisioning)
        return IdentityDesk(tiers: tiers, mayChange: mayChange) { operation, input in
            try await directory.perform(operation, input)
        }
    }

    /// Why nothing can listen there, from the words of the network's libraries.
    private static func unusable(_ text: String) -> String? {
        if text.contains("Address already in use") || text.contains("errno: 98") {
            return "is in use by another program"
        }
        guard text.contains("bind(") || text.contains("UnknownHost") else { return nil }
        if text.contains("errno: 99") { return "is no address of this machine" }
        if text.contains("errno: 13") { return "is not for this user, as ports below 1024 are not" }
        return text.contains("UnknownHost") ? "names a host that nobody knows" : nil
    }

    static func explain(_ error: any Error, listen: ListenAddress? = nil) -> String {
        let text = "\(error)"
        if let listen, let reason = unusable(text) {
            return "\(listen) \(reason); choose another address with --listen."
        }
        if let error = error as? StoreError { return error.explanation }
        return text
    }
}
