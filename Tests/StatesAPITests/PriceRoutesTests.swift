import JSONModel
import Testing

@Suite struct PriceRoutesTests {
    @Test func aPriceIsSetShownListedAndWithdrawn() async throws {
        let api = try await APIHarness()
        let path = "/api/v1/prices/models/us.acme.nova-x-v1:0"
        #expect(try await api.call(.get, path).json["basis"] == "fallback")

        let set = try await api.call(
            .post, "/api/v1/prices",
            ["model": "us.acme.nova-x-v1", "input": "3", "output": "15", "more": "image=0.06", "reason": "a page"])
        #expect(set.status == 200)
        #expect(set.json["scope"] == "us")
        #expect(set.json["model"] == "acme.nova-x-v1")
        let shown = try await api.call(.get, path)
        #expect(shown.json["basis"] == "listed")
        #expect(shown.json["rates"]?["input"] == "3")
        #expect(shown.json["rates"]?["image"] == "0.06")
        #expect(shown.json["row"]?["origin"] == "operator")
        #expect(shown.json["row"]?["source"] == "a page")
        let list = try await api.call(.get, "/api/v1/prices?model=nova-x")
        #expect(list.json["prices"]?.arrayValue?.count == 1)

        let number = try #require(set.json["number"]?.intValue)
        #expect(try await api.call(.post, "/api/v1/prices/\(number)/accept").status == 409)
        #expect(try await api.call(.post, "/api/v1/prices/\(number)/withdraw").json["status"] == "withdrawn")
        #expect(try await api.call(.get, path).json["basis"] == "fallback")
        #expect(try await api.call(.post, "/api/v1/prices/99/accept").status == 404)
        let audit = try await api.call(.get, "/api/v1/audit?subject=acme.nova-x-v1")
        #expect(
            audit.json["entries"]?.arrayValue?.compactMap { $0["action"]?.stringValue } == [
                "price.withdrawn", "price.set",
            ])
    }

    @Test func theDocumentedTableIsListedWithSourceAndDate() async throws {
        let api = try await APIHarness()
        let list = try await api.call(.get, "/api/v1/prices?model=claude-sonnet-4-6")
        let row = try #require(list.json["prices"]?[0])
        #expect(row["origin"] == "static")
        #expect(row["effectiveFrom"]?.stringValue?.hasPrefix("2026-11-22") == true)
        #expect(row["source"]?.stringValue?.isEmpty == false)
        let shown = try await api.call(.get, "/api/v1/prices/models/anthropic.claude-sonnet-4-6?region=us-gov-west-1")
        #expect(shown.json["rates"]?["input"] == "3.6")
    }

    @Test func usageIsRepricedAfterALook() async throws {
        let api = try await APIHarness()
        _ = try await api.call(
            .post, "/ingest/bedrock-invocation-logs", bytes: APIHarness.record("r1", inputTokens: 100_000))
        _ = try await api.call(
            .post, "/api/v1/prices",
            [
                "model": "anthropic.claude-sonnet-4-6", "input": "6", "output": "15",
                "effectiveFrom": "2026-01-01T00:00:00Z",
            ])

        let look = try await api.call(.get, "/api/v1/prices/reprice?principal=BedrockAPIKey-ab12")
        #expect(look.json["total"]?["changed"] == 1)
        #expect(look.json["total"]?["difference"] == "0.30")
        #expect(look.json["principals"]?[0]?["after"] == "0.60")
        #expect(try await api.call(.get, "/api/v1/budgets/BedrockAPIKey-ab12").json["spent"] == "0.30")
        #expect(
            try await api.call(.get, "/api/v1/prices/reprice?from=2026-11-21T00:00:00Z").json["total"]?["changed"] == 0)
    }

    @Test func anIdIsNamed() async throws {
        let api = try await APIHarness()
        let id = "arn:aws:bedrock:us-east-1:111122223333:imported-model/abc"
        let named = try await api.call(
            .post, "/api/v1/prices/names", ["name": .string(id), "model": "meta.llama3-3-70b-instruct-v1:0"])
        #expect(named.json["priced"] == true)
        let shown = try await api.call(.get, "/api/v1/prices/models/\(id)")
        #expect(shown.json["chargedAs"] == "meta.llama3-3-70b-instruct-v1:0")
        #expect(try await api.call(.get, "/api/v1/prices").json["names"]?.arrayValue?.count == 1)
    }

    @Test(
        arguments: [
            ["model": "acme.a"], ["model": "acme.a", "input": "x", "output": "1"],
            ["model": "acme.a", "input": "1", "output": "1", "more": "bogus"], ["input": "1", "output": "1"],
            ["model": "acme.a", "input": "1", "output": "1", "effectiveFrom": "soon"], ["colour": "red"],
        ] as [JSONValue])
    func badTermsAreRefused(_ body: JSONValue) async throws {
        let api = try await APIHarness()
        #expect(try await api.call(.post, "/api/v1/prices", body).status == 400)
    }

    @Test(arguments: [
        "/api/v1/prices?status=odd", "/api/v1/prices/reprice?from=soon", "/api/v1/prices/models/a?at=soon",
    ])
    func badQuestionsAreRefused(_ path: String) async throws {
        let api = try await APIHarness()
        #expect(try await api.call(.get, path).status == 400)
    }

    @Test func nothingIsNoPrice() async throws {
        let api = try await APIHarness()
        let answer = try await api.call(.post, "/api/v1/prices", ["model": "acme.a", "input": "0", "output": "0"])
        #expect(answer.status == 422)
    }
}
