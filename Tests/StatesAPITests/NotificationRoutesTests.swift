import Enforcement
import Engine
import JSONModel
import StatesAPI
import TestKit
import Testing
import WallTime

@Suite struct NotificationRoutesTests {
    private static let path = "/api/v1/notifications"

    private func harness() async throws -> APIHarness {
        let channels = [
            NotificationDesk.ChannelView(
                name: "log", type: "log", takes: ["everything"], topics: Set(NoticeTopic.allCases)),
            NotificationDesk.ChannelView(name: "budget", type: "slack", takes: ["budget"], topics: [.budget]),
        ]
        return try await APIHarness(
            notifications: NotificationDesk(channels: channels) { name, actor in
                name == "log" ? nil : "Slack.410: gone, says \(actor)"
            })
    }

    /// How they stand is counted over the whole outbox.
    @Test func channelsAreListedByASurvey() async throws {
        let api = try await harness()
        let (reads, surveys) = (api.store.reads, api.store.surveys)
        #expect(try await api.call(.get, "/api/v1/notifications").status == 200)
        #expect(api.store.surveys - surveys == 1)
        #expect(api.store.reads - reads == 1)
    }

    @Test func channelsAreListedWithWhatWaitsForThem() async throws {
        let api = try await harness()
        let at = api.clock.now
        let notice = Notice(id: "n", kind: .bypass, principal: nil, data: [:], at: at)
        try await api.engine.transact { _ = try $0.transaction.enqueue(notice, channels: ["log", "old"]) }

        let channels = try await api.call(.get, Self.path).json["channels"]

        #expect(channels?[0]?["name"] == "log" && channels?[0]?["waiting"] == 1)
        #expect(channels?[0]?["oldest"] == .string(at.iso8601) && channels?[0]?["takes"] == ["everything"])
        #expect(channels?[1]?["name"] == "budget" && channels?[1]?["waiting"] == 0)
        #expect(channels?[2]?["name"] == "old" && channels?[2]?["type"] == "gone")
        #expect(channels?.arrayValue?.count == 3)
    }

    @Test func aMuteIsShownWhereItHoldsUntilItIsOver() async throws {
        let api = try await harness()
        let body: JSONValue = ["target": "topic/budget", "for": "2h", "reason": "prices change"]
        let muted = try await api.call(.post, Self.path + "/mute", body)
        #expect(muted.status == 200 && muted.json["target"] == "topic/budget" && muted.json["by"] == "operator:api")
        _ = try await api.call(.post, Self.path + "/mute", ["target": "log", "for": "1h", "reason": "noise"])

        let list = try await api.call(.get, Self.path).json
        #expect(list["channels"]?[0]?["mutes"]?.arrayValue?.map { $0["target"] } == ["channel/log", "topic/budget"])
        #expect(list["channels"]?[1]?["mutes"]?.arrayValue?.map { $0["target"] } == ["topic/budget"])
        let status = try await api.call(.get, "/api/v1/status").json
        #expect(status["mutes"]?.arrayValue?.map { $0["reason"] } == ["noise", "prices change"])

        #expect(try await api.call(.post, Self.path + "/unmute", ["target": "log"]).status == 200)
        let again = try await api.call(.post, Self.path + "/unmute", ["target": "log"])
        #expect(again.status == 409 && again.json["error"]?["code"] == "NotMuted")
        api.clock.advance(by: .seconds(7200))
        #expect(try await api.call(.get, Self.path).json["mutes"] == [])
    }

    @Test(
        arguments: [
            (["target": "nobody", "for": "2h", "reason": "x"], 404, "channel/log, channel/budget, topic/operational"),
            (["target": "budget", "for": "2h", "reason": "x"], 400, "channel/budget or topic/budget"),
            (["target": "log", "for": "soon", "reason": "x"], 400, "30m, 2h or 1d"),
            (["target": "log", "for": "8d", "reason": "x"], 400, "seven days"),
            (["target": "log", "for": "2h"], 400, "reason"),
            (["target": "log", "reason": "x"], 400, "for or until"),
            (["target": "log", "for": "2h", "until": "2030-01-01T00:00:00Z", "reason": "x"], 400, "not both"),
            (["target": "log", "until": "2001-01-01T00:00:00Z", "reason": "x"], 400, "past"),
            (["for": "2h", "reason": "x"], 400, "target is missing"),
        ] as [(JSONValue, Int, String)])
    func aMuteThatCanNotBeIsRefused(_ body: JSONValue, _ status: Int, _ said: String) async throws {
        let api = try await harness()
        let answer = try await api.call(.post, Self.path + "/mute", body)

        #expect(answer.status == status)
        #expect(answer.json.jsonString.contains(said), "\(answer.json)")
        #expect(try await api.call(.get, Self.path).json["mutes"] == [])
    }

    @Test func aTestSaysWhetherItWasTaken() async throws {
        let api = try await harness()
        let taken = try await api.call(.post, Self.path + "/test", ["channel": "log"])
        #expect(taken.status == 200 && taken.json["taken"] == true)

        let refused = try await api.call(.post, Self.path + "/test", ["channel": "budget"])
        #expect(refused.status == 502 && refused.json["error"]?["code"] == "NotTaken")
        #expect(refused.json["error"]?["message"]?.stringValue?.contains("Slack.410: gone, says operator:api") == true)

        #expect(try await api.call(.post, Self.path + "/test", ["channel": "nobody"]).status == 404)
        let audit = try await api.call(.get, "/api/v1/audit?subject=notifications/test/budget")
        #expect(audit.json["entries"]?[0]?["detail"]?["taken"] == false)
    }

    @Test func theOutboxIsListedByStatus() async throws {
        let api = try await harness()
        let notice = Notice(id: "n", kind: .bypass, principal: nil, data: [:], at: api.clock.now)
        try await api.engine.transact { _ = try $0.transaction.enqueue(notice, channels: ["log"]) }

        let waiting = try await api.call(.get, Self.path + "/outbox?status=waiting&channel=log").json["items"]
        #expect(waiting?[0]?["notice"] == "n" && waiting?[0]?["status"] == "waiting")
        #expect(try await api.call(.get, Self.path + "/outbox?status=muted").json["items"] == [])
        #expect(try await api.call(.get, Self.path + "/outbox?status=lost").status == 400)
    }
}
