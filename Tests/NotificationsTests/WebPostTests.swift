import AWSClient
import Testing
import WallTime

@testable import Notifications

/// What is made of the answers of services on the web.
@Suite struct WebPostTests {
    private static let url = "https://hooks.example.com/services/T0000/B0000/verysecretpart?key=alsoasecret"

    private func failure(_ web: FakeWeb, to url: String = url, secrets: [String] = []) async -> DeliveryError? {
        await #expect(throws: DeliveryError.self) {
            try await web.post("Slack").send([0x7B, 0x7D], to: url, secrets: secrets)
        }
    }

    @Test func aMessageIsPostedAsJSONWithinItsTime() async throws {
        let web = FakeWeb(FakeWeb.answer(202))
        try await web.post().send([0x7B, 0x7D], to: Self.url, headers: [("X-Test", "1")])

        let request = try #require(web.requests.first)
        #expect(request.method == "POST" && request.url == Self.url && request.body == [0x7B, 0x7D])
        #expect(request.timeout == .seconds(7))
        let headers = Dictionary(request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        #expect(headers == ["Content-Type": "application/json", "User-Agent": "Steward", "X-Test": "1"])
    }

    @Test(arguments: [
        (400, true, false), (401, true, false), (403, true, false), (404, true, false), (410, true, false),
        (301, true, false), (408, false, false), (425, false, false), (429, false, true), (500, false, false),
        (502, false, false), (503, false, true), (504, false, false),
    ])
    func onlyWhatMayPassIsTriedAgain(_ status: Int, _ isPermanent: Bool, _ isOutage: Bool) async {
        let error = await failure(FakeWeb(FakeWeb.answer(status, "no_service")))

        #expect(error?.code == "Slack.\(status)")
        #expect(error?.message.hasPrefix("hooks.example.com answered \(status): no_service") == true)
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.isOutage == isOutage)
    }

    @Test(
        arguments: [
            (429, "30", Duration.seconds(30)), (503, "0", .zero), (500, "1", .seconds(1)),
            (503, "Fri, 20 Nov 2026 10:02:00 GMT", .seconds(120)), (503, "Fri, 20 Nov 2026 09:00:00 GMT", .zero),
            (503, "soon", nil), (503, "-5", nil), (503, nil, nil), (404, "30", nil),
            (429, "99999999999999", .seconds(1_000_000)),
        ] as [(Int, String?, Duration?)])
    func itSaysHowLongItWantsToBeLeftAlone(_ status: Int, _ header: String?, _ expected: Duration?) async {
        let headers = header.map { [(name: "retry-after", value: $0)] } ?? []
        let error = await failure(FakeWeb(FakeWeb.answer(status, headers: headers)))

        #expect(error?.retryAfter == expected)
    }

    @Test(arguments: [
        (HTTPTransportError.couldNotConnect("hooks.example.com: refused"), "Slack.Unreachable", true),
        (.timedOut("hooks.example.com: late"), "Slack.TimedOut", true),
        (.tls("hooks.example.com: bad certificate"), "Slack.Certificate", true),
        (.other("hooks.example.com: cut"), "Slack.Failed", false),
    ])
    func noAnswerIsNoRefusal(_ error: HTTPTransportError, _ code: String, _ isOutage: Bool) async {
        let found = await failure(FakeWeb(.failure(error)))

        #expect(found?.code == code && found?.message == error.description)
        #expect(found?.isPermanent == false && found?.isOutage == isOutage)
    }

    /// A service may repeat what it was sent; none of it gets into logs and dead letters.
    @Test func noSecretComesBackInAnError() async throws {
        let echo = "you sent /services/T0000/B0000/verysecretpart with key=alsoasecret and R0UTINGKEY to \(Self.url)"
        let error = try #require(await failure(FakeWeb(FakeWeb.answer(400, echo)), secrets: ["R0UTINGKEY"]))

        for secret in ["verysecretpart", "alsoasecret", "R0UTINGKEY"] {
            #expect(!error.description.contains(secret), "\(error)")
        }
        #expect(error.message.contains("[secret]"))
    }

    @Test func anEndlessAnswerIsCut() async {
        let error = await failure(FakeWeb(FakeWeb.answer(400, "a\r\n" + String(repeating: "x", count: 100_000))))

        #expect((error?.message.count ?? 0) < 300)
        #expect(error?.message.contains("\n") == false)
    }

    @Test(arguments: [
        "http://hooks.example.com/x", "ftp://hooks.example.com/x", "https://user:pass@hooks.example.com/x", "hooks",
        "http://127.0.0.1.example.com/", "http://169.254.169.254/latest", "",
    ])
    func urlsWithoutProtectionAreNotUsed(_ url: String) async {
        let web = FakeWeb()
        let error = await failure(web, to: url)

        #expect(error?.code == "Slack.BadURL")
        #expect(web.requests.isEmpty)
        #expect(url.isEmpty || error?.description.contains(url) == false)
    }

    @Test(arguments: ["http://localhost:1/x", "http://127.0.0.1:8080/", "http://[::1]:1/", "https://example.com"])
    func thisMachineNeedsNoTLS(_ url: String) { #expect(WebTarget(url) != nil) }

    @Test func aSecretThatIsMissingMayComeBack() {
        let error = #expect(throws: DeliveryError.self) {
            try FakeWeb().post("PagerDuty").read(.file("/nonexistent/key"))
        }
        #expect(error?.code == "PagerDuty.NoSecret" && error?.isPermanent == false && error?.isOutage == true)
    }
}
