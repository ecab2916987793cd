import ArgumentParser
import JSONModel

/// `workflowctl key …`
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Keys that callers show: create, list, revoke.",
        discussion: "Example: workflowctl key list",
        subcommands: [KeyCreate.self, KeyList.self, KeyRevoke.self])

    static let fields = [
        Column("Id", key: "id"), Column("Name", key: "name"), Column("Kind", key: "kind"), Column("Role", key: "role"),
        Column("Created") { Moments.both($0["createdAt"]) }, Column("Last used") { Moments.both($0["lastUsedAt"]) },
        Column("Revoked") { Moments.both($0["revokedAt"]) }, Column("Secret access key", key: "secretAccessKey"),
        Column("Token", key: "token"),
    ]

    static func name(_ key: JSONValue) -> String { key["id"]?.display ?? "" }
}

struct KeyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key; its secret is shown this once.",
        discussion: """
            Keys of kind signature are for AWS clients (boto3, the aws CLI); those of kind bearer for workflowctl and \
            the admin API. Roles: viewer reads; operator also starts, stops, redrives, blocks, mutes and answers tasks; \
            ingest sends usage records and nothing else; admin does everything.

            Example: workflowctl key create ci --role operator
            """)

    @Argument(help: "Whom the audit log names.") var name: String
    @Option(help: "viewer, operator, ingest or admin.", completion: .list(["viewer", "operator", "ingest", "admin"]))
    var role = "viewer"
    @Option(help: "signature or bearer.", completion: .list(["signature", "bearer"])) var kind = "signature"
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(
            "/api/v1/keys", ["name": .string(name), "role": .string(role), "kind": .string(kind)])
        output.printer.item(answer, fields: KeyCommand.fields, name: KeyCommand.name)
    }
}

struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys, revoked ones too; never their secrets.",
        discussion: "Example: workflowctl key list -o json")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/keys"), key: "keys",
            columns: [
                Column("Id", key: "id"), Column("Name", key: "name"), Column("Kind", key: "kind"),
                Column("Role", key: "role"), Column("Created") { Moments.relative($0["createdAt"]) },
                Column("Last used") { Moments.relative($0["lastUsedAt"]) },
                Column("Revoked") { Moments.relative($0["revokedAt"]) },
            ], name: KeyCommand.name)
    }
}

struct KeyRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a key out of use, at once and for good.",
        discussion: "Example: workflowctl key revoke STWDABCDEFGHIJKLMNOP")

    @Argument(help: "The key's id.") var id: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post("/api/v1/keys/\(AdminClient.segment(id))/revoke")
        output.printer.item(answer, fields: KeyCommand.fields, name: KeyCommand.name)
    }
}
