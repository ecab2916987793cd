import ArgumentParser
import JSONModel

/// `workflowctl policy …`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Managed IAM policies of the account: make, look up, attach, detach, delete.",
        discussion: "Example: workflowctl policy list",
        subcommands: [
            PolicyCreate.self, PolicyGet.self, PolicyList.self, PolicyAttach.self, PolicyDetach.self,
            PolicyDelete.self,
        ])

    static let fields = [
        Column("Name", key: "name"), Column("ARN", key: "arn"),
        Column("Grants Bedrock") { $0["grantsBedrock"].map { $0 == true ? "yes" : "no" } ?? "" },
        Column("Users") { PrincipalCommand.lines($0["users"]) },
        Column("Roles") { PrincipalCommand.lines($0["roles"]) },
        Column("Teams") { PrincipalCommand.lines($0["teams"]) },
        Column("Document") { $0["document"].map { $0.isNull ? "" : $0.prettyJSON() } ?? "" },
    ]

    static func path(_ arn: String, _ more: String = "") -> String {
        "/api/v1/policies/\(AdminClient.segment(arn))\(more)"
    }
}

struct PolicyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a managed policy from a JSON file.",
        discussion: "Example: workflowctl policy create team-search -f policy.json")

    @Argument(help: "The name of the policy.") var name: String
    @Option(name: .shortAndLong, help: "The document: JSON, a file with it, or - for stdin.", completion: .file())
    var file: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let document = try JSONArgument.read(file)
        let answer = try await server.client().post(
            "/api/v1/policies", ["name": .string(name), "document": .string(document.jsonString)])
        output.printer.item(answer, fields: PolicyCommand.fields, name: { $0["arn"]?.display ?? "" })
    }
}

struct PolicyGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a managed policy, and who has it.",
        discussion: "Example: workflowctl policy get arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess")

    @Argument(help: "The ARN of the policy.") var arn: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(PolicyCommand.path(arn))
        output.printer.item(answer, fields: PolicyCommand.fields, name: { $0["arn"]?.display ?? "" })
    }
}

struct PolicyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the account's own managed policies.",
        discussion: "Example: workflowctl policy list")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/policies"), key: "policies",
            columns: [
                Column("Name", key: "name"), Column("ARN", key: "arn"), Column("Attachments", key: "attachments"),
            ], name: { $0["arn"]?.display ?? "" })
    }
}

/// To whom a policy is attached.
struct PolicyHolder: ParsableArguments {
    @Option(help: "A user.") var user: String?
    @Option(help: "A role.") var role: String?
    @Option(help: "A team.") var team: String?

    func validate() throws {
        guard [user, role, team].compactMap(\.self).count == 1 else {
            throw ValidationError("Name one of --user, --role and --team.")
        }
    }

    var body: JSONObject {
        var body: JSONObject = [:]
        if let user { body["user"] = .string(user) }
        if let role { body["role"] = .string(role) }
        if let team { body["team"] = .string(team) }
        return body
    }
}

struct PolicyAttach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Attach a policy to a user, a role or a team.",
        discussion: """
            Who is suspended, or about to be, gets none, and a team none that would give a suspended member without a \
            deny its access back.

            Example: workflowctl policy attach arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess --team search
            """)

    @Argument(help: "The ARN of the policy.") var arn: String
    @OptionGroup var holder: PolicyHolder
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(PolicyCommand.path(arn, "/attach"), holder.body)
        output.printer.item(answer, fields: PolicyCommand.fields, name: PrincipalCommand.name)
    }
}

struct PolicyDetach: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detach", abstract: "Detach a policy from a user, a role or a team.",
        discussion:
            "Example: workflowctl policy detach arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess --team search")

    @Argument(help: "The ARN of the policy.") var arn: String
    @OptionGroup var holder: PolicyHolder
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(PolicyCommand.path(arn, "/detach"), holder.body)
        output.printer.item(answer, fields: PolicyCommand.fields, name: PrincipalCommand.name)
    }
}

struct PolicyDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a managed policy that nobody has.",
        discussion: "Example: workflowctl policy delete arn:aws:iam::111122223333:policy/team-search --yes")

    @Argument(help: "The ARN of the policy.") var arn: String
    @Flag(help: "Really delete it.") var yes = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try Deletion.require(yes, arn)
        let answer = try await server.client().post(PolicyCommand.path(arn, "/delete"), ["yes": true])
        output.printer.item(answer, fields: Deletion.fields, name: { $0["arn"]?.display ?? "" })
    }
}
