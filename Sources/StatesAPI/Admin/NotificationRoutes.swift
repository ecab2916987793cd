import Budgets
package import Enforcement
import Engine
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

/// How the API gets at the channels of notices.
package struct NotificationDesk: Sendable {
    /// A channel as the settings describe it.
    package struct ChannelView: Sendable, Equatable {
        package var name: String
        /// Such as `smtp`.
        package var type: String
        /// The topics and kinds that it takes, as the settings name them.
        package var takes: [String]
        /// The topics of the kinds that it takes: a mute of one of them is a mute of it in part.
        package var topics: Set<NoticeTopic>

        package init(name: String, type: String, takes: [String], topics: Set<NoticeTopic>) {
            self.name = name
            self.type = type
            self.takes = takes
            self.topics = topics
        }
    }

    package var channels: [ChannelView]
    /// Sends a test message through a channel on behalf of somebody; what the other side said when it did not take it.
    package var test: @Sendable (_ channel: String, _ actor: String) async -> String?

    package init(
        channels: [ChannelView], test: @escaping @Sendable (_ channel: String, _ actor: String) async -> String?
    ) {
        self.channels = channels
        self.test = test
    }

    /// Everything that may be muted.
    var targets: [MuteTarget] { channels.map { .channel($0.name) } + NoticeTopic.allCases.map(MuteTarget.topic) }

    /// The channel or the topic that a person names: `mail`, or `channel/mail` where a topic is named so, too.
    /// - Throws: `APIError` for a name of nothing, and for one of two things.
    func target(named text: String) throws -> MuteTarget {
        let named = targets.filter { target in
            switch target {
            case .channel(let name): name == text
            case .topic(let topic): topic.rawValue == text
            }
        }
        if named.count > 1 {
            throw APIError.invalidRequest(
                "\"\(text)\" is a channel and a topic", hint: "Say channel/\(text) or topic/\(text).")
        }
        guard let target = named.first ?? targets.first(where: { $0.description == text }) else {
            throw APIError(
                .notFound, "NoSuchChannel", "no channel and no topic is named \"\(text)\"",
                hint: "There are \(targets.map(\.description).joined(separator: ", ")).")
        }
        return target
    }

    func channel(named text: String) throws -> ChannelView {
        guard let channel = channels.first(where: { $0.name == text }) else {
            throw APIError(
                .notFound, "NoSuchChannel", "no channel is named \"\(text)\"",
                hint: "There are \(channels.map(\.name).joined(separator: ", ")).")
        }
        return channel
    }

    /// What is muted now.
    func mutes(at now: Instant, in transaction: some ExecutionTransaction) throws -> [NoticeMute] {
        try targets.compactMap { try MuteCommands.mute(of: $0, at: now, in: transaction) }
    }
}

extension AdminAPI {
    func addNotificationRoutes(to group: Routes, _ desk: NotificationDesk) {
        group.get { _, _ in try await listChannels(desk) }
        group.get("outbox", query: ["channel", "status", "limit"]) { request, _ in try await listOutbox(request) }
        group.post("test") { request, _ in try await testChannel(request, desk) }
        group.post("mute") { request, _ in try await mute(request, desk) }
        group.post("unmute") { request, _ in try await unmute(request, desk) }
    }

