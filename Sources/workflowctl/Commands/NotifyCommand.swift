import ArgumentParser
import JSONModel

/// `workflowctl notify …`
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Channels of notices: how they do, whether they work, silence for a while.",
        discussion: "Example: workflowctl notify list",
        subcommands: [
            NotifyList.self, NotifyOutbox.self, NotifyTest.self, NotifyMute.self, NotifyUnmute.self,
        ])

    static let path = "/api/v1/notifications"
}

struct NotifyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the channels: what they take, what waits for them, what is muted.",
        discussion: """
            Waiting counts what was not sent yet, and the oldest of it; kept back counts what a mute has kept.

            Example: workflowctl notify list
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get(NotifyCommand.path), key: "channels",
            columns: [
                Column("Channel", key: "name"), Column("Type", key: "type"),
                Column("Takes") { $0["takes"]?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? "" },
                Column("Waiting", key: "waiting"), Column("Oldest") { Moments.relative($0["oldest"]) },
                Column("Kept back", key: "muted"), Column("Muted") { MuteText.line($0["mutes"]) },
                Column("Last error", key: "lastError"),
            ], name: { $0["name"]?.display ?? "" })
    }
}

struct NotifyOutbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "List notices on their way through the channels, newest first.",
        discussion: """
            Statuses: waiting, sent, abandoned (there is a dead letter), muted (kept, and never sent).

            Example: workflowctl notify outbox --status muted
            """)

    @Option(help: "Only of this channel.") var channel: String?
    @Option(help: "waiting, sent, abandoned, muted or all.") var status = "all"
    @Option(help: "How many at most (1 to 1000).") var limit = 100
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(
            NotifyCommand.path + "/outbox", [("channel", channel), ("status", status), ("limit", String(limit))])
        output.printer.list(
            answer, key: "items",
            columns: [
                Column("Id", key: "id"), Column("Kind", key: "kind"), Column("Principal", key: "principal"),
                Column("Channel", key: "channel"), Column("Status", key: "status"),
                Column("Written") { Moments.relative($0["at"]) }, Column("Tries", key: "attempts"),
                Column("Why", key: "lastError"),
            ], limit: limit, name: { $0["notice"]?.display ?? "" })
    }
}

struct NotifyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test message through a channel now, muted or not.",
        discussion: """
            Says whether the other side took it, and what it answered when it did not (exit code 1). PagerDuty gets an \
            incident that is resolved at once.

            Example: workflowctl notify test mail
            """)

    @Argument(help: "The channel, as the settings name it.") var channel: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(NotifyCommand.path + "/test", ["channel": .string(channel)])
        output.printer.item(
            answer,
            fields: [
                Column("Channel", key: "channel"), Column("Type", key: "type"),
                Column("Taken") { $0["taken"] == true ? "yes" : "no" },
            ], name: { $0["channel"]?.display ?? "" })
    }
}

struct NotifyMute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute", abstract: "Send nothing through a channel, or of a topic, for a while.",
        discussion: """
            What would have been sent is kept (`workflowctl notify outbox --status muted`) and not sent later. A mute lasts \
            seven days at most, ends by itself, and stands in the audit log. Of a topic (budget, high, operational), what \
            says that enforcement fails goes through all the same: only a channel's mute keeps that back.

            Example: workflowctl notify mute chat --for 2h --reason 'planned work on IAM'
            """)

    @Argument(help: "A channel or a topic; channel/NAME or topic/NAME where both have the name.") var target: String
    @Option(name: .customLong("for"), help: "A time span such as 30m, 2h or 1d.") var span: String?
    @Option(help: "Instead of --for: an instant such as 2026-12-01T08:00:00Z.") var until: String?
    @Option(help: "Why; it goes into the audit log.") var reason: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard (span == nil) != (until == nil) else {
            throw Failure(.usage, "give --for or --until", hint: "Such as --for 2h.")
        }
        var body: JSONObject = ["target": .string(target), "reason": .string(reason)]
        if let span { body["for"] = .string(span) }
        if let until { body["until"] = .string(until) }
        let answer = try await server.client().post(NotifyCommand.path + "/mute", body)
        output.printer.item(answer, fields: MuteText.fields, name: { $0["target"]?.display ?? "" })
    }
}

struct NotifyUnmute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmute", abstract: "End a mute before its time.",
        discussion: """
            What was kept back meanwhile stays so.

            Example: workflowctl notify unmute chat
            """)

    @Argument(help: "The channel or the topic that is muted.") var target: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().post(NotifyCommand.path + "/unmute", ["target": .string(target)])
        output.printer.item(
            answer, fields: [Column("Unmuted", key: "target"), Column("Was muted by", key: "by")],
            name: { $0["target"]?.display ?? "" })
    }
}

/// Mutes as people read them.
enum MuteText {
    static let fields = [
        Column("Muted", key: "target"), Column("Until") { Moments.both($0["until"]) }, Column("By", key: "by"),
        Column("Reason", key: "reason"),
    ]

    /// All of them, one a line.
    static func lines(_ mutes: JSONValue?) -> String { texts(mutes).joined(separator: "\n") }

    /// All of them, for a cell of a table.
    static func line(_ mutes: JSONValue?) -> String { texts(mutes).joined(separator: "; ") }

    private static func texts(_ mutes: JSONValue?) -> [String] {
        (mutes?.arrayValue ?? []).map { mute in
            "\(mute["target"]?.display ?? "") until \(Moments.exact(mute["until"])) by \(mute["by"]?.display ?? "")"
        }
    }
}
