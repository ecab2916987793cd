import AWSClient
import Enforcement
import JSONModel

extension Channel {
    /// An incoming webhook of Slack. Slack knows no ids of messages: one whose answer got lost comes twice.
    static func slack(_ name: String, url: Secret, post: WebPost) -> Channel {
        Channel(name: name) { delivery in
            let message = SlackMessage(delivery).json.jsonBytes
            try await post.send(message, to: try post.read(url))
        }
    }
}

/// A notice in Slack's Block Kit.
struct SlackMessage {
    private static let longestHeader = 150
    private static let longestText = 3000
    private static let longestField = 2000
    private static let mostFields = 10

    private let delivery: Delivery
    private var text: NoticeText { delivery.text }

    init(_ delivery: Delivery) { self.delivery = delivery }

    /// The subject stands beside the blocks too, for notifications of the desktop and for screen readers.
    var json: JSONValue {
        [
            "text": .string(Self.escaped(text.subject, atMost: Self.longestText)),
            "attachments": [["color": .string(text.tone.color), "blocks": .array(blocks)]],
        ]
    }

    private var blocks: [JSONValue] {
        let header: JSONValue = [
            "type": "header",
            "text": [
                "type": "plain_text", "text": .string(Self.escaped(text.subject, atMost: Self.longestHeader)),
                "emoji": false,
            ],
        ]
        let bar = text.usage.map {
            Self.section("`\($0.bar())` \(Self.escaped($0.caption, atMost: Self.longestField))")
        }
        let said = text.advice == nil ? text.paragraphs[...] : text.paragraphs.dropLast()
        let fields = text.facts.prefix(Self.mostFields).map { fact in
            Self.words("*\(fact.label)*\n\(Self.escaped(fact.value, atMost: Self.longestField - 100))")
        }
        let advice = text.advice.map { advice in
            let title = text.style.say("What to do", es: "Qué hacer")
            return Self.section("*\(title)*\n\(Self.escaped(advice, atMost: Self.longestText - 100))")
        }
        let origin = "Steward · \(delivery.notice.kind.rawValue) · \(delivery.id)"
        return [header] + [bar].compactMap(\.self)
            + said.map { Self.section(Self.escaped($0, atMost: Self.longestText)) }
            + (fields.isEmpty ? [] : [["type": "section", "fields": .array(fields)]]) + [advice].compactMap(\.self)
            + [["type": "context", "elements": [Self.words(Self.escaped(origin, atMost: Self.longestField))]]]
    }

    private static func section(_ text: String) -> JSONValue { ["type": "section", "text": words(text)] }

    /// `verbatim`: names that look like links or channels stay as they are.
    private static func words(_ text: String) -> JSONValue {
        ["type": "mrkdwn", "text": .string(text), "verbatim": true]
    }

    /// Without escaping, a principal named `<!channel>` would call everybody. Cut so that no escape is cut in two.
    static func escaped(_ text: String, atMost limit: Int) -> String {
        var (escaped, length) = ("", 0)
        for character in text.unicodeScalars {
            let piece =
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(character)
                }
            length += piece.unicodeScalars.count
            guard length < limit else { return escaped + "…" }
            escaped += piece
        }
        return escaped
    }
}
