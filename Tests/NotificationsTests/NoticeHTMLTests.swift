import Enforcement
import JSONModel
import Testing

@testable import Notifications

/// The HTML of mails.
@Suite struct NoticeHTMLTests {
    struct Case: Sendable, CustomStringConvertible {
        let kind: Notice.Kind
        let language: NoticeLanguage
        var description: String { "\(kind) in \(language.rawValue)" }
    }

    static let cases = Notice.Kind.allCases.flatMap { kind in
        NoticeLanguage.allCases.map { Case(kind: kind, language: $0) }
    }

    private static func text(_ shape: Case, name: String = "ana", spent: String = "0.92") throws -> NoticeText {
        NoticeText(
            try makeNotice(shape.kind, name: name, spent: spent, adding: SpanishTextTests.everything),
            style: NoticeStyle(language: shape.language))
    }

    @Test(arguments: cases)
    func everyKindIsWellFormedAndSaysAll(_ shape: Case) throws {
        let hostile = "<b onload=\"x\">&'\u{338}</b>"
        let text = try Self.text(shape, name: hostile)
        let html = text.html

        #expect(!html.contains("<b "))
        #expect(html.contains("<html lang=\"\(shape.language.rawValue)\">"))
        #expect(html.contains("max-width:600px"))
        for paragraph in text.paragraphs { #expect(html.contains(NoticeText.escaped(paragraph))) }
        if let usage = text.usage { #expect(html.contains(NoticeText.escaped(usage.caption))) }
        try Self.checkNesting(html)
        // Nothing is loaded from anywhere.
        #expect(!html.contains("http") && !html.contains("<img") && !html.contains("url("))
    }

    /// Every element that is opened is closed, in the reverse order.
    private static func checkNesting(_ html: String) throws {
        var open: [Substring] = []
        for match in html.matches(of: /<(\/?)([a-z][a-z0-9]*)[^>]*>/)
        where match.output.2 != "meta" && match.output.2 != "br" {
            if match.output.1.isEmpty {
                open.append(match.output.2)
            } else {
                #expect(open.popLast() == match.output.2)
            }
        }
        #expect(open.isEmpty)
    }

    @Test(arguments: [
        (Notice.Kind.budgetWarning, "#F4B860", "#fff8e8"), (.suspended, "#EC7266", "#ffebee"),
        (.restored, "#9CD286", "#E8F5E8"), (.dailySummary, "#4a6fa5", "#eef3fa"),
    ])
    func toneShowsInColours(_ kind: Notice.Kind, _ color: String, _ box: String) throws {
        let html = try Self.text(Case(kind: kind, language: .english)).html

        #expect(html.contains("border-top:6px solid \(color)"))
        #expect(html.contains("background:\(box)"))
    }

    @Test(
        arguments: [
            ("0", nil, "100"), ("0.65", "65", "35"), ("0.92", "92", "8"), ("1", "100", nil), ("7", "100", nil),
        ] as [(String, String?, String?)])
    func theBarIsAsLongAsWhatWasUsed(_ spent: String, _ filled: String?, _ rest: String?) throws {
        let html = try Self.text(Case(kind: .budgetWarning, language: .english), spent: spent).html
        let widths = html.matches(of: /<td style="width:(\d+)%;height:14px;background:(#[0-9A-Fa-f]{6})/)

        #expect(widths.map { String($0.output.1) } == [filled, rest].compactMap(\.self))
        #expect(rest == nil || widths.last?.output.2 == "#EFE6D5")
    }

    /// After a restoration the old period's bar would say that all is used up.
    @Test func whatIsOverHasNoBar() throws {
        let ended = NoticeText(try makeNotice(.restored, spent: "1.04", reason: .periodEnded))
        let raised = NoticeText(try makeNotice(.restored, spent: "1.04", limit: "5", reason: .limitRaised))

        #expect(ended.usage == nil)
        #expect(raised.usage == UsageMeter(percent: 20, caption: "$1.04 of $5.00 (20 %)"))
    }

    @Test func aShareOfSomethingElseIsNoUse() {
        let data: JSONValue = ["date": "2026-11-20", "billed": "120", "charged": "100", "percent": 20]
        #expect(NoticeText(Notice(id: "x", kind: .costDrift, principal: nil, data: data, at: now)).usage == nil)
    }

    @Test(arguments: [(0, 0), (1, 1), (49, 9), (50, 10), (99, 19), (100, 20), (700, 20), (-3, 0)])
    func theBarInCharactersIsAsLong(_ percent: Int, _ cells: Int) {
        let bar = UsageMeter(percent: percent, caption: "").bar()
        #expect(bar.filter { $0 == "█" }.count == cells)
        #expect(bar.count == 20)
    }
}
