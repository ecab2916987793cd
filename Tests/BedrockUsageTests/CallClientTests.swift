import Budgets
import JSONModel
import Testing
import WallTime

@testable import BedrockUsage

@Suite struct CallClientTests {
    @Test(
        arguments: [
            ("Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1 lang/python#3.12", "Boto3/1.34"),
            ("[Boto3/1.34.131 md/Botocore#1.34.131]", "Boto3/1.34"), ("[aws-cli/2.15.30]", "aws-cli/2.15"),
            ("aws-sdk-js/3.540.0 ua/2.0", "aws-sdk-js/3.540"), ("aws-sdk-go-v2/1.30.3", "aws-sdk-go-v2/1.30"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0"), ("curl/8", "curl/8"), ("tool/v2.1.0-rc.1", "tool/v2.1"),
            ("tool/1.2#3", "tool/1.2"), ("tool/;x", "tool"), ("bedrock.amazonaws.com", "bedrock.amazonaws.com"),
            ("AWS Internal", "AWS Internal"), ("Übung/1.0.0", "?bung/1.0"), ("", nil), ("  ", nil), ("[]", nil),
            ("/", nil),
        ] as [(String, String?)])
    func aUserAgentIsItsProductAndTheFamilyOfItsVersion(_ text: String, _ expected: String?) {
        #expect(CallClient.agent(text) == expected)
    }

    @Test func whatCallersMakeUpIsCutShort() {
        let long = String(repeating: "x", count: 5000)
        #expect(CallClient.agent(long)?.count == CallClient.longest)
        #expect(CallClient.agent("x/\(long)")?.count == CallClient.longest)
        #expect(CallClient.address(long)?.count == CallClient.longest)
        #expect(CallClient.agent("a\u{0}b\nc/1.0.0") == "a?b?c/1.0")
    }

    @Test(
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("2001:db8::7", "2001:db8::7"), ("AWS Internal", "AWS Internal"),
            ("bedrock-agent.amazonaws.com", "bedrock-agent.amazonaws.com"), ("", nil),
        ] as [(String, String?)])
    func anAddressStandsAsItIs(_ text: String, _ expected: String?) {
        #expect(CallClient.address(text) == expected)
    }

    private static let client = #","userAgent":"Boto3/1.44.8 md/x","sourceIPAddress":"203.0.113.9""#

    private func call(_ text: String) throws -> BedrockCall? {
        let records = decode(text)
        #expect(records.count == 1)
        guard case .principal(let event)? = records.first, case .called(let call) = event.occurrence else { return nil }
        #expect(event.id == "e1")
        #expect(event.principal.id.name == "admin")
        return call
    }

    @Test func aCallTellsWhatCalledFromWhere() throws {
        #expect(
            try call(CloudTrailTests.record("bedrock", "Converse", more: Self.client))
                == BedrockCall(
                    endpoint: "bedrock", operation: "Converse", agent: "Boto3/1.44", address: "203.0.113.9"))
        #expect(
            try call(CloudTrailTests.record("bedrock", "Converse", more: #","userAgent":null,"sourceIPAddress":7"#))
                == BedrockCall(endpoint: "bedrock", operation: "Converse"))
    }

    @Test func aCallThatFailedIsOneToo() throws {
        let failed = #","errorCode":"ThrottlingException""# + Self.client
        #expect(
            try call(CloudTrailTests.record("bedrock", "InvokeModel", more: failed))
                == BedrockCall(
                    endpoint: "bedrock", operation: "InvokeModel", errorCode: "ThrottlingException",
                    agent: "Boto3/1.44", address: "203.0.113.9"))
    }

    /// What fails changes nothing, and nobody without an identity is counted.
    @Test(arguments: [
        ("CreateModelInvocationJob", #"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/admin"}"#),
        ("CreateTelepathy", #"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/admin"}"#),
        ("Converse", #"{"type":"AWSAccount","accountId":"444455556666"}"#),
        ("Converse", #"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:nothing"}"#),
    ])
    func whatElseFailedIsIgnored(_ operation: String, _ identity: String) {
        let record = CloudTrailTests.record(
            "bedrock", operation, more: #","errorCode":"AccessDenied""#, identity: identity)
        #expect(decode(record).ignored == ["CloudTrail: bedrock \(operation) failed with AccessDenied"])
    }

    // MARK: Latencies of the invocation log

    @Test(
        arguments: [
            (Samples.converse, 640), (Samples.converseStream, 300), (Samples.invokeModel, nil), (Samples.failed, nil),
            (Samples.record(output: #"{"outputBodyJson":{"metrics":{"latencyMs":0}}}"#), 0),
            (
                Samples.record(
                    output: #"{"outputBodyJson":[{"type":"message_start","message":{}},"#
                        + #"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":25,"#
                        + #""outputTokenCount":15,"invocationLatency":1872,"firstByteLatency":541}}]}"#), 1872
            ),
            (
                Samples.record(
                    output: #"{"outputBodyJson":[{"amazon-bedrock-invocationMetrics":{"invocationLatency":9}},"#
                        + #"{"metadata":{"metrics":{"latencyMs":8}}}]}"#), 9
            ),
            (Samples.record(output: #"{"outputBodyS3Path":"s3://logs/data/r1_output.json.gz"}"#), nil),
        ] as [(String, Int64?)])
    func howLongAUseTookIsRead(_ text: String, _ milliseconds: Int64?) throws {
        let event = try #require(decode(text).events.first)
        #expect(event.latencyMilliseconds == milliseconds)
    }

    /// A use is charged whatever its record says of time.
    @Test(arguments: ["-1", "1.5", #""640""#, "null", "86400001", "[]", "9e99"])
    func aLatencyThatMakesNoSenseIsLeftOut(_ value: String) throws {
        let output = #"{"outputTokenCount":5,"outputBodyJson":{"metrics":{"latencyMs":\#(value)}}}"#
        let event = try #require(decode(Samples.record(output: output)).events.first)
        #expect(event.latencyMilliseconds == nil)
        #expect(event.tokens.output == 5)
    }
}
