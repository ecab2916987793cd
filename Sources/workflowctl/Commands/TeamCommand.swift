import ArgumentParser
import JSONModel

/// `workflowctl team …`
struct TeamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team",
        abstract: "IAM groups, for people who work together: make, look up, change, delete.",
        discussion: "Example: workflowctl team list",
        subcommands: [TeamCreate.self, TeamGet.self, TeamList.self, TeamMembers.self, TeamDelete.self])

    static let fields = [
        Column("Name", key: "name"), Column("ARN", key: "arn"),
        Column("Members") { PrincipalCommand.lines($0["members"]) },
        Column("Policies") { PrincipalCommand.lines($0["policies"]) },
        Column("Inline") { PrincipalCommand.lines($0["inlinePolicies"]) },
    ]

    static func path(_ name: String, _ more: String = "") -> String {
        "/api/v1/teams/\(AdminClient.segment(name))\(more)"
    }
}

struct TeamCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an IAM group, with policies where they are named.",
        discussion: "Example: workflowctl team create search")

    @Argument(help: "The name of the IAM group.") var name: String
    @Option(help: "The ARN of a policy to attach; may be given several times.") var policy: [String] = []
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(
            "/api/v1/teams", ["name": .string(name), "policies": .array(policy.map { .string($0) })])
        output.printer.item(answer, fields: TeamCommand.fields, name: PrincipalCommand.name)
    }
}

struct TeamGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a group with its members and policies.",
        discussion: "Example: workflowctl team get search")

    @Argument(help: "The name of the IAM group.") var name: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(TeamCommand.path(name))
        output.printer.item(answer, fields: TeamCommand.fields, name: PrincipalCommand.name)
    }
}

struct TeamList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the groups of the account.",
        discussion: "Example: workflowctl team list -o name")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/teams"), key: "teams",
            columns: [Column("Name", key: "name"), Column("ARN", key: "arn")], name: PrincipalCommand.name)
    }
}

struct TeamMembers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "Add users to a group, or remove them.",
        discussion: "Example: workflowctl team members search --add ana --remove ben")

    @Argument(help: "The name of the IAM group.") var name: String
    @Option(help: "A user to add; may be given several times.") var add: [String] = []
    @Option(help: "A user to remove; may be given several times.") var remove: [String] = []
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard !add.isEmpty || !remove.isEmpty else {
            throw Failure(.usage, "nobody to add or remove", hint: "Name somebody with --add or --remove.")
        }
        let answer = try await server.client().post(
            TeamCommand.path(name, "/members"),
            ["add": .array(add.map { .string($0) }), "remove": .array(remove.map { .string($0) })])
        output.printer.item(answer, fields: TeamCommand.fields, name: PrincipalCommand.name)
    }
}

struct TeamDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a group; its members stay.",
        discussion: "Example: workflowctl team delete search --yes")

    @Argument(help: "The name of the IAM group.") var name: String
    @Flag(help: "Really delete it.") var yes = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try Deletion.require(yes, name)
        let answer = try await server.client().post(TeamCommand.path(name, "/delete"), ["yes": true])
        output.printer.item(answer, fields: Deletion.fields, name: PrincipalCommand.name)
    }
}
