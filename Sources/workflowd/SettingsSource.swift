/// Where the daemon's settings come from. The file can be read again; the environment and the flags stay what they were.
struct SettingsSource: Sendable {
    /// Nil where there is none.
    var file: String?
    var environment: [String: String] = [:]
    var flags = ServeFlags()

    /// The settings as a start would find them now: the file's, over them the environment's, over those the flags'.
    /// - Throws: `ConfigurationError`.
    func read() throws -> DaemonConfiguration {
        var configuration = DaemonConfiguration()
        if let file { try configuration.read(file: file) }
        try configuration.apply(environment: environment)
        try flags.apply(to: &configuration)
        try configuration.check()
        return configuration
    }
}

/// What the command line of `workflowd serve` sets; nil where it says nothing.
struct ServeFlags: Sendable {
    var data: String?
    var listen: String?
    var stateMachines: String?
    var workflows: String?
    var logLevel: String?
    var authentication: String?
    /// The older spelling of `--authentication off`.
    var auth: String?
    var isBehindTLSProxy = false
    var remoteSteps: String?

    /// - Throws: `ConfigurationError`.
    func apply(to configuration: inout DaemonConfiguration) throws {
        if let data { configuration.data = data }
        if let listen { configuration.listen = try ListenAddress(listen, from: "--listen") }
        if let stateMachines { configuration.stateMachines = stateMachines }
        if let workflows { configuration.workflows = workflows }
        if let remoteSteps { configuration.remoteSteps = remoteSteps.split(separator: ",").map(String.init) }
        if let logLevel { configuration.logLevel = try DaemonConfiguration.level(logLevel, from: "--log-level") }
        if let authentication {
            configuration.authentication = try DaemonConfiguration.authentication(
                authentication, from: "--authentication")
        }
        if let auth {
            guard auth == "none" else {
                throw ConfigurationError("--auth: \"\(auth)\" must be none; --authentication takes required or off.")
            }
            configuration.authentication = .off
        }
        if isBehindTLSProxy { configuration.isBehindTLSProxy = true }
    }
}
