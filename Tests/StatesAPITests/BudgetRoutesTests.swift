import JSONModel
import Testing

@Suite struct BudgetRoutesTests {
    @Test func recordsAreChargedOnce() async throws {
        let api = try await APIHarness()
        let body = APIHarness.record("r1", inputTokens: 100_000) + Array("not json\n".utf8)
        let path = "/ingest/bedrock-invocation-logs?source=test"
        let first = try await api.call(.post, path, bytes: body)
        #expect(first.status == 200)
        #expect(first.json["charged"] == 1)
        #expect(first.json["unreadable"] == 1)
        #expect(first.json["cost"] == "0.30")

        let again = try await api.call(.post, path, bytes: body)
        #expect(again.json["charged"] == 0)
        #expect(again.json["costNanoDollars"] == 0)

        let budget = try await api.call(.get, "/api/v1/budgets/BedrockAPIKey-ab12")
        #expect(budget.json["spent"] == "0.30")
        #expect(budget.json["threshold"] == "normal")
        let letters = try await api.call(.get, "/api/v1/dead-letters?kind=usage")
        #expect(letters.json["deadLetters"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        "BedrockAPIKey-ab12", "111122223333/user/BedrockAPIKey-ab12", APIHarness.arn,
    ])
    func aPrincipalHasSeveralNames(_ name: String) async throws {
        let api = try await APIHarness()
        _ = try await api.call(
            .post, "/ingest/bedrock-invocation-logs", bytes: APIHarness.record("r1", inputTokens: 1000))
        let budget = try await api.call(.get, "/api/v1/budgets/\(name)")
        #expect(budget.status == 200)
        #expect(budget.json["principal"]?["arn"]?.stringValue == APIHarness.arn)
    }

    /// Whoever is called at night to give somebody access back knows the name from a log.
    @Test func anOrderAboutAnOldNameSaysTheNewOne() async throws {
        let api = try await APIHarness()
        let renamed =
            #"{"eventVersion":"1.11","eventSource":"iam.amazonaws.com","eventName":"UpdateUser","eventID":"e1","#
            + #""eventTime":"2026-11-20T10:00:00Z","awsRegion":"us-east-1","recipientAccountId":"111122223333","#
            + #""userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/admin"},"#
            + #""requestParameters":{"userName":"BedrockAPIKey-ab12","newUserName":"bob"}}"#
        let path = "/ingest/bedrock-invocation-logs"
        _ = try await api.call(.post, path, bytes: APIHarness.record("r1", inputTokens: 1000))
        _ = try await api.call(.post, path, bytes: Array(renamed.utf8))

        let changed = try await api.call(.put, "/api/v1/budgets/BedrockAPIKey-ab12", ["limit": "25.00"])
        #expect(changed.status == 409)
        #expect(changed.json["error"]?["message"]?.stringValue?.contains("111122223333/user/bob") == true)
        let blocked = try await api.call(
            .put, "/api/v1/blocks/BedrockAPIKey-ab12", ["for": "1h", "reason": "leaked"])
        #expect(blocked.status == 409)
        let quota: JSONValue = ["scope": "BedrockAPIKey-ab12", "unit": "requests", "limit": 9, "period": "day"]
        #expect(try await api.call(.put, "/api/v1/further-budgets", quota).status == 409)
        #expect(try await api.call(.put, "/api/v1/budgets/bob", ["limit": "25.00"]).status == 200)
    }

    @Test func aBudgetIsMadeChangedAndAudited() async throws {
        let api = try await APIHarness()
        let path = "/api/v1/budgets/\(APIHarness.arn)"
        let made = try await api.call(.put, path, ["limit": "25.00", "graceSeconds": 60, "mode": "observe"])
        #expect(made.status == 200)
        #expect(made.json["limit"] == "25.00")
        let changed = try await api.call(.put, path, ["protected": true, "period": "day"])
        #expect(changed.json["protected"] == true)
        #expect(changed.json["limit"] == "25.00")
        let audit = try await api.call(.get, "/api/v1/audit")
        let actions = audit.json["entries"]?.arrayValue?.compactMap { $0["action"]?.stringValue } ?? []
        #expect(actions.contains("budget.changed"))
        #expect(audit.json["entries"]?[0]?["actor"] == "operator:api")
    }

    @Test(
        arguments: [
            (["limit": "-1"], 422), (["limit": "much"], 400), (["graceSeconds": -5], 422), (["graceSeconds": 1.5], 400),
            (["mode": "shout"], 400), (["period": "5w"], 400), (["protected": "yes"], 400), (["colour": "red"], 400),
        ] as [(JSONValue, Int)])
    func badTermsAreRefused(_ body: JSONValue, _ status: Int) async throws {
        let api = try await APIHarness()
        let answer = try await api.call(.put, "/api/v1/budgets/\(APIHarness.arn)", body)
        #expect(answer.status == status)
        #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }

    @Test func nobodyKnownIsNotFound() async throws {
        let api = try await APIHarness()
        #expect(try await api.call(.get, "/api/v1/budgets/nobody").json["error"]?["code"] == "NoSuchBudget")
        #expect(try await api.call(.put, "/api/v1/budgets/nobody", ["limit": "1"]).status == 404)
        for slip in ["arn:aws:iam::11112222333:user/ana", "11112222333/user/ana", "11112222333O/user/ana"] {
            let answer = try await api.call(.put, "/api/v1/budgets/\(slip)", ["limit": "1"])
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["message"]?.stringValue?.contains("twelve digits") == true)
        }
    }
}
