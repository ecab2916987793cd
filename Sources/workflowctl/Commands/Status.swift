import ArgumentParser
import JSONModel
import StatesLanguage

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How the daemon is doing: health, what runs, what waits for a person.",
        discussion: "Example: workflowctl status")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/status")
        output.printer.item(
            answer,
            fields: [
                Column("Version", key: "version"), Column("Health", key: "health"), Column("Reason", key: "reason"),
                Column("Process", key: "pid"),
                Column("Started") { Moments.both($0["startedAt"]) }, Column("Data", key: "data"),
                Column("Acts in AWS as") { OwnIdentityText.of($0) },
                Column("Turned off") { $0["off"]?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? "" },
                Column("Running") { Self.counted($0["running"]) },
                Column("Dead letters") { Self.counted($0["deadLetters"]) },
                Column("Outbox", key: "outbox"), Column("Muted") { MuteText.lines($0["mutes"]) },
                Column("Settings") { SettingsText.trouble($0) },
                Column("Problems") { status in
                    (status["problems"]?.arrayValue ?? []).map(Self.problem).joined(separator: "\n")
                },
            ], name: { $0["health"]?.display ?? "" })
    }

    /// `file:line:column: message`, with what is known of the place.
    @Sendable private static func problem(_ problem: JSONValue) -> String {
        let place = ["file", "line", "column"].compactMap { problem[$0]?.display }.filter { !$0.isEmpty }
        let message = problem["message"]?.display ?? ""
        return place.isEmpty ? message : "\(place.joined(separator: ":")): \(message)"
    }

    /// The daemon counts to a thousand.
    @Sendable private static func counted(_ number: JSONValue?) -> String {
        number?.intValue.map { $0 < 1000 ? "\($0)" : "1000 or more" } ?? ""
    }
}

/// Who the daemon is in AWS, from its status.
enum OwnIdentityText {
    static func of(_ status: JSONValue) -> String {
        guard let identity = status["identity"], !identity.isNull else { return "" }
        if let arn = identity["arn"]?.stringValue { return arn }
        return "not known: \(identity["problem"]?.display ?? "")"
    }
}

struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the version.", discussion: "Example: workflowctl version -o json")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.item(
            ["version": .string(stewardVersion)], fields: [Column("workflowctl", key: "version")],
            name: { $0["version"]?.display ?? "" })
    }
}

struct Completion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the shell's completion script.",
        discussion: "Example: workflowctl completion bash > /etc/bash_completion.d/workflowctl")

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run() async throws {
        let script =
            switch shell {
            case .bash: Workflowctl.completionScript(for: .bash)
            case .zsh: Workflowctl.completionScript(for: .zsh)
            case .fish: Workflowctl.completionScript(for: .fish)
            }
        StandardOutput.line(script)
    }
}
