import AWSClient
import Budgets
import Enforcement
import Foundation
import JSONModel
import Logging
import Notifications
import StatesAPI

/// What is wrong with the settings; says where and what to do.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The daemon's settings. Defaults here; then the file, the environment, the flags, each over the one before.
struct DaemonConfiguration: Sendable {
    var data = "steward-data"
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    var stateMachines = InstalledDefinitions.folder("state-machines")
    var workflows = InstalledDefinitions.folder("workflows")
    var logLevel = Logger.Level.info
    /// Whether callers must show a key.
    var authentication = Authentication.required
    /// A proxy on the way terminates TLS and says in `X-Forwarded-For` who calls.
    var isBehindTLSProxy = false
    var limits = ListenerLimits()
    /// The account that appears in the ARNs of state machines and executions.
    var account = "000000000000"
    /// The region of those ARNs; nil takes AWS's own setting.
    var region: String?
    var budgets = BudgetSettings()
    var access = AccessConfiguration()
    var notifications = NotificationSettings()
    /// How many resources the Step Functions API makes at most.
    var quotas = WireQuotas()
    var http = HTTPSettings()
    var retention = RetentionSettings()
    var ingest = IngestSettings()
    var prices = PriceSettings()
    var reporting = ReportingSettings()
    var agents = AgentSettings()
    var features = FeatureSettings()
    /// Free space, in MiB, below which clients' starts are refused; 0 for none.
    var diskReserveMiB = 64
    /// Domain steps that workers elsewhere carry out.
    var remoteSteps: [String] = []
    /// How long a shutdown waits for steps that are under way.
    var drainSeconds = 20
    /// What the file said, as it said it; null where there is none.
    var written = JSONValue.null

    mutating func apply(environment: [String: String]) throws {
        if let value = environment["STEWARD_DATA"] { data = value }
        if let value = environment["STEWARD_LISTEN"] { listen = try ListenAddress(value, from: "STEWARD_LISTEN") }
        if let value = environment["STEWARD_STATE_MACHINES"] { stateMachines = value }
        if let value = environment["STEWARD_WORKFLOWS"] { workflows = value }
        if let value = environment["STEWARD_AUTHENTICATION"] {
            authentication = try Self.authentication(value, from: "STEWARD_AUTHENTICATION")
        }
        if let value = environment["STEWARD_LOG_LEVEL"] { logLevel = try Self.level(value, from: "STEWARD_LOG_LEVEL") }
    }

    static func authentication(_ text: String, from source: String) throws -> Authentication {
        guard let value = Authentication(rawValue: text) else {
            throw ConfigurationError("\(source): \"\(text)\" must be required or off.")
        }
        return value
    }

    static func level(_ text: String, from source: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("\(source): \"\(text)\" is no log level; use one of \(known).")
        }
        return level
    }

    /// What no single setting can tell.
    func check() throws {
        for name in remoteSteps where !Worker.names.contains(name) {
            throw ConfigurationError(
                "steps.remote: \(name) is no step that workers elsewhere can carry out; those are "
                    + "\(Worker.names.joined(separator: ", ")).")
        }
        try reporting.check(self)
        let folders = [stateMachines, workflows].map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        guard folders[0] != folders[1] else {
            throw ConfigurationError(
                "stateMachines and workflows are both \(workflows): each needs a folder of its own, since a file of one is "
                    + "none of the other (--state-machines, --workflows).")
        }
        guard !listen.isLoopback else { return }
        guard authentication == .required else {
            throw ConfigurationError(
                "\(listen) is not a loopback address, where authentication can't be off: anybody who reaches it could "
                    + "suspend and restore access. Listen on 127.0.0.1 or [::1], or leave authentication on.")
        }
        guard isBehindTLSProxy else {
            throw ConfigurationError(
                "\(listen) is not a loopback address, and tokens must not travel in clear: put a proxy that terminates "
                    + "TLS before Steward and say so with --behind-tls-proxy, or listen on 127.0.0.1 or [::1].")
        }
    }
}

/// Whether callers must show a key.
enum Authentication: String, Sendable, CaseIterable {
    case required
    /// On a loopback address only.
    case off
}

/// What budgets are made with, and what enforcement may do.
struct BudgetSettings: Sendable {
    var defaults = DefaultBudget()
    /// ARNs that are never suspended.
    var breakGlass: [String] = []
    /// How many suspensions may start within an hour; the rest waits for a person.
    var maximumSuspensionsPerHour = 25
}

/// A host and a port to listen on.
struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init(_ text: String, from source: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw ConfigurationError("\(source): \"\(text)\" is not HOST:PORT, such as 127.0.0.1:8080.")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else {
            throw ConfigurationError("\(source): \"\(text)\" names no host; write 127.0.0.1:\(port).")
        }
        self.init(host: host, port: port)
    }

    var isLoopback: Bool { Loopback.contains(host) }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
