import ArgumentParser
import Foundation
import JSONModel
import SQLiteStore

/// `workflowctl doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine a data directory, also beside a running daemon; nothing is changed.",
        discussion: """
            Looks at files, permissions, space, the log, every page, references, the audit chain, every execution's \
            history against its stored state, timers, offers, the outbox, the clock, and whether the daemon answers, and as whom it acts in AWS.

            Without --data: STEWARD_DATA, else the directory of the daemon that --server names, else ./steward-data.

            Exit codes: 0 all is well, 1 warnings, 2 problems (75 and others as for every command).

            Example: workflowctl doctor --quick
            """)

    @Option(help: ArgumentHelp("The data directory.", valueName: "dir"), completion: .directory)
    var data: String?
    @Flag(help: "Do not read every page and every ended execution.") var quick = false
    @Flag(help: "Print JSON; the same as -o json.") var json = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (status, trouble) = await daemonStatus()
        let directory =
            data ?? ProcessInfo.processInfo.environment["STEWARD_DATA"] ?? status?["data"]?.stringValue
            ?? "steward-data"
        var report = Doctor(directory: directory, isQuick: quick).examine()
        if let status {
            let other = Self.other(status, than: directory)
            report.checks.append(Self.check(status, other: other))
            // Another directory's daemon says nothing about this one.
            if other == nil { report.checks.append(Self.identity(status)) }
        }
        if let trouble { report.checks.append(trouble) }
        let printer = Printer(format: json ? .json : output.output, headers: !output.noHeaders)
        printer.list(
            report.json, key: "checks",
            columns: [
                Column("Check", key: "check"), Column("Outcome", key: "outcome"), Column("Found", key: "message"),
                Column("What to do", key: "advice"),
            ], name: { "\($0["check"]?.display ?? ""): \($0["outcome"]?.display ?? "")" })
        switch report.outcome {
        case .ok: return
        case .warning: throw ExitCode(1)
        case .problem: throw ExitCode(2)
        }
    }

    /// Neither when none answers: then the directory is all there is to look at. Something that answers otherwise is told,
    /// as it may be what is wrong.
    private func daemonStatus() async -> (JSONValue?, DoctorCheck?) {
        do {
            let status = try await server.client().get("/api/v1/status")
            return (status, nil)
        } catch let failure as Failure where failure.exit == .unreachable {
            return (nil, nil)
        } catch let failure as Failure {
            return (nil, DoctorCheck("health", .warning, failure.message, advice: failure.hint))
        } catch {
            return (nil, DoctorCheck("health", .warning, "the daemon could not be asked: \(error)"))
        }
    }

    /// Who does not know who it is takes its own doings in IAM for a stranger's, and may not reach IAM at all.
    private static func identity(_ status: JSONValue) -> DoctorCheck {
        let text = OwnIdentityText.of(status)
        if status["identity"]?["arn"]?.stringValue != nil {
            return DoctorCheck("identity", .ok, "it acts in AWS as: \(text)")
        }
        return DoctorCheck(
            "identity", .warning, "as whom it acts in AWS is \(text.isEmpty ? "not known" : text)",
            advice: "check its credentials and that it reaches STS (sts:GetCallerIdentity needs no permission)")
    }

    /// The directory of the daemon that answers, where it is not the one that is examined.
    private static func other(_ status: JSONValue, than directory: String) -> String? {
        let its = status["data"]?.display ?? ""
        let isOther =
            URL(fileURLWithPath: its).standardizedFileURL != URL(fileURLWithPath: directory).standardizedFileURL
        return isOther ? its : nil
    }

    private static func check(_ status: JSONValue, other: String?) -> DoctorCheck {
        if let other { return DoctorCheck("health", .ok, "the daemon that answers runs on \(other)") }
        let health = status["health"]?.display ?? ""
        guard health != "ok" else { return DoctorCheck("health", .ok, "the daemon says ok") }
        return DoctorCheck(
            "health", .problem, "the daemon says \(health)", advice: "ask it for the reason: workflowctl status")
    }
}
