import AWSClient
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing

@testable import AWSTasks

/// What is sent, and what a state gets.
@Suite struct IntegrationShapeTests {
    @Test func anOptimisedAnswerTellsOfTheRequest() async throws {
        let aws = RecordedAWS(
            #"{"MessageId":"m","MD5OfMessageBody":"d"}"#,
            headers: [("x-amzn-RequestId", "r-1"), ("Set-Cookie", "a"), ("Set-Cookie", "b"), ("Content-Length", "40")])

        let output = try await aws.perform("sqs:sendMessage", ["QueueUrl": "q", "MessageBody": ["a": 1]])

        #expect(
            output.jsonString
                == #"{"MD5OfMessageBody":"d","MessageId":"m","SdkHttpMetadata":{"AllHttpHeaders":{"Content-Length":["40"],"Set-Cookie":["a","b"],"x-amzn-RequestId":["r-1"]},"HttpHeaders":{"Content-Length":"40","Set-Cookie":"b","x-amzn-RequestId":"r-1"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"r-1"}}"#
        )
        #expect(aws.body == #"{"QueueUrl":"q","MessageBody":"{\"a\":1}"}"#)
    }

    @Test func anSDKAnswerIsTheResultAlone() async throws {
        let aws = RecordedAWS(#"{"MessageId":"m","MD5OfMessageBody":"d"}"#)

        let output = try await aws.perform("aws-sdk:sqs:sendMessage", ["QueueUrl": "q", "MessageBody": "b"])

        #expect(output == ["MessageId": "m", "Md5OfMessageBody": "d"])
    }

    @Test(
        arguments: [
            (1, "1"), (true, "true"), (["a": "b"], #"{"a":"b"}"#), ("text", "text"),
            (#""quoted""#, #""quoted""#),
        ] as [(JSONValue, String)])
    func messagesOfSNSAreTextOrJSON(_ message: JSONValue, _ text: String) async throws {
        let aws = RecordedAWS(
            "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>")

        let output = try await aws.perform("sns:publish", ["TopicArn": "t", "Message": message])

        #expect(output["MessageId"] == "m")
        #expect(aws.body.contains("Message=\(percentEncoded(text))"))
    }

    @Test func eventsTellWhereTheyComeFrom() async throws {
        let aws = RecordedAWS(#"{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}"#)

        _ = try await aws.perform(
            "events:putEvents",
            [
                "Entries": [
                    ["Detail": ["a": 1], "Resources": ["mine"], "Source": "s", "Time": "2026-11-26T00:00:00Z"]
                ]
            ])

        let entry = try JSONValue(parsing: Array(aws.body.utf8))["Entries"]?[0]
        #expect(entry?["Detail"] == #"{"a":1}"#)
        #expect(entry?["Time"] == 1_795_651_200)
        #expect(
            entry?["Resources"] == [
                "mine", "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
                "arn:aws:states:us-east-1:123456789012:execution:machine:run",
            ])
    }

    @Test(
        arguments: [
            (.null, "{}"), ("0", "0"), ("hello", #""hello""#), ([1, 2], "[1,2]"), (["a": 1], #"{"a":1}"#),
        ] as [(JSONValue, String)])
    func payloadsOfFunctions(_ payload: JSONValue, _ sent: String) async throws {
        let aws = RecordedAWS(
            #"{"ok":true}"#, headers: [("X-Amz-Executed-Version", "$LATEST"), ("x-amzn-RequestId", "r-1")])

        let output = try await aws.perform("lambda:invoke", ["FunctionName": "f:prod", "Payload": payload])

        #expect(aws.body == sent)
        #expect(output["Payload"] == ["ok": true])
        #expect(output["ExecutedVersion"] == "$LATEST")
        #expect(output["StatusCode"] == 200)
        let request = try #require(aws.requests.withLock { $0.last })
        #expect(request.url.hasSuffix("/2015-03-31/functions/f%3Aprod/invocations"))
    }

    @Test func aFunctionsARNIsCalledWithTheInput() async throws {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
        let aws = RecordedAWS("[1]")

        let output = try await aws.perform(arn, "in")

        #expect(output == [1])
        #expect(aws.body == #""in""#)
        #expect(aws.requests.withLock { $0.last?.url.contains(percentEncoded(arn)) } == true)
    }

    @Test func options() async throws {
        let aws = RecordedAWS("null", headers: [("X-Amz-Log-Result", "TE9H")])

        let output = try await aws.perform(
            "lambda:invoke",
            ["FunctionName": "f", "Qualifier": "live", "InvocationType": "RequestResponse", "LogType": "Tail"])

        #expect(output["LogResult"] == "TE9H")
        #expect(output["Payload"] == JSONValue.null)
        let request = try #require(aws.requests.withLock { $0.last })
        #expect(request.url.hasSuffix("?Qualifier=live"))
        #expect(request.headers.contains { $0 == ("X-Amz-Log-Type", "Tail") })
        #expect(request.timeout > .seconds(900))
    }

    @Test(arguments: [
        (
            #"{"errorMessage": "m", "errorType": "Custom"}"#, "Custom", #"{"errorMessage":"m","errorType":"Custom"}"#
        ),
        (
            #"{"errorMessage":"Task timed out"}"#, "Lambda.Unknown",
            "The cause could not be determined because Lambda did not return an error type. "
                + #"Returned payload: {"errorMessage":"Task timed out"}"#
        ),
        (
            "boom", "Lambda.Unknown",
            "The cause could not be determined because Lambda did not return an error type. Returned payload: boom"
        ),
    ])
    func functionsFailUnderTheirOwnNames(_ payload: String, _ error: String, _ cause: String) async throws {
        for resource in ["lambda:invoke", "arn:aws:lambda:us-east-1:123456789012:function:f"] {
            let aws = RecordedAWS(payload, headers: [("X-Amz-Function-Error", "Unhandled")])

            let failure = try await aws.failure(resource, ["FunctionName": "f"])

            #expect(failure?.error == error)
            #expect(failure?.cause == cause)
        }
    }

    @Test func theSDKsInvokeShowsAFailedFunction() async throws {
        let aws = RecordedAWS(#"{"errorType":"E"}"#, headers: [("X-Amz-Function-Error", "Unhandled")])

        let output = try await aws.perform("aws-sdk:lambda:invoke", ["FunctionName": "f"])

        #expect(
            output == ["FunctionError": "Unhandled", "Payload": #"{"errorType":"E"}"#, "StatusCode": 200])
    }

    /// Which resources are served, and with which patterns.
    @Test(arguments: [
        ("arn:aws:states:::lambda:invoke", true), ("arn:aws:states:::lambda:invoke.waitForTaskToken", true),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", true),
        ("arn:aws:states:::sns:publish.waitForTaskToken", true),
        ("arn:aws:states:::events:putEvents.waitForTaskToken", true),
        ("arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken", true),
        ("arn:aws:states:::dynamodb:getItem", true), ("arn:aws:states:::dynamodb:getItem.waitForTaskToken", false),
        ("arn:aws:states:::sqs:sendMessage.sync", false), ("arn:aws:states:::dynamodb:query", false),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:1", true), ("arn:aws:states:::ecs:runTask", false),
        ("activity:a", false),
    ])
    func resources(_ text: String, _ isServed: Bool) throws {
        let integrations = AWSIntegrations(client: try RecordedAWS("{}").client())

        #expect(integrations.handles(Resource(parsing: text)) == isServed)
    }
}
