import AWSClient
import Enforcement
import Engine
import JSONModel
import Logging
import TestKit
import Testing
import WallTime

@testable import Notifications

@Suite struct PagerDutyChannelTests {
    private static let url = "https://events.pagerduty.com/v2/enqueue"
    private static let key = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00"

    private static func settings(
        kinds: Set<Notice.Kind>? = nil, topics: Set<NoticeTopic>? = nil
    ) -> ChannelSettings {
        ChannelSettings(
            name: "pager", kind: .pagerDuty(routingKey: .plain(key), url: url, timeout: .seconds(5)), kinds: kinds,
            topics: topics)
    }

    private static func channel(_ web: FakeWeb, _ settings: ChannelSettings = settings()) -> Channel {
        .pagerDuty("pager", routingKey: .plain(key), url: url, pages: settings.pages, post: web.post("PagerDuty"))
    }

    /// The events that notices bring about, as `trigger KEY` and `resolve KEY`.
    private func events(
        _ notices: [Notice], _ settings: ChannelSettings = settings(), web: FakeWeb = FakeWeb(FakeWeb.answer(202))
    ) async throws -> [String] {
        let channel = Self.channel(web, settings)
        for notice in notices where settings.takes(notice.kind) { try await channel.deliver(Delivery(notice)) }
        return try web.bodies().map {
            "\($0["event_action"]?.stringValue ?? "") \($0["dedup_key"]?.stringValue ?? "")"
        }
    }

    private static let suspension = "steward/suspension/111122223333/user/ana"
    private static let enforcement = "steward/enforcement/111122223333/user/ana"

    @Test func aTriggerSaysWhatPagerDutyAsksFor() async throws {
        let web = FakeWeb(FakeWeb.answer(202))
        let notice = try makeNotice(.suspended, id: "suspended/x/1", spent: "1.04")
        try await Self.channel(web).deliver(Delivery(notice))

        let event = try #require(try web.bodies().first)
        #expect(web.requests.first?.url == Self.url)
        #expect(event["routing_key"] == .string(Self.key))
        #expect(event["event_action"] == "trigger")
        #expect(event["dedup_key"] == .string(Self.suspension))
        let payload = try #require(event["payload"])
        #expect(payload["summary"] == "Bedrock access suspended: ana – $1.04 of $1.00 (104 %)")
        #expect(payload["severity"] == "critical")
        #expect(payload["timestamp"] == .string(now.iso8601))
        #expect(payload["source"] == "arn:aws:iam::111122223333:user/ana")
        #expect(payload["component"] == "suspension" && payload["class"] == "suspended")
        #expect(payload["custom_details"]?["Used"] == "$1.04 of $1.00 (104 %)")
        #expect(payload["custom_details"]?["id"] == "suspended/x/1")
    }

    @Test(
        arguments: [
            (
                [.suspended, .restored],
                ["trigger \(suspension)", "resolve \(enforcement)", "resolve \(suspension)", "resolve \(enforcement)"]
            ),
            (
                [.suspensionFailed, .spared],
                ["trigger \(enforcement)", "resolve \(suspension)", "resolve \(enforcement)"]
            ),
            (
                [.suspensionFailed, .suspended],
                ["trigger \(enforcement)", "trigger \(suspension)", "resolve \(enforcement)"]
            ),
            (
                [.enforcementLeak, .principalGone],
                [
                    "trigger \(enforcement)", "resolve \(suspension)", "resolve \(enforcement)",
                    "resolve steward/keys/111122223333/user/ana",
                ]
            ),
            // Neither urgent, nor the end of something that was.
            ([.budgetWarning, .graceStarted, .restorationSkipped, .dailySummary], []),
        ] as [([Notice.Kind], [String])])
    func whatSettlesATroubleResolvesIt(_ kinds: [Notice.Kind], _ expected: [String]) async throws {
        let notices = try kinds.enumerated().map { index, kind in
            var notice = try makeNotice(kind, id: "\(index)")
            notice.at = now + .seconds(Int64(index))
            return notice
        }
        #expect(try await events(notices) == expected)
    }

    @Test func whoIsPagedInGraceIsToldWhenItIsSpared() async throws {
        let settings = Self.settings(kinds: [.graceStarted])
        let found = try await events(
            [try makeNotice(.graceStarted), try makeNotice(.suspended), try makeNotice(.spared)], settings)

        #expect(found.first == "trigger \(Self.suspension)" && found.last == "resolve \(Self.suspension)")
        #expect(!found.contains { $0.contains("enforcement") })
        #expect(!settings.takes(.budgetCritical))
    }

    /// The page was refused for a while and the restoration was faster: nobody is woken for what is over.
    @Test func aPageThatComesAfterItsEndIsNotSent() async throws {
        let web = FakeWeb(FakeWeb.answer(500), FakeWeb.answer(202))
        let channel = Self.channel(web)
        let suspended = try makeNotice(.suspended, id: "s")
        var restored = try makeNotice(.restored, id: "r")
        restored.at = now + .seconds(60)

        await #expect(throws: DeliveryError.self) { try await channel.deliver(Delivery(suspended)) }
        try await channel.deliver(Delivery(restored))
        try await channel.deliver(Delivery(suspended))
        var again = try makeNotice(.suspended, id: "s2")
        again.at = now + .seconds(120)
        try await channel.deliver(Delivery(again))

        let triggers = try web.bodies().filter { $0["event_action"] == "trigger" }
        #expect(triggers.map { $0["payload"]?["custom_details"]?["id"] } == ["s", "s2"])
    }

