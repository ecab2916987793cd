import AWSClient
import Enforcement
import JSONModel
import WallTime

extension Channel {
    /// Events API v2 of PagerDuty. What opens an incident and what resolves it have the same key, so a notice that comes
    /// twice changes nothing.
    /// - Parameter pages: which kinds open incidents.
    static func pagerDuty(
        _ name: String, routingKey: Secret, url: String, pages: @escaping @Sendable (Notice.Kind) -> Bool,
        post: WebPost
    ) -> Channel {
        let settled = SettledIncidents()
        let watched = Set(Notice.Kind.allCases.filter(pages).compactMap(\.trouble))
        @Sendable func send(_ event: JSONObject) async throws {
            let key = try post.read(routingKey)
            var event = event
            event["routing_key"] = .string(key)
            try await post.send(JSONValue.object(event).jsonBytes, to: url, secrets: [key])
        }
        @Sendable func settle(_ delivery: Delivery) async throws {
            for trouble in delivery.notice.kind.settles where watched.contains(trouble) {
                let event = PagerDutyEvent(delivery, trouble)
                // First, so that a page which was held up does not come after it.
                await settled.settle(event.key, at: delivery.notice.at)
                try await send(event.resolve)
            }
        }
        @Sendable func recall(_ notice: Notice) async {
            for trouble in notice.kind.settles where watched.contains(trouble) {
                await settled.settle(PagerDutyEvent.key(notice, trouble), at: notice.at)
            }
        }
        return Channel(name: name, settle: settle, recall: recall) { delivery in
            let notice = delivery.notice
            if notice.kind == .test {
                let event = PagerDutyEvent(delivery, .test)
                try await send(event.trigger)
                return try await send(event.resolve)
            }
            if let trouble = notice.kind.trouble, pages(notice.kind) {
                let event = PagerDutyEvent(delivery, trouble)
                if await !settled.isOver(event.key, at: notice.at) { try await send(event.trigger) }
            }
            try await settle(delivery)
        }
    }
}

/// Which incidents have been settled, and when. A page that had to be tried again is not sent once its trouble is over:
/// nothing would ever resolve it. Kept while the daemon runs, and recalled from the notices when it starts.
private actor SettledIncidents {
    private static let most = 10_000
    private var times: [String: Instant] = [:]

    func settle(_ key: String, at time: Instant) {
        if times.count >= Self.most, times[key] == nil {
            let middle = times.values.sorted()[times.count / 2]
            times = times.filter { $0.value > middle }
        }
        times[key] = max(time, times[key] ?? time)
    }

    func isOver(_ key: String, at time: Instant) -> Bool { times[key].map { $0 >= time } ?? false }
}

/// What PagerDuty is told of a notice.
struct PagerDutyEvent {
    private static let longestKey = 255
    private static let longestSummary = 1024

    private let delivery: Delivery
    private let trouble: Trouble

    init(_ delivery: Delivery, _ trouble: Trouble) {
        self.delivery = delivery
        self.trouble = trouble
    }

    var key: String { Self.key(delivery.notice, trouble) }

    /// `dedup_key`. One that is too long ends in the digest of all of it, so that two stay two.
    static func key(_ notice: Notice, _ trouble: Trouble) -> String {
        let key = notice.incident(trouble)
        guard key.utf8.count > longestKey else { return key }
        let beginning = String(decoding: Array(key.utf8.prefix(180).filter { $0 < 0x80 }), as: UTF8.self)
        return "\(beginning)/\(hexadecimal(sha256(key.utf8)))"
    }

    var trigger: JSONObject {
        let (notice, text) = (delivery.notice, delivery.text)
        let facts = text.facts.map { ($0.label, JSONValue.string($0.value)) }
        let words = text.style.say("Details", es: "Detalles")
        return [
            "event_action": "trigger", "dedup_key": .string(key), "client": "Steward",
            "payload": [
                "summary": .string(summary), "source": .string(notice.data["principalArn"]?.stringValue ?? "steward"),
                "severity": .string(notice.severity.rawValue), "timestamp": .string(notice.at.iso8601),
                "component": .string(trouble.rawValue), "group": "bedrock-budget",
                "class": .string(notice.kind.rawValue),
                "custom_details": .object(
                    JSONObject(facts + [(words, .string(text.plain)), ("id", .string(delivery.id))])),
            ],
        ]
    }

    var resolve: JSONObject { ["event_action": "resolve", "dedup_key": .string(key)] }

    private var summary: String {
        let text = delivery.text
        let whole = text.subject + (text.usage.map { " – \($0.caption)" } ?? "")
        return whole.count <= Self.longestSummary ? whole : whole.prefix(Self.longestSummary - 1) + "…"
    }
}
