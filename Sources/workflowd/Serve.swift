import ArgumentParser
import Engine
import Foundation
import Logging
import StatesLanguage
import WallTime

/// `workflowd serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon until SIGTERM or SIGINT, then drain and exit 0.",
        discussion: """
            Flags win over environment variables (STEWARD_DATA, STEWARD_LISTEN, STEWARD_STATE_MACHINES, \
            STEWARD_WORKFLOWS, STEWARD_LOG_LEVEL, STEWARD_AUTHENTICATION, STEWARD_CONFIG), and those over the configuration file. \
            docs/operations.md lists every setting. A changed file of a state machine or a workflow is loaded by itself; \
            SIGHUP loads all of them and reads the settings again: those that need a restart are named in the log.

            AWS is reached as every AWS tool reaches it: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and their kin.

            Example: workflowd serve --config /etc/steward/steward.yaml --data /var/lib/steward
            """)

    @Option(name: .long, help: ArgumentHelp("A YAML file with settings.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("Where all state is kept (default: ./steward-data).", valueName: "dir"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Address to answer on (default: 127.0.0.1:8080).", valueName: "host:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "State machines, *.asl.yaml (default: state-machines here, or those installed).", valueName: "dir"))
    var stateMachines: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Workflows, *.yaml (default: workflows here, or those installed).", valueName: "dir"))
    var workflows: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning or error (default: info).")
    var logLevel: String?

    @Option(help: ArgumentHelp("required (default), or off on a loopback address.", valueName: "required|off"))
    var authentication: String?

    @Option(help: ArgumentHelp("The older spelling of --authentication off.", valueName: "none"))
    var auth: String?

    @Flag(
        name: .customLong("behind-tls-proxy"),
        help: "A proxy terminates TLS: other than loopback addresses are allowed.")
    var behindTLSProxy = false

    @Option(help: ArgumentHelp("Steps that workers elsewhere carry out, separated by commas.", valueName: "names"))
    var remoteSteps: String?

    func run() async throws {
        let source = source
        let running: LockedBox<DaemonConfiguration>
        do {
            running = LockedBox(try source.read())
        } catch let error as ConfigurationError {
            throw await fail(error.description, code: 2)
        }
        let logger = Logger(label: "workflowd") { label in
            LevelledLogHandler(StreamLogHandler(label: label, stream: LogStream.standardError)) {
                running.withLock { $0.logLevel }
            }
        }
        do {
            let daemon = try await Daemon(running: running, source: source, logger: logger)
            try await daemon.run()
            await LogStream.standardError.finish(clock: .system)
        } catch let error as DaemonError {
            throw await fail(error.description, code: 1)
        }
    }

    private var source: SettingsSource {
        let environment = ProcessInfo.processInfo.environment
        return SettingsSource(
            file: config ?? environment["STEWARD_CONFIG"], environment: environment,
            flags: ServeFlags(
                data: data, listen: listen, stateMachines: stateMachines, workflows: workflows, logLevel: logLevel,
                authentication: authentication, auth: auth, isBehindTLSProxy: behindTLSProxy,
                remoteSteps: remoteSteps))
    }

    /// Says on stderr what is wrong, and gives the code to exit with.
    private func fail(_ message: String, code: Int32) async -> ExitCode {
        LogStream.standardError.write("workflowd: \(message)\n")
        await LogStream.standardError.finish(clock: .system)
        return ExitCode(code)
    }
}