    @Test func aPageThatComesAfterItsEndIsNotSentByTheNextDaemonEither() async throws {
        let (store, clock) = (MemoryStore(), VirtualClock(at: now))
        func outbox(_ web: FakeWeb) -> OutboxDelivery<MemoryStore> {
            OutboxDelivery(
                store: store, channels: [Self.channel(web)], attempts: 8, clock: clock.wallClock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        func tell(_ kind: Notice.Kind) async throws {
            var notice = try makeNotice(kind, id: kind.rawValue)
            notice.at = clock.now
            try await store.write { [notice] in _ = try $0.enqueue(notice, channels: ["pager"]) }
        }
        try await tell(.suspended)
        _ = try await outbox(FakeWeb(FakeWeb.answer(500))).tick(at: clock.now)
        clock.advance(to: now + .seconds(1))
        try await tell(.restored)
        _ = try await outbox(FakeWeb(FakeWeb.answer(202))).tick(at: clock.now)

        let web = FakeWeb(FakeWeb.answer(202))
        let next = outbox(web)
        try await next.recall()
        clock.advance(to: now + .seconds(3600))
        #expect(try await next.tick(at: clock.now))

        #expect(try web.bodies().map { $0["event_action"] } == ["resolve"])
        let statuses = try await store.read { try $0.outboxItems(OutboxQuery()) }.map(\.status)
        #expect(statuses == [.sent, .sent])
    }

    /// A mute silences pages; an incident that was opened before it ends all the same.
    @Test func whatIsMutedOpensNothingAndResolvesAllTheSame() async throws {
        let web = FakeWeb(FakeWeb.answer(202))
        let settle = try #require(Self.channel(web).settle)

        for kind in [Notice.Kind.suspensionFailed, .suspended, .restored] {
            try await settle(Delivery(try makeNotice(kind)))
        }

        #expect(
            try web.bodies().map { "\($0["event_action"]?.stringValue ?? "") \($0["dedup_key"]?.stringValue ?? "")" }
                == ["resolve \(Self.enforcement)", "resolve \(Self.suspension)", "resolve \(Self.enforcement)"])
    }

    @Test func aTestOpensAnIncidentOfItsOwnAndResolvesIt() async throws {
        let web = FakeWeb(FakeWeb.answer(202))

        try await Self.channel(web, Self.settings(kinds: [.ingestSilent])).sendTest(by: "operator:ana", at: now)

        let events = try web.bodies()
        #expect(events.map { $0["event_action"] } == ["trigger", "resolve"])
        #expect(events.allSatisfy { $0["dedup_key"] == "steward/test/pager" })
        #expect(events.first?["payload"]?["severity"] == "info")
        #expect(events.first?["payload"]?["summary"] == "Test message of Steward: the channel pager works")
    }

    @Test func aTestThatIsRefusedSaysWhatWasAnswered() async throws {
        let channel = Self.channel(FakeWeb(FakeWeb.answer(403, "bad key \(Self.key)")))

        let error = await #expect(throws: DeliveryError.self) {
            try await channel.sendTest(by: "operator:ana", at: now)
        }

        #expect(error?.description == "PagerDuty.403: events.pagerduty.com answered 403: bad key [secret]")
    }

    @Test func tryingAgainSendsTheSameKey() async throws {
        let notice = try makeNotice(.suspended)
        let found = try await events([notice, notice])
        #expect(Set(found).count == 2 && found.count == 4)
    }

    @Test(arguments: Notice.Kind.allCases)
    func keysAndSummariesAreNotTooLong(_ kind: Notice.Kind) throws {
        let name = String(repeating: "ñ", count: 4000)
        let delivery = Delivery(try makeNotice(kind, name: name, adding: SpanishTextTests.everything))
        let event = PagerDutyEvent(delivery, kind.trouble ?? .suspension)

        #expect(event.key.utf8.count <= 255)
        #expect(event.trigger["payload"]?["summary"]?.stringValue.map { $0.count <= 1024 } == true)
        let other = PagerDutyEvent(Delivery(try makeNotice(kind, name: name + "x")), kind.trouble ?? .suspension)
        #expect(event.key != other.key)
    }

    @Test func troublesWithoutAPrincipalHaveKeysOfTheirOwn() throws {
        func key(_ kind: Notice.Kind, _ data: JSONValue) throws -> String {
            let notice = Notice(id: "x", kind: kind, principal: nil, data: data, at: now)
            return PagerDutyEvent(Delivery(notice), try #require(kind.trouble)).key
        }
        #expect(try key(.ingestSilent, ["source": "logs"]) == "steward/ingestion/logs")
        #expect(try key(.pricesStale, [:]) == "steward/prices/all")
        #expect(try key(.priceQuarantined, ["model": "acme.a"]) == "steward/prices/acme.a")
        #expect(
            try key(.furtherBudgetExceeded, ["scope": "team:data", "budgetId": "b", "periodStart": "p"])
                == "steward/budget/team:data/b/p")
    }

    @Test func whatOpensAnIncidentCanBeSettledOnlyByWhatOpensNone() {
        for kind in Notice.Kind.allCases {
            for settled in kind.settles { #expect(Notice.Kind.allCases.contains { $0.trouble == settled }) }
            #expect(kind.trouble.map { !kind.settles.contains($0) } ?? true)
        }
    }
}
