import ArgumentParser
import Foundation
import StatesLanguage

/// The command line of on-call people and scripts. Nouns, then verbs; data on stdout, everything else on stderr.
@main
struct Workflowctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflowctl",
        abstract: "Look at, start, stop and mend what Steward's daemon runs.",
        discussion: """
            Nouns, then verbs: `workflowctl run list`. Data goes to stdout, the rest to stderr.

            The daemon is found by --server or STEWARD_SERVER (default http://127.0.0.1:8080). Where it asks for a key, \
            a bearer token is taken from --token-file or STEWARD_TOKEN. NO_COLOR turns colours off.

            Exit codes: 0 ok, 1 error, 2 usage, 3 not allowed, 4 not found, 5 conflict, 6 the run failed, 7 it timed \
            out, 8 it was aborted, 9 findings, 10 a plan that is not empty (budget plan, budget apply --dry-run), 75 the \
            daemon can't be reached, 124 --timeout ran out, 130 interrupted. doctor has its own.

            Example: workflowctl run why @latest-failed
            """,
        version: stewardVersion,
        subcommands: [
            RunCommand.self, MachineCommand.self, DeadLetterCommand.self, ScheduleCommand.self, BudgetCommand.self,
            PriceCommand.self, KeyCommand.self, AuditCommand.self, DatabaseCommand.self, DoctorCommand.self,
            Backup.self, Restore.self,
            RetentionCommand.self, PrincipalCommand.self, TeamCommand.self, PolicyCommand.self, RadarCommand.self,
            UsageCommand.self, NotifyCommand.self, SettingsCommand.self,
            Lint.self, Eval.self, TestCommand.self, Ingest.self, Status.self, Completion.self, Version.self,
        ])

    static func main() async {
        let arguments = CommandWords.normalised(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            failure.report()
            Foundation.exit(failure.exit.rawValue)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch {
            finish(with: error, arguments: arguments)
        }
    }

    /// Help and versions end with 0; a command line that can't be read ends with 2, and a near miss is named.
    private static func finish(with error: any Error, arguments: [String]) -> Never {
        let message = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            StandardOutput.line(message)
            Foundation.exit(0)
        }
        StandardError.line(message)
        if let suggestion = CommandWords.suggestion(for: arguments) {
            StandardError.line("Did you mean: workflowctl \(suggestion)")
        }
        Foundation.exit(exitCode(for: error) == .validationFailure ? Exit.usage.rawValue : Exit.error.rawValue)
    }
}
