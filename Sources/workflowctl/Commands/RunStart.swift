import ArgumentParser
import Foundation
import JSONModel
import WallTime

struct RunStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a run of a state machine.",
        discussion: """
            The same name and input as a running run gives that run again. With --wait the exit code tells how it \
            ended: 0 succeeded, 6 failed, 7 timed out, 8 aborted.

            Example: workflowctl run start budget-monitor --input '{}' --wait
            """)

    @Argument(help: "The state machine.") var machine: String
    @Option(name: .shortAndLong, help: "The input: JSON, a file with it, or - for stdin.", completion: .file())
    var input: String?
    @Option(help: "The run's name (default: one is made).") var name: String?
    @Flag(help: "Wait until it has ended.") var wait = false
    @Option(help: "How many seconds --wait waits at most (exit code 124).") var waitTimeout = 3600
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        var body: JSONObject = ["stateMachine": .string(machine), "input": try input.map(JSONArgument.read) ?? [:]]
        if let name { body["name"] = .string(name) }
        var run = try await client.post("/api/v1/executions", body)
        if wait { run = try await Self.ended(run, client, seconds: waitTimeout) }
        output.printer.item(run, fields: RunCommand.fields, name: RunCommand.name)
        if wait, let exit = Self.exit(of: run) { throw ExitCode(exit.rawValue) }
    }

    /// For how long --wait puts up with a daemon that does not answer.
    private static let patience = Duration.seconds(60)

    /// The run once it has ended. A restart of the daemon ends no run, and so ends no waiting.
    static func ended(_ run: JSONValue, _ client: AdminClient, seconds: Int) async throws -> JSONValue {
        let clock = WallClock.system
        let deadline = clock.now() + .seconds(seconds)
        var pause = Duration.milliseconds(50)
        var lostAt: Instant?
        while true {
            do {
                let current = try await client.get(RunCommand.path(RunCommand.name(run)))
                if current["stoppedAt"]?.stringValue != nil { return current }
                lostAt = nil
            } catch let failure as Failure where failure.exit == .unreachable || failure.exit == .timeout {
                let since = lostAt ?? clock.now()
                guard clock.now() - since < patience else {
                    throw Failure(
                        failure.exit, failure.message,
                        hint: "\(RunCommand.name(run)) was started, and goes on when the daemon does; see "
                            + "`workflowctl run why \(RunCommand.name(run))`.")
                }
                lostAt = since
            }
            guard clock.now() < deadline else {
                throw Failure(
                    .timeout, "\(RunCommand.name(run)) has not ended within \(seconds) s",
                    hint: "It goes on; see `workflowctl run why \(RunCommand.name(run))`.")
            }
            try await clock.pause(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// How a command ends whose run did not succeed.
    static func exit(of run: JSONValue) -> Exit? {
        switch run["status"]?.stringValue {
        case "FAILED": .runFailed
        case "TIMED_OUT": .runTimedOut
        case "ABORTED": .runAborted
        default: nil
        }
    }
}
