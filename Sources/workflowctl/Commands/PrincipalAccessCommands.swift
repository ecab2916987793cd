import ArgumentParser
import JSONModel

/// How long a person's word holds.
struct HoldOptions: ParsableArguments {
    @Option(name: .customLong("for"), help: "A time span such as 1h, 1d or 1w; reset (until the next one); permanent.")
    var span: String?
    @Option(help: "Instead of --for: an instant such as 2026-12-01T08:00:00Z.") var until: String?
    @Option(help: "Why; it goes into the audit log, and of a block into its notices.") var reason: String

    func body() throws -> JSONObject {
        guard (span == nil) != (until == nil) else {
            throw Failure(.usage, "give --for or --until", hint: "Such as --for 1d, or --for permanent.")
        }
        var body: JSONObject = ["reason": .string(reason)]
        if let span { body["for"] = .string(span) }
        if let until { body["until"] = .string(until) }
        return body
    }
}

struct PrincipalBlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Take a principal's Bedrock access away, whatever it has spent.",
        discussion: """
            Starts the suspension at once, without grace; goes past a protection, never past the break-glass list. The \
            block ends to the second, and access comes back then unless a budget stands against it.

            Example: workflowctl principal block BedrockAPIKey-ab12 --for 1d --reason 'leaked key'
            """)

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @OptionGroup var hold: HoldOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = "/api/v1/blocks/\(AdminClient.segment(principal))"
        let answer = try await server.client().put(path, hold.body())
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}

struct PrincipalUnblock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Lift a person's block.",
        discussion: """
            Access comes back unless a budget stands against it; with --protect, which takes an administrator, it comes \
            back in any case, and the principal is protected until the next reset.

            Example: workflowctl principal unblock BedrockAPIKey-ab12 --reason 'key replaced'
            """)

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @Option(help: "Why; it goes into the audit log.") var reason: String
    @Flag(help: "Give access back even when a budget is exceeded; protected until the next reset.") var protect = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().delete(
            "/api/v1/blocks/\(AdminClient.segment(principal))", [("reason", reason), ("protect", String(protect))])
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}

struct PrincipalProtect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect", abstract: "Never suspend a principal automatically, only report.",
        discussion: """
            What it spends is reported and takes no access. Who is suspended for a budget already stays so: raise the \
            limit to give access back (workflowctl budget set NAME --limit AMOUNT).

            Example: workflowctl principal protect BedrockAPIKey-ab12 --for 1w --reason 'demo week'
            """)

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @OptionGroup var hold: HoldOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = "/api/v1/protections/\(AdminClient.segment(principal))"
        let answer = try await server.client().put(path, hold.body())
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}

struct PrincipalUnprotect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unprotect", abstract: "Take a protection back.",
        discussion: "Example: workflowctl principal unprotect BedrockAPIKey-ab12 --reason 'the demo is over'")

    @Argument(help: "The principal: its id, ARN or user name.") var principal: String
    @Option(help: "Why; it goes into the audit log.") var reason: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().delete(
            "/api/v1/protections/\(AdminClient.segment(principal))", [("reason", reason)])
        output.printer.item(answer, fields: BudgetCommand.fields, name: BudgetCommand.name)
    }
}