    private func listChannels(_ desk: NotificationDesk) async throws -> JSONAnswer {
        let now = engine.now
        let (standings, mutes) = try await engine.survey { transaction in
            (try transaction.outboxStandings(), try desk.mutes(at: now, in: transaction))
        }
        let byName = Dictionary(standings.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
        let channels = desk.channels.map { channel in
            let its = mutes.filter { mute in
                switch mute.target {
                case .channel(let name): name == channel.name
                case .topic(let topic): channel.topics.contains(topic)
                }
            }
            return Self.json(channel, byName[channel.name] ?? OutboxStanding(channel: channel.name), its)
        }
        // Of channels that are no longer in the settings, until what waits for them is given up.
        let gone = standings.filter { standing in
            standing.waiting > 0 && !desk.channels.contains { $0.name == standing.channel }
        }
        .map { standing in
            let view = NotificationDesk.ChannelView(name: standing.channel, type: "gone", takes: [], topics: [])
            return Self.json(view, standing, [])
        }
        return JSONAnswer(["channels": .array(channels + gone), "mutes": .array(mutes.map(\.json))])
    }

    private static func json(
        _ channel: NotificationDesk.ChannelView, _ standing: OutboxStanding, _ mutes: [NoticeMute]
    ) -> JSONValue {
        [
            "name": .string(channel.name), "type": .string(channel.type),
            "takes": .array(channel.takes.map(JSONValue.string)), "waiting": .int(Int64(standing.waiting)),
            "oldest": .optional(standing.oldest?.iso8601), "muted": .int(Int64(standing.muted)),
            "lastError": .optional(standing.lastError), "mutes": .array(mutes.map(\.json)),
        ]
    }

    private func listOutbox(_ request: Request) async throws -> JSONAnswer {
        var query = OutboxQuery(channel: request.query("channel"), limit: try request.limit())
        if let text = request.query("status"), text != "all" {
            guard let status = OutboxItem.Status(rawValue: text) else {
                throw APIError.invalidRequest(
                    "\"\(text)\" is no status of a notice",
                    hint: "Known: \(OutboxItem.Status.allCases.map(\.rawValue).joined(separator: ", ")), all.")
            }
            query.status = status
        }
        let items = try await engine.read { [query] in try $0.outboxItems(query) }
        return JSONAnswer(["items": .array(items.map(\.json))])
    }

    /// Not taken is an error of the gateway that Steward is here; the answer says what the other side said.
    private func testChannel(_ request: Request, _ desk: NotificationDesk) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["channel"])
        guard let name = try body.text("channel") else { throw APIError.invalidRequest("channel is missing") }
        let channel = try desk.channel(named: name)
        let actor = "operator:\(request.actor)"
        let problem = await desk.test(channel.name, actor)
        try await engine.transact { work in
            // Not under the channel's own subject, which says what is muted.
            try work.transaction.appendAudit(
                AuditEntry(
                    at: work.now, actor: actor, action: "notifications.tested",
                    subject: "notifications/test/\(channel.name)",
                    detail: ["taken": .bool(problem == nil), "answer": .optional(problem)]))
        }
        if let problem {
            throw APIError(
                .badGateway, "NotTaken", "\(channel.name) (\(channel.type)) did not take the test message: \(problem)",
                hint: "docs/notifications.md says what each type needs; `workflowctl notify list` shows what waits.")
        }
        return JSONAnswer([
            "channel": .string(channel.name), "type": .string(channel.type), "taken": true,
        ])
    }

    private func mute(_ request: Request, _ desk: NotificationDesk) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["target", "for", "until", "reason"])
        let target = try Self.target(body, desk)
        let (end, reason) = (try Self.end(body), try body.text("reason") ?? "")
        let actor = "operator:\(request.actor)"
        return try await refusing {
            try await engine.transact { work in
                try MuteCommands.mute(
                    target, until: end(work.now), reason: reason, by: actor, at: work.now, in: work.transaction)
            }
        }
    }

    private func unmute(_ request: Request, _ desk: NotificationDesk) async throws -> JSONAnswer {
        let target = try Self.target(
            try await request.jsonObject(upTo: Self.bodyLimit, known: ["target"]), desk)
        let actor = "operator:\(request.actor)"
        return try await refusing {
            try await engine.transact { work in
                try MuteCommands.unmute(target, by: actor, at: work.now, in: work.transaction)
            }
        }
    }

    private static func target(_ body: JSONObject, _ desk: NotificationDesk) throws -> MuteTarget {
        guard let text = try body.text("target") else {
            throw APIError.invalidRequest("target is missing", hint: "Name a channel or a topic.")
        }
        return try desk.target(named: text)
    }

    /// When the mute ends, counted from the transaction's now.
    private static func end(_ body: JSONObject) throws -> @Sendable (Instant) -> Instant {
        switch (try body.text("for"), try body.text("until")) {
        case (let text?, nil):
            guard let span = DurationText.parse(text), span > .zero else {
                throw APIError.invalidRequest("for must be a time span such as 30m, 2h or 1d, not \"\(text)\"")
            }
            return { $0 + span }
        case (nil, let text?):
            guard let instant = Instant(iso8601: text) else {
                throw APIError.invalidRequest("until must be a time such as 2026-12-01T08:00:00Z, not \"\(text)\"")
            }
            return { _ in instant }
        default: throw APIError.invalidRequest("give for or until, and not both")
        }
    }

    private func refusing(_ change: () async throws -> NoticeMute) async throws -> JSONAnswer {
        do {
            return JSONAnswer(try await change().json)
        } catch let error as MuteError {
            switch error {
            case .notMuted: throw APIError(.conflict, "NotMuted", error.description)
            case .endInThePast, .tooLong, .noReason: throw APIError.invalidRequest(error.description)
            }
        }
    }
}

extension OutboxItem {
    fileprivate var json: JSONValue {
        [
            "id": .int(id.rawValue), "notice": .string(notice.id), "kind": .string(notice.kind.rawValue),
            "severity": .string(notice.severity.rawValue), "principal": .optional(notice.principal?.description),
            "at": .string(notice.at.iso8601), "channel": .string(channel), "status": .string(status.rawValue),
            "attempts": .int(Int64(attempts)), "nextTry": .optional(nextTry?.iso8601),
            "lastError": .optional(lastError),
        ]
    }
}
