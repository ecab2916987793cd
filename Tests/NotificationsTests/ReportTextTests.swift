import Enforcement
import JSONModel
import Testing

@testable import Notifications

@Suite struct ReportTextTests {
    private func summary(_ extra: JSONObject = [:]) -> NoticeText {
        var data: JSONObject = [
            "date": "2026-11-20", "zone": "Europe/Madrid", "hasData": true, "cost": "12.345", "requests": 42,
            "tokens": 9000, "fallbackCost": "0.00", "costBefore": "10.00",
            "spenders": [["name": "ana", "cost": "8.00"], ["name": "bob\r\nBcc: x", "cost": "4.345"]],
            "models": [["name": "acme.a", "cost": "12.345"]], "suspended": ["cy"], "grace": [], "held": ["dee", "…"],
            "failed": ["eli"],
            "forecasts": [["name": "ana", "limit": "20.00", "reachesLimitAt": "2026-11-25T10:15:00.000Z"]],
        ]
        for (name, value) in extra { data[name] = value }
        return NoticeText(
            Notice(id: "daily-summary/x", kind: .dailySummary, principal: nil, data: .object(data), at: now))
    }

    @Test func aSummaryNamesMoneyPeopleAndWhatComes() {
        let text = summary()

        #expect(text.subject == "Bedrock spending on 2026-11-20: $12.35")
        #expect(
            text.plain.contains(
                "On 2026-11-20 (Europe/Madrid) Amazon Bedrock cost $12.35 in 42 requests with 9000 tokens, after $10.00 the "
                    + "day before."))
        #expect(text.plain.contains("Most was spent by ana ($8.00), bob  Bcc: x ($4.35)."))
        #expect(text.plain.contains("Suspended: cy."))
        #expect(text.plain.contains("has failed, a person has to look: eli."))
        #expect(text.plain.contains("Blocked or protected by a person: dee, …."))
        #expect(text.plain.contains("ana uses up $20.00 at 2026-11-25 10:15 UTC."))
        #expect(!text.plain.contains("In grace"))
        #expect(!text.plain.contains("safe rates"))
        #expect(text.tone == .information)
    }

    /// Nothing recorded is not nothing spent.
    @Test func aDayWithoutDataSaysSo() {
        let text = summary(["hasData": false, "spenders": [], "models": []])

        #expect(text.subject == "Bedrock spending on 2026-11-20: no data")
        #expect(text.plain.contains("no usage was recorded"))
        #expect(!text.plain.contains("$12.35"))
    }

    @Test func safeRatesAreSaid() {
        #expect(summary(["fallbackCost": "1.50"]).plain.contains("$1.50 of it was charged at safe rates"))
    }

    @Test(arguments: [("111122223333", "account 111122223333"), (nil, "the account that asks")] as [(String?, String)])
    func aDriftNamesBothSides(_ account: String?, _ whose: String) {
        let text = NoticeText(
            Notice(
                id: "cost-drift/x", kind: .costDrift, principal: nil,
                data: [
                    "date": "2026-11-20", "account": account.map(JSONValue.string) ?? .null, "billed": "120.00",
                    "charged": "100.00", "percent": 20,
                ], at: now))

        #expect(text.subject == "AWS's bill and Steward differ by 20 % on 2026-11-20")
        #expect(text.plain.contains("Cost Explorer says $120.00, and Steward has charged $100.00."))
        #expect(text.plain.contains("The bill is what \(whose) may see"))
    }
}
