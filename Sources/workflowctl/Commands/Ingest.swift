import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl ingest …`: files, unless a subcommand is named.
struct Ingest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Charge Bedrock model invocation logs; show the sources that bring them.",
        discussion: """
            `workflowctl ingest PATH…` is short for `workflowctl ingest files PATH…`.

            Example: workflowctl ingest AWSLogs/111122223333/BedrockModelInvocationLogs/
            """, subcommands: [IngestFiles.self, IngestSources.self], defaultSubcommand: IngestFiles.self)
}

struct IngestFiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "Charge Bedrock model invocation logs to their principals' budgets.",
        discussion: """
            Takes JSON lines, plain or gzip, from files, from all files below a folder, or from stdin (-); CloudTrail's \
            files, too. A record that was charged before is not charged again, so feeding the same files twice is \
            harmless. A record that can't be read becomes a dead letter (exit code 1); the others are charged. Below a folder \
            only regular files are read; links are named on stderr, and read when they are given themselves.

            Example: workflowctl ingest files AWSLogs/111122223333/BedrockModelInvocationLogs/
            """)

    @Argument(help: "Files, folders, or - for stdin.", completion: .file()) var paths: [String]
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    private static let fields = [
        Column("Records", key: "records"), Column("Charged", key: "charged"), Column("Duplicates", key: "duplicates"),
        Column("Ignored", key: "ignored"), Column("Unreadable", key: "unreadable"),
        Column("Of principals", key: "principalEvents"),
        Column("Cost") { Cell.dollars($0["cost"]) },
        Column("Charged at fallback prices", key: "fallbackPriced"), Column("Of unknown cost", key: "unmetered"),
        Column("New principals", key: "newPrincipals"), Column("Thresholds crossed", key: "crossings"),
    ]

    func run() async throws {
        let client = try server.client()
        let found = try paths.map(Self.files)
        let files = found.flatMap { $0.files }
        var unread = 0
        for folder in found.flatMap({ $0.closed }) {
            Failure(.error, "the folder \(folder) can't be read: no permission").report()
            unread += 1
        }
        var total = Total()
        for file in files {
            do {
                total.add(
                    try await client.upload(
                        "/ingest/bedrock-invocation-logs", [("source", file == "-" ? "stdin" : file)],
                        try Files.read(file)))
            } catch let failure as Failure where files.count > 1 && failure.exit == .error {
                // One that can't be read, or is too large, holds up no other: whoever feeds a month of logs does not look at
                // each.
                Failure(.error, "\(file): \(failure.message)", hint: failure.hint, details: failure.details).report()
                unread += 1
            }
        }
        output.printer.item(total.json, fields: Self.fields, name: { $0["charged"]?.display ?? "" })
        try Self.judge(total, unread: unread, of: files.count)
    }

    private static func judge(_ total: Total, unread: Int, of count: Int) throws {
        if unread > 0 {
            throw Failure(
                .error, "\(unread) of \(count) files or folders were not taken",
                hint: "Feed all of them again once they can be: what was charged is not charged twice.")
        }
        if total.unreadable > 0 {
            throw Failure(
                .error, "\(total.unreadable) record(s) could not be read",
                hint: "workflowctl dlq list --kind usage shows them.")
        }
    }

    /// The file, or all regular files below a folder, by name; with the folders among them that may not be looked into.
    private static func files(_ path: String) throws -> (files: [String], closed: [String]) {
        guard path != "-", Files.kind(path) == S_IFDIR else { return ([path], []) }
        let inside = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let all = [path] + inside.map { "\(path)/\($0)" }
        let closed = all.filter { Files.kind($0) == S_IFDIR && access($0, R_OK | X_OK) != 0 }
        var files: [String] = []
        for file in all.dropFirst() {
            // Of the entry itself: a link leads wherever its maker likes, and a pipe keeps whoever opens it waiting.
            var status = stat()
            guard lstat(file, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(file)
            case S_IFLNK:
                StandardError.line("\(file) is a link, and was not followed.")
            default: break
            }
        }
        guard !files.isEmpty || !closed.isEmpty else { throw Failure(.notFound, "\(path) holds no files") }
        return (files.sorted(), closed)
    }
}

/// The sum of several reports. Costs are added as whole nano-dollars: money is never a floating-point number.
private struct Total {
    private var counts: [String: Int64] = [:]
    private var nanoDollars: Int64 = 0
    private static let keys = [
        "records", "charged", "duplicates", "ignored", "unreadable", "principalEvents", "fallbackPriced", "unmetered",
        "newPrincipals", "crossings",
    ]

    var unreadable: Int64 { counts["unreadable"] ?? 0 }

    mutating func add(_ report: JSONValue) {
        for key in Self.keys {
            counts[key, default: 0] += report[key]?.intValue ?? 0
        }
        nanoDollars += report["costNanoDollars"]?.intValue ?? 0
    }

    var json: JSONValue {
        var object: JSONObject = [:]
        for key in Self.keys {
            object[key] = .int(counts[key] ?? 0)
        }
        object["cost"] = .string(Self.dollars(nanoDollars))
        object["costNanoDollars"] = .int(nanoDollars)
        return .object(object)
    }

    private static func dollars(_ nano: Int64) -> String {
        let (whole, rest) = nano.quotientAndRemainder(dividingBy: 1_000_000_000)
        var fraction = String(repeating: "0", count: 9 - String(rest).count) + String(rest)
        while fraction.last == "0", fraction.count > 2 { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}
