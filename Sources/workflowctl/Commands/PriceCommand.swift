import ArgumentParser
import Foundation
import JSONModel

/// `workflowctl price …`
struct PriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "price",
        abstract: "What models cost: list, show, set, accept, withdraw, name, sync, reprice.",
        discussion: "Example: workflowctl price show anthropic.claude-sonnet-4-6",
        subcommands: [
            PriceList.self, PriceShow.self, PriceSet.self, PriceAccept.self, PriceWithdraw.self, PriceName.self,
            PriceSync.self, PriceReprice.self,
        ])

    static let columns = [
        Column("No.", key: "number"), Column("Model", key: "model"),
        Column("Scope") { $0["scope"]?.stringValue ?? "any" }, Column("Region") { $0["region"]?.stringValue ?? "any" },
        Column("In", key: "input"), Column("Out", key: "output"), Column("Read", key: "cacheRead"),
        Column("Write 5m", key: "cacheWrite5m"), Column("Write 1h", key: "cacheWrite1h"), Column("More", key: "more"),
        Column("From") { Moments.day($0["effectiveFrom"]) },
        Column("Origin", key: "origin"), Column("Status", key: "status"), Column("Problem", key: "problem"),
    ]

    static let fields =
        columns + [Column("Source", key: "source"), Column("Recorded") { Moments.both($0["recordedAt"]) }]

    /// Those that Steward brings along have no number.
    static func name(_ price: JSONValue) -> String {
        price["number"]?.intValue.map(String.init) ?? price["model"]?.display ?? ""
    }
}

struct PriceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List prices, in dollars for a million tokens, with source and date.",
        discussion: """
            By default those in force and those that wait for a person (quarantined). --unknown lists the ids that were \
            used without a price, --names what ids stand for.

            Example: workflowctl price list --status quarantined
            """)

    @Option(help: "Only models whose id contains this.") var model: String?
    @Option(help: "in-force, quarantined, withdrawn or superseded.") var status: String?
    @Flag(help: "Ids that were used and have no price.") var unknown = false
    @Flag(help: "What ids that name no model stand for.") var names = false
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get("/api/v1/prices", [("model", model), ("status", status)])
        guard unknown || names else {
            return output.printer.list(
                answer, key: "prices", columns: PriceCommand.columns, name: PriceCommand.name)
        }
        output.printer.list(
            answer, key: unknown ? "unknown" : "names",
            columns: [
                Column("Name", key: "name"), Column("Model", key: "model"), Column("Priced", key: "priced"),
                Column("Source", key: "source"), Column("First seen") { Moments.both($0["firstSeenAt"]) },
                Column("Asked") { Moments.both($0["checkedAt"]) }, Column("Problem", key: "problem"),
            ], name: { $0["name"]?.display ?? "" })
    }
}

struct PriceShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a call of a model costs, and why.",
        discussion: "Example: workflowctl price show eu.anthropic.claude-sonnet-4-6 --region eu-west-1")

    @Argument(help: "The model id as calls name it: bare, with geography, or an ARN.") var model: String
    @Option(help: "The Region that is called (default: the daemon's).") var region: String?
    @Option(help: "At which time (default: now).") var at: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            "/api/v1/prices/models/\(AdminClient.segment(model))",
            [("region", region), ("at", try at.map(TimeSpan.instant))])
        func rate(_ title: String, _ key: String) -> Column {
            Column(title) { Cell.dollars($0["rates"]?[key]) }
        }
        output.printer.item(
            answer,
            fields: [
                Column("Model", key: "model"), Column("Charged as", key: "chargedAs"),
                Column("Scope") { $0["scope"]?.stringValue ?? "in the Region" }, Column("Region", key: "region"),
                Column("Basis", key: "basis"),
                rate("Input, 1M tokens", "input"), rate("Output, 1M tokens", "output"), rate("Cache read", "cacheRead"),
                rate("Cache write, 5 min", "cacheWrite5m"), rate("Cache write, 1 h", "cacheWrite1h"),
                rate("Image", "image"), rate("Request", "request"),
                Column("More") { $0["row"]?["more"]?.display ?? "" },
                Column("In force from") { Moments.exact($0["row"]?["effectiveFrom"]) },
                Column("Origin") { $0["row"]?["origin"]?.display ?? "the safe rate" },
                Column("Source") { $0["row"]?["source"]?.display ?? "" },
            ], name: { $0["chargedAs"]?.display ?? "" })
    }
}

