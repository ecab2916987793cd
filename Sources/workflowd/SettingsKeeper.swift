import Engine
import Enforcement
import JSONModel
import Logging
import SQLiteStore
import StatesAPI
import WallTime

/// Reads the settings again while the daemon runs, and takes what can be taken without a restart.
///
/// Settings that can't be read, or could not be started with, change nothing. What is taken stands in the audit log before
/// it is in force.
actor SettingsKeeper {
    private let source: SettingsSource
    /// What held at the start, and still does of all that is read only then.
    private let started: DaemonConfiguration
    private let running: LockedBox<DaemonConfiguration>
    private let enforcement: CurrentSettings
    private let engine: Engine<SQLiteStore>
    /// What a start would find wrong besides, without touching anything.
    private let check: @Sendable (DaemonConfiguration) throws -> Void
    private let logger: Logger
    private let state: LockedBox<State>
    private var reloads = TaskQueue()

    /// What the last reading has shown.
    struct State: Sendable {
        var readAt: Instant
        /// Why the settings were refused; nil when they were not.
        var problem: String?
        /// Settings that were changed and hold after a restart.
        var afterRestart: [String] = []
    }

    /// Whom the audit log names for a signal.
    static let signalActor = "workflowd:sighup"

    init(
        source: SettingsSource, running: LockedBox<DaemonConfiguration>, enforcement: CurrentSettings,
        engine: Engine<SQLiteStore>, logger: Logger, check: @escaping @Sendable (DaemonConfiguration) throws -> Void
    ) {
        self.source = source
        self.running = running
        self.enforcement = enforcement
        self.engine = engine
        self.logger = logger
        self.check = check
        started = running.withLock { $0 }
        state = LockedBox(State(readAt: engine.now))
    }

    nonisolated var current: State { state.withLock { $0 } }

    /// Reads the settings again, after every other reload that was asked for before.
    /// - Parameter actor: for the audit log.
    /// - Returns: what is another than it was.
    /// - Throws: `ConfigurationError`, and the store's errors when the change could not be written down; what held before
    ///   still does then.
    func reload(by actor: String) async throws -> SettingsDifference {
        try await reloads.add { try await self.readAgain(by: actor) }.value
    }

    private func readAgain(by actor: String) async throws -> SettingsDifference {
        let now = engine.now
        do {
            let difference = try await take(read(), by: actor)
            tell(difference, by: actor)
            state.withLock { $0 = State(readAt: now, problem: nil, afterRestart: difference.afterRestart) }
            return difference
        } catch {
            logger.error(
                "the settings were refused; those from before stay in force",
                metadata: ["problem": "\(error)", "by": "\(actor)"])
            state.withLock {
                $0.readAt = now
                $0.problem = "\(error)"
            }
            throw error
        }
    }

    /// The settings as a start would take them.
    private func read() throws -> DaemonConfiguration {
        let configuration = try source.read()
        try check(configuration)
        return configuration
    }

    /// Takes what can be taken, if there is anything.
    private func take(_ read: DaemonConfiguration, by actor: String) async throws -> SettingsDifference {
        let held = running.withLock { $0 }
        let difference = SettingsDifference(running: held, started: started, read: read)
        guard !difference.changes.isEmpty else { return difference }
        var next = held
        for setting in LiveSetting.all { setting.take(&next, read) }
        var settings = enforcement.value
        try settings.take(next)
        if difference.changes.contains(where: { $0.setting.hasPrefix("prices.") }) {
            // A book is made for its settings; this one learns the stored prices before anybody charges by it.
            let prices = next.prices.current
            _ = try await engine.read { try prices.refresh(from: $0) }
            settings.prices = prices
        }
        let detail: JSONValue = ["file": .optional(source.file), "changed": difference.changesJSON]
        try await engine.transact { work in
            try work.transaction.appendAudit(
                AuditEntry(at: work.now, actor: actor, action: "settings.changed", subject: "settings", detail: detail))
        }
        enforcement.exchange(settings)
        running.withLock { $0 = next }
        return difference
    }

    private func tell(_ difference: SettingsDifference, by actor: String) {
        for change in difference.changes {
            logger.notice(
                "a setting has changed",
                metadata: [
                    "setting": "\(change.setting)", "from": "\(change.from)", "to": "\(change.to)", "by": "\(actor)",
                ])
        }
        for setting in difference.afterRestart {
            logger.warning(
                "a setting was changed that is read at the start only: it holds after a restart",
                metadata: ["setting": "\(setting)", "by": "\(actor)"])
        }
        if difference.changes.isEmpty, difference.afterRestart.isEmpty {
            logger.notice("the settings were read again: nothing has changed", metadata: ["by": "\(actor)"])
        }
    }
}

/// How the API shows the settings.
extension SettingsKeeper {
    /// What the last reading has shown.
    nonisolated var json: JSONObject {
        let current = current
        return [
            "file": .optional(source.file), "readAt": .string(current.readAt.iso8601),
            "problem": .optional(current.problem),
            "afterRestart": .array(current.afterRestart.map { .string($0) }),
        ]
    }

    nonisolated var desk: SettingsDesk {
        SettingsDesk(
            show: { [self] in
                let configuration = running.withLock { $0 }
                var answer = json
                let live = LiveSetting.all.map { ($0.name, JSONValue.string($0.text(configuration))) }
                answer["live"] = .object(JSONObject(live))
                return answer
            },
            reload: { [self] actor in
                do {
                    return try await reload(by: actor).json
                } catch let error as ConfigurationError {
                    throw APIError.settingsRefused(error.description)
                }
            })
    }
}

extension JSONValue {
    /// The text; null for none.
    fileprivate static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
