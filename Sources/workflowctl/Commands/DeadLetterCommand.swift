import ArgumentParser
import JSONModel

/// `workflowctl dlq …`
struct DeadLetterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Dead letters: what failed for good and waits for a person.",
        discussion: "Example: workflowctl dlq list --kind execution",
        subcommands: [DeadLetterList.self, DeadLetterGet.self, DeadLetterRedrive.self, DeadLetterDiscard.self])

    static let fields = [
        Column("Id", key: "id"), Column("Kind", key: "kind"), Column("Status", key: "status"),
        Column("Subject", key: "subject"), Column("Source", key: "source"), Column("Since") { Moments.both($0["at"]) },
        Column("Error", key: "error"), Column("Cause", key: "cause"), Column("Redrives", key: "attempts"),
        Column("Next redrive") { Moments.both($0["nextRedrive"]) }, Column("Payload", key: "payload"),
        Column("Payload (base64)", key: "payloadBase64"),
    ]

    static func name(_ letter: JSONValue) -> String { letter["id"]?.display ?? "" }

    static func path(_ id: String) -> String { "/api/v1/dead-letters/\(AdminClient.segment(id))" }
}

struct DeadLetterList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, newest first.",
        discussion: "Example: workflowctl dlq list --status all --kind usage")

    @Option(help: "execution, event, notification or usage.") var kind: String?
    @Option(help: "open, redriven, discarded or all.") var status = "open"
    @Option(help: "How many at most (1 to 1000).") var limit = 100
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/dead-letters", [("kind", kind), ("status", status), ("limit", String(limit))])
        output.printer.list(
            answer, key: "deadLetters",
            columns: [
                Column("Id", key: "id"), Column("Kind", key: "kind"), Column("Status", key: "status"),
                Column("Subject", key: "subject"), Column("Since") { Moments.relative($0["at"]) },
                Column("Next redrive") { Moments.relative($0["nextRedrive"]) }, Column("Error", key: "error"),
            ], limit: limit, name: DeadLetterCommand.name)
    }
}

struct DeadLetterGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show one dead letter with what could not be handled.",
        discussion: "Example: workflowctl dlq get 7")

    @Argument(help: "Its number.") var id: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(DeadLetterCommand.path(id))
        output.printer.item(answer, fields: DeadLetterCommand.fields, name: DeadLetterCommand.name)
    }
}

struct DeadLetterRedrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Try what failed again.",
        discussion: """
            With - the numbers are read from stdin. One that can't be tried again keeps none of the others.

            Example: workflowctl dlq list -o name | workflowctl dlq redrive -
            """)

    @Argument(help: "Their numbers, or - for stdin.") var ids: [String]
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        try await Several.each(StandardInput.words(ids)) { id in
            let answer = try await client.post(DeadLetterCommand.path(id) + "/redrive")
            output.printer.item(answer, fields: DeadLetterCommand.fields, name: DeadLetterCommand.name)
        }
    }
}

struct DeadLetterDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Drop dead letters for good, with a reason.",
        discussion: "Example: workflowctl dlq discard 7 --reason 'a test record'")

    @Argument(help: "Their numbers, or - for stdin.") var ids: [String]
    @Option(help: "Why they may be dropped; kept with them.") var reason: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        try await Several.each(StandardInput.words(ids)) { id in
            let answer = try await client.post(DeadLetterCommand.path(id) + "/discard", ["reason": .string(reason)])
            output.printer.item(answer, fields: DeadLetterCommand.fields, name: DeadLetterCommand.name)
        }
    }
}