struct PriceSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say what a model costs, above what any other source says.",
        discussion: """
            Dollars for a million tokens. Without --scope and --region it holds for every call of the model, also through \
            geographic profiles. It holds from now on, or --from; `workflowctl price reprice` corrects what was charged.

            Example: workflowctl price set acme.nova-ultra-v1 --in 3 --out 15 --cache-read 0.3
            """)

    @Argument(help: "The model id, such as anthropic.claude-sonnet-4-6.") var model: String
    @Option(name: .customLong("in"), help: "Dollars for a million tokens of input.") var inputPrice: String
    @Option(name: .customLong("out"), help: "Dollars for a million tokens of output.") var outputPrice: String
    @Option(help: "Of input that was read from the prompt cache.") var cacheRead: String?
    @Option(name: .customLong("cache-write-5m"), help: "Of input that was cached for five minutes.")
    var cacheWrite5m: String?
    @Option(name: .customLong("cache-write-1h"), help: "Of input that was cached for an hour.") var cacheWrite1h:
        String?
    @Option(help: "Dollars for an image.") var image: String?
    @Option(help: "Dollars for a call.") var request: String?
    @Option(help: "Only calls of this scope: global, us, eu, …") var scope: String?
    @Option(help: "Only calls of this Region.") var region: String?
    @Option(help: "From when on: an instant, or a span before now such as 7d.") var from: String?
    @Option(help: "Other terms, such as \"long>200000*2*3/2 priority*9/5\".") var more: String?
    @Option(help: "Where the price was read, or why it is set.") var reason: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var body: JSONObject = ["model": .string(model), "input": .string(inputPrice), "output": .string(outputPrice)]
        let texts = [
            ("cacheRead", cacheRead), ("cacheWrite5m", cacheWrite5m), ("cacheWrite1h", cacheWrite1h), ("scope", scope),
            ("region", region), ("effectiveFrom", try from.map(TimeSpan.instant)), ("reason", reason),
        ]
        for (name, text) in texts { if let text { body[name] = .string(text) } }
        let words = [more, image.map { "image=\($0)" }, request.map { "request=\($0)" }].compactMap(\.self)
        if !words.isEmpty { body["more"] = .string(words.joined(separator: " ")) }
        let answer = try await server.client().post("/api/v1/prices", body)
        if from != nil {
            StandardError.line(
                "what was charged stays as it is: see `workflowctl price reprice --model \(model) --dry-run`")
        }
        output.printer.item(answer, fields: PriceCommand.fields, name: PriceCommand.name)
    }
}

struct PriceAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Let a quarantined price count.",
        discussion: "Example: workflowctl price accept 17")

    @Argument(help: "Its number in `workflowctl price list`.") var number: Int
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post("/api/v1/prices/\(number)/accept")
        output.printer.item(answer, fields: PriceCommand.fields, name: PriceCommand.name)
    }
}

struct PriceWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take a price back, or say that a quarantined one is wrong.",
        discussion: "Example: workflowctl price withdraw 17")

    @Argument(help: "Its number in `workflowctl price list`.") var number: Int
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post("/api/v1/prices/\(number)/withdraw")
        output.printer.item(answer, fields: PriceCommand.fields, name: PriceCommand.name)
    }
}

struct PriceName: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "name", abstract: "Say what an id that names no model stands for.",
        discussion: "Example: workflowctl price name arn:aws:bedrock:us-east-1:111122223333:imported-model/abc "
            + "meta.llama3-3-70b-instruct-v1:0")

    @Argument(help: "The id as calls name it.") var name: String
    @Argument(help: "The model that it is charged as, with a geography where that matters.") var model: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(
            "/api/v1/prices/names", ["name": .string(name), "model": .string(model)])
        output.printer.item(
            answer,
            fields: [Column("Name", key: "name"), Column("Model", key: "model"), Column("Priced", key: "priced")],
            name: { $0["name"]?.display ?? "" })
    }
}

