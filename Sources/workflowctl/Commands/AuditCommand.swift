import ArgumentParser
import JSONModel
import SQLiteStore

/// `workflowctl audit …`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who did what: list, verify, export.",
        discussion: """
            The log is a hash chain: an entry that is changed, removed or put in shows. Note its head elsewhere from time \
            to time; --expect-head then proves that everything up to there is still as it was.

            Example: workflowctl audit verify
            """,
        subcommands: [AuditList.self, AuditVerify.self, AuditExport.self])
}

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List entries, the newest first.",
        discussion: "Example: workflowctl audit list --limit 20")

    @Option(help: "Only entries about this subject, as entries name it, such as 111122223333/user/ana.")
    var subject: String?
    @Option(help: "How many at most (1 to 1000).") var limit = 50
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/audit", [("subject", subject), ("limit", String(limit))]),
            key: "entries",
            columns: [
                Column("At") { Moments.exact($0["at"]) }, Column("Actor", key: "actor"),
                Column("Action", key: "action"), Column("Subject", key: "subject"), Column("Detail", key: "detail"),
            ], limit: limit, name: { $0["action"]?.display ?? "" })
    }
}

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Follow the audit log's hash chain from its beginning.",
        discussion: """
            Exits with 9 when the chain does not hold, and names the first entry at which it doesn't. --data also works \
            beside a running daemon, on its machine.

            Example: workflowctl audit verify
            """)

    @Option(help: ArgumentHelp("A head that was noted earlier: it must be in the chain.", valueName: "hash"))
    var expectHead: String?
    @OptionGroup var data: DataOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let expectHead else { return }
        guard expectHead.wholeMatch(of: /[0-9a-fA-F]{64}/) != nil else {
            throw ValidationError("--expect-head takes the 64 hexadecimal digits that `audit verify` prints")
        }
    }

    func run() async throws {
        let head = expectHead?.lowercased()
        let verdict: JSONValue
        if let store = data.store {
            verdict = try await Failure.reporting { try store.verifyAudit(expectedHead: head).json }
        } else {
            verdict = try await server.patientClient().get("/api/v1/audit/verify", [("expectHead", head)])
        }
        let text = verdict["summary"]?.display ?? ""
        if output.output == .table {
            output.printer.write(text)
            if let entry = verdict["expectedAt"]?.intValue {
                output.printer.write("the noted head is entry \(entry)'s")
            }
        } else {
            output.printer.item(
                verdict,
                fields: [
                    Column("Intact", key: "intact"), Column("Entries", key: "entries"), Column("Head", key: "head"),
                    Column("Summary", key: "summary"),
                ], name: { $0["head"]?.display ?? "" })
        }
        guard verdict["intact"] == .bool(true) else {
            throw Failure(
                .findings, "the audit log is \(text)",
                hint: "Keep a copy of the data directory, and compare the log with that of a backup (audit export).")
        }
    }
}

struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print all entries with their hashes, the oldest first, as JSON lines.",
        discussion: """
            What is hashed is described in docs/operations.md, so that anybody can follow the chain in what was exported.

            Example: workflowctl audit export > audit.jsonl
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
        if let store = data.store {
            return try await Failure.reporting {
                try store.exportAudit { entries in for entry in entries { StandardOutput.line(entry.json.jsonString) } }
            }
        }
        let client = try server.client()
        var last: Int64 = 0
        while true {
            let answer = try await client.get(
                "/api/v1/audit/chain", [("after", String(last)), ("limit", "1000")])
            let entries = answer["entries"]?.arrayValue ?? []
            for entry in entries { StandardOutput.line(entry.jsonString) }
            guard let newest = entries.last?["number"]?.intValue else { return }
            last = Int64(newest)
        }
    }
}
