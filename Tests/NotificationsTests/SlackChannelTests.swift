import AWSClient
import Enforcement
import JSONModel
import Testing

@testable import Notifications

@Suite struct SlackChannelTests {
    private static let url = "https://hooks.slack.com/services/T0/B0/secret"

    private func sent(_ notice: Notice, style: NoticeStyle = .standard) async throws -> JSONValue {
        let web = FakeWeb(FakeWeb.answer(200, "ok"))
        try await Channel.slack("chat", url: .plain(Self.url), post: web.post("Slack"))
            .deliver(Delivery(notice, style: style))
        #expect(web.requests.map(\.url) == [Self.url])
        return try #require(try web.bodies().first)
    }

    /// Every text of a message with the limit that Slack sets for its place.
    private static func texts(_ message: JSONValue) -> [(text: String, limit: Int)] {
        let blocks = message["attachments"]?[0]?["blocks"]?.arrayValue ?? []
        return blocks.flatMap { block -> [(String, Int)] in
            let fields = (block["fields"]?.arrayValue ?? []).map { ($0["text"]?.stringValue ?? "", 2000) }
            let elements = (block["elements"]?.arrayValue ?? []).map { ($0["text"]?.stringValue ?? "", 3000) }
            let own = block["text"].map { [($0["text"]?.stringValue ?? "", block["type"] == "header" ? 150 : 3000)] }
            return (own ?? []) + fields + elements
        }
    }

    @Test func aMessageHasHeadlineBarFactsAndAdvice() async throws {
        let notice = try makeNotice(.budgetCritical)
        let message = try await sent(notice)

        #expect(message["text"] == "Bedrock budget critical: ana")
        #expect(message["attachments"]?[0]?["color"] == "#EC7266")
        let blocks = try #require(message["attachments"]?[0]?["blocks"]?.arrayValue)
        #expect(blocks.first?["type"] == "header")
        let texts = Self.texts(message).map(\.text)
        #expect(texts[0] == "Bedrock budget critical: ana")
        #expect(texts[1] == "`██████████████████░░` $0.92 of $1.00 (92 %)")
        #expect(texts.contains("*Principal*\nana") && texts.contains("*Account*\n111122223333"))
        #expect(texts.contains("*Used*\n$0.92 of $1.00 (92 %)"))
        let command = "workflowctl budget set 111122223333/user/ana --limit AMOUNT"
        #expect(texts.contains("*What to do*\nTo change the limit: \(command)"))
        #expect(texts.last == "Steward · budget-critical · budget-warning/b/1/0")
        let paragraphs = NoticeText(notice).paragraphs.dropLast()
        #expect(paragraphs.allSatisfy(texts.contains))
    }

    @Test(arguments: Notice.Kind.allCases, NoticeLanguage.allCases)
    func everyMessageIsOneThatSlackTakes(_ kind: Notice.Kind, _ language: NoticeLanguage) async throws {
        var data = SpanishTextTests.everything
        data["findings"] = .array((1...40).map { .string("finding \($0) " + String(repeating: "&", count: 5000)) })
        data["reason"] = .string(String(repeating: "<", count: 5000))
        let notice = try makeNotice(kind, name: "<!channel> & co", adding: data)
        let message = try await sent(notice, style: NoticeStyle(language: language))

        let blocks = try #require(message["attachments"]?[0]?["blocks"]?.arrayValue)
        #expect(blocks.count <= 50)
        #expect(blocks.allSatisfy { ($0["fields"]?.arrayValue?.count ?? 1) <= 10 })
        for (text, limit) in Self.texts(message) {
            #expect(!text.isEmpty && text.unicodeScalars.count <= limit)
            // No `<` can begin a mention, and no escape is cut.
            #expect(!text.contains("<") && !text.contains(">"))
            #expect(text.matches(of: /&(?!amp;|lt;|gt;)/).isEmpty)
        }
        #expect(message["text"]?.stringValue?.contains("<") == false)
    }

    @Test func aChannelThatWasArchivedIsADeadLetter() async throws {
        let web = FakeWeb(FakeWeb.answer(410, "channel_is_archived"))
        let error = await #expect(throws: DeliveryError.self) {
            try await Channel.slack("chat", url: .plain(Self.url), post: web.post("Slack"))
                .deliver(Delivery(try makeNotice(.suspended)))
        }
        #expect(error?.isPermanent == true)
        #expect(error?.description == "Slack.410: hooks.slack.com answered 410: channel_is_archived")
    }
}
