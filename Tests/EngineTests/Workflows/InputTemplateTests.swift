import Engine
import JSONModel
import Testing

@Suite struct InputTemplateTests {
    let event: JSONValue = [
        "id": "e1", "detail": ["user": "ana", "amount": 12.5, "tags": ["a", "b"], "odd key": true],
    ]

    @Test(
        arguments: [
            ("$.id", "e1"), ("$.detail.tags[1]", "b"), ("$.detail['odd key']", true), ("$.detail.amount", 12.5),
            (["user.$": "$.detail.user", "fixed": 1], ["user": "ana", "fixed": 1]),
            ([["a": "$.id"]], [["a": "e1"]]), ("for {$.detail.user} at {$.detail.amount}!", "for ana at 12.5!"),
            ("costs $5", "costs $5"), ("$$.id", "$.id"), ("plain", "plain"), (.null, .null), ("{$.id}", "e1"),
        ] as [(JSONValue, JSONValue)])
    func makesAValueOfAnEvent(_ template: JSONValue, _ expected: JSONValue) throws {
        #expect(try InputTemplate(template).value(for: event) == expected)
    }

    @Test func aDollarStandsForTheWholeEvent() throws {
        #expect(try InputTemplate("$").value(for: event) == event)
    }

    @Test(arguments: ["$.", "$.a[", "$[x]", "{$.a", "x {$.a[} y", "$.a['']"])
    func whatIsNoPathIsRefused(_ text: String) {
        #expect(throws: InputTemplateError.self) { try InputTemplate(.string(text)) }
    }

    @Test func aMemberForAPathNeedsAPath() {
        #expect(throws: InputTemplateError.self) { try InputTemplate(["a.$": "text"]) }
        #expect(throws: InputTemplateError.self) { try InputTemplate(["a.$": 3]) }
    }

    @Test(arguments: ["$.nothing", "{$.detail.none}", "$.detail.tags[2]", "$.id.x"])
    func aPathThatLeadsNowhereSaysSo(_ text: String) throws {
        let template = try InputTemplate(.string(text))
        #expect(throws: InputTemplateError.self) { try template.value(for: event) }
    }
}