struct PriceSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Read AWS's Price List now, rather than tonight.",
        discussion: """
            Waits for the run and prints what it found; exit code 6 when it failed.

            Example: workflowctl price sync --wait-timeout 600
            """)

    @Option(help: "How many seconds to wait at most (exit code 124).") var waitTimeout = 600
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let started = try await client.post("/api/v1/prices/sync")
        let run = try await RunStart.ended(started, client, seconds: waitTimeout)
        let prices = run["output"]?["prices"] ?? .null
        guard let exit = RunStart.exit(of: run) else {
            return output.printer.item(prices, fields: Self.fields, name: { _ in RunCommand.name(run) })
        }
        output.printer.item(run, fields: RunCommand.fields, name: RunCommand.name)
        throw ExitCode(exit.rawValue)
    }

    private static let fields = [
        Column("Offered", key: "offered"), Column("New", key: "added"), Column("Confirmed", key: "confirmed"),
        Column("Quarantined", key: "quarantined"), Column("Held", key: "held"),
        Column("Superseded", key: "superseded"),
        Column("Of other kinds", key: "excluded"),
        Column("Unmapped") { prices in
            (prices["unmapped"]?.arrayValue ?? []).map { $0["product"]?.display ?? "" }.joined(separator: "\n")
        },
        Column("Unreadable") { ($0["unreadable"]?.arrayValue ?? []).map(\.display).joined(separator: "\n") },
    ]
}

struct PriceReprice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprice", abstract: "Correct what was charged, by the prices that are known now.",
        discussion: """
            With --dry-run it only shows what would change, per principal. Each use is charged what held when it happened. \
            Corrections are rows of their own; budgets follow, who is back under a limit is spared or restored. Again, it \
            changes nothing.

            Example: workflowctl price reprice --from 7d --dry-run
            """)

    @Option(help: "Uses from then on: an instant, or a span before now.") var from: String?
    @Option(help: "Uses before then.") var to: String?
    @Option(help: "Only this model: an id, with or without geography, or an ARN.") var model: String?
    @Option(help: "Only this principal: its id, ARN or user name.") var principal: String?
    @Flag(help: "Only show what would change.") var dryRun = false
    @Option(help: "How many seconds to wait at most (exit code 124); the run goes on.") var waitTimeout = 3600
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let asked = [
            ("from", try from.map(TimeSpan.instant)), ("to", try to.map(TimeSpan.instant)), ("model", model),
            ("principal", principal),
        ]
        if dryRun { return try await preview(asked) }
        let client = try server.client()
        let body = JSONObject(asked.compactMap { name, text in text.map { (name, JSONValue.string($0)) } })
        let started = try await client.post("/api/v1/prices/reprice", body)
        let run = try await RunStart.ended(started, client, seconds: waitTimeout)
        guard let exit = RunStart.exit(of: run) else {
            return output.printer.item(
                run["output"]?["progress"] ?? .null, fields: Self.fields, name: { _ in RunCommand.name(run) })
        }
        output.printer.item(run, fields: RunCommand.fields, name: RunCommand.name)
        throw ExitCode(exit.rawValue)
    }

    private func preview(_ asked: [(String, String?)]) async throws {
        let answer = try await server.patientClient().get("/api/v1/prices/reprice", asked)
        let isWhole = output.output == .json || output.output == .yaml
        let principals = answer["principals"]?.arrayValue ?? []
        let lines = principals + (output.output == .name ? [] : [answer["total"] ?? .null])
        output.printer.list(
            isWhole ? answer : ["lines": .array(lines)], key: "lines",
            columns: [
                Column("Principal", key: "principal"), Column("Uses", key: "changed"), Column("Before", key: "before"),
                Column("After", key: "after"), Column("Difference", key: "difference"),
            ], name: { $0["principal"]?.display ?? "" })
    }

    private static let fields = [
        Column("Looked at", key: "looked"), Column("Corrected", key: "changed"), Column("Before", key: "before"),
        Column("After", key: "after"), Column("Not priceable", key: "unpriceable"),
    ]
}
