import ArgumentParser
import Foundation

/// What every command that talks to the daemon understands.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's URL (or STEWARD_SERVER).", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"))
    var timeout: Int = 30

    @Option(
        help: ArgumentHelp("A file with a bearer token (or the token in STEWARD_TOKEN).", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    /// For what reads a whole database: the daemon may take an hour, whatever `timeout` is by default.
    func patientClient() throws -> AdminClient {
        var patient = self
        patient.timeout = max(timeout, 3600)
        return try patient.client()
    }

    func client() throws -> AdminClient {
        let environment = ProcessInfo.processInfo.environment
        let url = server ?? environment["STEWARD_SERVER"] ?? "http://127.0.0.1:8080"
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw Failure(.usage, "\"\(url)\" is no URL of a daemon", hint: "Write it as http://127.0.0.1:8080.")
        }
        guard timeout > 0 else { throw Failure(.usage, "--timeout must be at least 1 second") }
        let actor = environment["STEWARD_ACTOR"] ?? environment["USER"] ?? "workflowctl"
        guard !actor.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Failure(.usage, "STEWARD_ACTOR (or USER) holds a control character", hint: "Give a name of one line.")
        }
        return AdminClient(
            base: url.hasSuffix("/") ? String(url.dropLast()) : url, timeout: .seconds(timeout), actor: actor,
            token: try token(environment))
    }
}

extension ServerOptions {
    private func token(_ environment: [String: String]) throws -> String? {
        guard let tokenFile else {
            let text = Self.trimmed(environment["STEWARD_TOKEN"] ?? "")
            return try text.isEmpty ? nil : Self.checked(text, "STEWARD_TOKEN")
        }
        guard let data = FileManager.default.contents(atPath: tokenFile) else {
            throw Failure(.usage, "the token file \(tokenFile) can't be read", hint: "Check --token-file.")
        }
        let text = Self.trimmed(String(decoding: data, as: UTF8.self))
        guard !text.isEmpty else {
            throw Failure(.usage, "the token file \(tokenFile) is empty", hint: "Check --token-file.")
        }
        return try Self.checked(text, "the token file \(tokenFile)")
    }

    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }

    /// What is no token could not be sent, which would look like a daemon that is not there.
    private static func checked(_ token: String, _ place: String) throws -> String {
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(
                .usage, "\(place) holds more than a token",
                hint: "A token is one word, as `workflowd key create` and `workflowctl key create` print it.")
        }
        return token
    }
}

/// How data is printed.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "table, json, yaml, csv or name.")
    var output: OutputFormat = .table

    @Flag(help: "Leave the headers of a table out.")
    var noHeaders = false

    var printer: Printer { Printer(format: output, headers: !noHeaders) }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, yaml, csv, name
}
