import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl principal …`
struct PrincipalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principal",
        abstract: "IAM identities that spend: make, look up, tag, take over, block, protect, delete.",
        discussion: "Example: workflowctl principal list --team search",
        subcommands: [
            PrincipalCreate.self, PrincipalGet.self, PrincipalList.self, PrincipalCreateKey.self, PrincipalTag.self,
            PrincipalImport.self, PrincipalDelete.self, PrincipalAcceptLoss.self, PrincipalRuntimes.self,
            PrincipalBlock.self, PrincipalUnblock.self, PrincipalProtect.self, PrincipalUnprotect.self,
        ])

    static let fields = [
        Column("Name", key: "name"), Column("Kind", key: "kind"), Column("ARN", key: "arn"),
        Column("Tags") { item in
            (item["tags"]?.objectValue ?? [:]).map { "\($0)=\($1.display)" }.joined(separator: "\n")
        },
        Column("Policies") { Self.lines($0["policies"]) }, Column("Inline") { Self.lines($0["inlinePolicies"]) },
        Column("Groups") { Self.lines($0["groups"]) },
        Column("Keys") { item in
            (item["keys"]?.arrayValue ?? []).map { "\($0["id"]?.display ?? "") \($0["status"]?.display ?? "")" }
                .joined(separator: "\n")
        },
        Column("Budget") { item in
            guard let budget = item["budget"], !budget.isNull else { return "" }
            return "$\(budget["spent"]?.display ?? "") of $\(budget["limit"]?.display ?? ""), "
                + "\(budget["status"]?.display ?? "")"
        },
    ]

    static func name(_ item: JSONValue) -> String { item["name"]?.display ?? "" }

    static func path(_ name: String, _ more: String = "") -> String {
        "/api/v1/principals/\(AdminClient.segment(name))\(more)"
    }

    static func lines(_ list: JSONValue?) -> String {
        (list?.arrayValue ?? []).map(\.display).joined(separator: "\n")
    }
}

/// What a principal is tagged with.
struct PrincipalTerms: ParsableArguments {
    @Option(help: "The team, for reports and budgets.") var team: String?
    @Option(help: "What it is for.") var purpose: String?
    @Option(help: "low, medium or high: what it may spend in a period, unless --limit says.") var tier: String?

    var body: JSONObject {
        var body: JSONObject = [:]
        if let team { body["team"] = .string(team) }
        if let purpose { body["purpose"] = .string(purpose) }
        if let tier { body["tier"] = .string(tier) }
        return body
    }
}

struct PrincipalCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an IAM user that may use Bedrock, with tags and a budget.",
        discussion: """
            Asked for again after a failure, it completes what is missing. Someone else's user is not touched: see \
            principal import.

            Example: workflowctl principal create search-bot --team search --tier medium
            """)

    @Argument(help: "The name of the IAM user.") var name: String
    @OptionGroup var terms: PrincipalTerms
    @Option(help: "Dollars a period, such as 25.00.") var limit: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body = terms.body
        body["name"] = .string(name)
        if let limit { body["limit"] = .string(limit) }
        let answer = try await server.client().post("/api/v1/principals", body)
        output.printer.item(answer, fields: PrincipalCommand.fields, name: PrincipalCommand.name)
    }
}

struct PrincipalGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a user or a role as IAM has it, with its budget.",
        discussion: "Example: workflowctl principal get BedrockAPIKey-ab12")

    @Argument(help: "The name of a user, or the ARN of a user or a role.") var name: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(PrincipalCommand.path(name))
        output.printer.item(answer, fields: PrincipalCommand.fields, name: PrincipalCommand.name)
    }
}

struct PrincipalList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the principals that Steward made or took over.",
        discussion: "Example: workflowctl principal list --team search")

    @Option(help: "Only those of this team.") var team: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/principals", [("team", team)]), key: "principals",
            columns: [
                Column("Name", key: "name"), Column("Kind", key: "kind"),
                Column("Team") { $0["tags"]?["Steward:Team"]?.display ?? "" },
                Column("Tier") { $0["tags"]?["Steward:BudgetTier"]?.display ?? "" },
                Column("Purpose") { $0["tags"]?["Steward:Purpose"]?.display ?? "" }, Column("ARN", key: "arn"),
            ], name: PrincipalCommand.name)
    }
}

struct PrincipalCreateKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create-key", abstract: "Make a Bedrock API key of a user; its secret is shown this once.",
        discussion: """
            The secret is neither stored nor logged; who loses it makes another key. IAM allows two for each user.

            Example: workflowctl principal create-key search-bot --days 90
            """)

    @Argument(help: "The name of the IAM user.") var name: String
    @Option(help: "Days until the key expires; never, without.") var days: Int?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(
            PrincipalCommand.path(name, "/keys"), days.map { ["days": .int(Int64($0))] } ?? [:])
        output.printer.item(
            answer,
            fields: [
                Column("Principal", key: "principal"), Column("Key", key: "keyId"), Column("Alias", key: "alias"),
                Column("Expires", key: "expiresAt"), Column("Secret", key: "secret"),
            ], name: { $0["keyId"]?.display ?? "" })
    }
}

struct PrincipalTag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Set or remove tags of a user or a role.",
        discussion: """
            --tier also gives the tier's limit, unless somebody has set another: then that one stays.

            Example: workflowctl principal tag search-bot --team search CostCenter=4711
            """)

    @Argument(help: "The name of a user, or the ARN of a user or a role.") var name: String
    @Argument(help: "Tags, as NAME=VALUE.") var tags: [String] = []
    @OptionGroup var terms: PrincipalTerms
    @Option(help: "A tag to remove; may be given several times.") var remove: [String] = []
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body = terms.body
        body["tags"] = .object(try TagArguments.object(tags))
        body["remove"] = .array(remove.map { .string($0) })
        let answer = try await server.client().post(PrincipalCommand.path(name, "/tags"), body)
        output.printer.item(answer, fields: PrincipalCommand.fields, name: PrincipalCommand.name)
        if answer["limitStays"]?.boolValue == true {
            let limit = answer["budget"]?["limit"]?.display ?? ""
            StandardError.line("The limit of $\(limit) was set otherwise and stays; workflowctl budget set changes it.")
        }
    }
}

enum TagArguments {
    static func object(_ arguments: [String]) throws -> JSONObject {
        var object: JSONObject = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Failure(.usage, "\"\(argument)\" is no tag", hint: "Write NAME=VALUE.")
            }
            object[String(parts[0])] = .string(String(parts[1]))
        }
        return object
    }
}

struct PrincipalImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over an IAM user or role that is there already.",
        discussion: """
            Tags it and gives it a budget; its policies are left as they are.

            Example: workflowctl principal import arn:aws:iam::111122223333:role/app --team search --tier high
            """)

    @Argument(help: "The name of a user, or the ARN of a user or a role.") var name: String
    @OptionGroup var terms: PrincipalTerms
    @Option(help: "Dollars a period, such as 25.00.") var limit: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body = terms.body
        body["name"] = .string(name)
        if let limit { body["limit"] = .string(limit) }
        let answer = try await server.client().post("/api/v1/principals/import", body)
        output.printer.item(answer, fields: PrincipalCommand.fields, name: PrincipalCommand.name)
    }
}

struct PrincipalDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an IAM user that Steward made, with its keys and policies.",
        discussion: "Example: workflowctl principal delete search-bot --yes")

    @Argument(help: "The name of the IAM user.") var name: String
    @Flag(help: "Really delete it; there is no way back.") var yes = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try Deletion.require(yes, name)
        let answer = try await server.client().post(PrincipalCommand.path(name, "/delete"), ["yes": true])
        output.printer.item(answer, fields: Deletion.fields, name: PrincipalCommand.name)
    }
}

struct PrincipalAcceptLoss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-loss",
        abstract: "Give up policies that no longer exist, so that a partial restoration can end.",
        discussion: """
            A restoration that can't attach a policy again, since it was deleted, keeps the deny and waits as a dead \
            letter. This gives back what there still is, and removes the deny.

            Example: workflowctl principal accept-loss BedrockAPIKey-ab12 --yes
            """)

    @Argument(help: "The principal: its id, ARN or user name.") var name: String
    @Flag(help: "Really give them up.") var yes = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard yes else {
            throw Failure(.usage, "nothing was given up", hint: "Add --yes to accept what \(name) has lost.")
        }
        let answer = try await server.client().post(PrincipalCommand.path(name, "/accept-loss"))
        output.printer.item(
            answer,
            fields: [
                Column("Principal", key: "principal"),
                Column("Redriven") { "dead letters " + PrincipalCommand.lines($0["redriven"]) },
            ], name: { $0["principal"]?.display ?? "" })
    }
}

/// What commands that delete share.
enum Deletion {
    static let fields = [
        Column("Name") { $0["name"]?.display ?? $0["arn"]?.display ?? "" },
        Column("Deleted") { $0["deleted"] == true ? "yes" : "no" },
    ]

    static func require(_ yes: Bool, _ name: String) throws {
        guard !yes else { return }
        throw Failure(.usage, "nothing was deleted", hint: "Add --yes to delete \(name) for good.")
    }
}
