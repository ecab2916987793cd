import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl settings …`
struct SettingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "The settings of the daemon's file: show, reload.",
        discussion: "Example: workflowctl settings show",
        subcommands: [SettingsShow.self, SettingsReload.self])
}

struct SettingsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what is in force of the settings that can change while the daemon runs.",
        discussion: "Example: workflowctl settings show -o json")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/settings")
        let live = (answer["live"]?.objectValue ?? [:]).map { name, worth in
            Column(name) { _ in worth.display }
        }
        output.printer.item(
            answer,
            fields: [
                Column("File", key: "file"), Column("Read") { Moments.both($0["readAt"]) },
                Column("Refused", key: "problem"), Column("After a restart") { SettingsText.afterRestart($0) },
            ] + live, name: { $0["file"]?.display ?? "" })
    }
}

struct SettingsReload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its settings again, as SIGHUP does.",
        discussion: """
            Prints what has changed. What needs a restart is named on stderr. A file that can't be taken changes nothing, \
            and the exit code is 1.

            Example: workflowctl settings reload
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer: JSONValue
        do {
            answer = try await server.client().post("/api/v1/settings/reload")
        } catch let failure as Failure where failure.exit == .usage {
            // It is the file that can't be taken, not the command.
            throw Failure(.error, failure.message, hint: failure.hint, details: failure.details)
        }
        output.printer.list(
            answer, key: "changed",
            columns: [Column("Setting", key: "setting"), Column("From", key: "from"), Column("To", key: "to")],
            name: { $0["setting"]?.display ?? "" })
        let names = SettingsText.afterRestart(answer)
        if !names.isEmpty {
            StandardError.line("Changed, and in force after a restart: \(names)")
        }
    }
}

enum SettingsText {
    /// Names of settings that hold after a restart.
    static func afterRestart(_ answer: JSONValue) -> String {
        answer["afterRestart"]?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? ""
    }

    /// What is to be done about the settings, in the daemon's status; nothing for nothing.
    static func trouble(_ status: JSONValue) -> String {
        guard let settings = status["settings"] else { return "" }
        if let problem = settings["problem"]?.stringValue { return "refused: \(problem)" }
        let names = afterRestart(settings)
        return names.isEmpty ? "" : "after a restart: \(names)"
    }
}
