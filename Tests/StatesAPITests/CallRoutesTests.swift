import JSONModel
import Testing

@testable import StatesAPI

@Suite struct CallRoutesTests {
    /// Two calls that CloudTrail tells of, one of which failed.
    private func harness() async throws -> APIHarness {
        let api = try await APIHarness()
        let calls: [JSONValue] = [
            Self.call("e1", "Boto3/1.34.131 md/Botocore#1.34.131", at: "2026-11-20T10:15:00Z"),
            Self.call("e2", "=cmd()/1.0", error: "ThrottlingException", at: "2026-11-20T11:15:00Z"),
        ]
        for call in calls + calls {
            let answer = try await api.call(
                .post, "/ingest/bedrock-invocation-logs?source=test", bytes: call.jsonBytes)
            #expect(answer.status == 200)
        }
        return api
    }

    private static func call(_ id: String, _ agent: String, error: String? = nil, at time: String) -> JSONValue {
        var record: JSONObject = [
            "eventSource": "bedrock.amazonaws.com", "eventName": "Converse", "eventID": .string(id),
            "eventTime": .string(time), "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.9",
            "userAgent": .string(agent), "userIdentity": ["type": "IAMUser", "arn": .string(APIHarness.arn)],
        ]
        if let error { record["errorCode"] = .string(error) }
        return .object(record)
    }

    private let day = "from=2026-11-20&to=2026-11-20"

    @Test func callsAreAddedUp() async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/usage?by=hour,user-agent,principal&\(day)")

        #expect(answer.status == 200)
        #expect(answer.json["rows"]?.arrayValue?.count == 2)
        let row = answer.json["rows"]?[0]
        #expect(row?["hour"] == "2026-11-20 10:00")
        #expect(row?["user-agent"] == "Boto3/1.34")
        #expect(row?["principal"] == "111122223333/user/BedrockAPIKey-ab12")
        #expect(row?["principalArn"] == .string(APIHarness.arn))
        #expect(row?["requests"] == 1)
        #expect(row?["cost"] == nil)
        #expect(answer.json["total"]?["requests"] == 2)
        #expect(answer.json["total"]?["errors"] == 1)
        #expect(answer.json["cut"] == false)
        let address = try await api.call(.get, "/api/v1/usage?by=address&\(day)&sort=requests&limit=1")
        #expect(address.json["rows"]?[0]?["address"] == "203.0.113.9")
        #expect(address.json["rows"]?[0]?["requests"] == 2)
        let none = try await api.call(.get, "/api/v1/usage?by=address&from=2026-10-01&to=2026-10-02")
        #expect(none.json["total"] == .null)
    }

    @Test func callsAreACSVFileToo() async throws {
        let api = try await harness()
        let (status, text) = try await api.text("/api/v1/usage?by=hour,user-agent&format=csv&\(day)")

        #expect(status == 200)
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0] == "hour,user-agent,requests,errors,firstAt,lastAt")
        #expect(lines[1].hasPrefix("2026-11-20 10:00,Boto3/1.34,1,0,2026-11-20T10:15:00"))
        // Callers choose their user agent: a spreadsheet does not carry it out.
        #expect(lines[2].hasPrefix("2026-11-20 11:00,'=cmd()/1.0,1,1,"))
    }

    @Test(arguments: [
        "by=user-agent,model", "by=address,colour", "by=user-agent&model=m", "by=user-agent&region=us-east-1",
        "by=address&compare=before", "by=address&sort=cost", "by=address,day,hour", "by=address&format=pdf",
        "by=address,hour&from=2020-01-01", "by=address&zone=Mars", "by=address&limit=0",
    ])
    func whatCantBeAskedOfCallsIsRefused(_ query: String) async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/usage?\(query)")
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }

    @Test func costsAreNotKnownByUserAgent() async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/reports/cost-analysis?by=user-agent")
        #expect(answer.status == 400)
        #expect(try await api.call(.get, "/api/v1/usage?by=address&principal=nobody").status == 404)
    }

    @Test func latenciesStandBesideUsage() async throws {
        let api = try await APIHarness()
        for (id, milliseconds) in [("r1", 100), ("r2", 301)] as [(String, Int64)] {
            var record = try #require(try JSONValue(parsing: APIHarness.record(id, inputTokens: 10)).objectValue)
            record["output"] = [
                "outputTokenCount": 0, "outputBodyJson": ["metrics": ["latencyMs": .int(milliseconds)]],
            ]
            _ = try await api.call(
                .post, "/ingest/bedrock-invocation-logs?source=test", .object(record))
        }
        let answer = try await api.call(.get, "/api/v1/usage?by=hour,model&\(day)")

        let row = answer.json["rows"]?[0]
        #expect(row?["meanLatencyMs"] == 201)
        #expect(row?["maxLatencyMs"] == 301)
        #expect(row?["timedRequests"] == 2)
        #expect(answer.json["totalLatency"]?["maxLatencyMs"] == 301)
        let (_, text) = try await api.text("/api/v1/usage?by=model&format=csv&\(day)")
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines[0].hasSuffix(",meanLatencyMs,maxLatencyMs,timedRequests"))
        #expect(lines[1].hasSuffix(",201,301,2"))
        let region = try await api.call(.get, "/api/v1/usage?by=region&\(day)")
        #expect(region.json["rows"]?[0]?["meanLatencyMs"] == nil)
    }
}
