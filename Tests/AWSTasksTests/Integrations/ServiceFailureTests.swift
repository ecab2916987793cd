import AWSClient
import Interpreter
import JSONModel
import TestKit
import Testing

@testable import AWSTasks

enum AWSServiceNames { static let all = Set(AWSService.names) }

/// Error names and causes, most of them as AWS's own runs recorded them.
@Suite struct ServiceFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var resource: String
        var status: Int
        var headers: [(name: String, value: String)] = [("x-amzn-RequestId", "r-1")]
        var body: String
        var error: String
        var cause: String

        var testDescription: String { "\(resource) → \(error)" }
    }

    static let cases: [Case] = [
        Case(
            resource: "dynamodb:putItem", status: 400,
            body: #"{"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error"}"#,
            error: "DynamoDB.AmazonDynamoDBException",
            cause: "1 validation error (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; "
                + "Request ID: r-1; Proxy: null)"),
        Case(
            resource: "dynamodb:putItem", status: 400,
            body: #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Message":"no"}"#,
            error: "DynamoDB.ConditionalCheckFailedException",
            cause: "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; "
                + "Request ID: r-1; Proxy: null)"),
        Case(
            resource: "aws-sdk:dynamodb:putItem", status: 400,
            body: #"{"__type":"com.amazon.coral.validate#ValidationException","message":"1 validation error"}"#,
            error: "DynamoDb.DynamoDbException",
            cause: "1 validation error (Service: DynamoDb, Status Code: 400, Request ID: r-1)"),
        Case(
            resource: "aws-sdk:secretsmanager:createSecret", status: 400,
            body: #"{"__type":"ValidationException","message":"Invalid name."}"#,
            error: "SecretsManager.SecretsManagerException",
            cause: "Invalid name. (Service: SecretsManager, Status Code: 400, Request ID: r-1)"),
        Case(
            resource: "aws-sdk:secretsmanager:getSecretValue", status: 400,
            body: #"{"__type":"ResourceNotFoundException","Message":"none"}"#,
            error: "SecretsManager.ResourceNotFoundException",
            cause: "none (Service: SecretsManager, Status Code: 400, Request ID: r-1)"),
        Case(
            resource: "sns:publish", status: 404, headers: [],
            body:
                "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message>"
                + "</Error><RequestId>r-2</RequestId></ErrorResponse>",
            error: "SNS.NotFoundException",
            cause: "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; "
                + "Request ID: r-2; Proxy: null)"),
        Case(
            resource: "sns:publish", status: 403, headers: [],
            body:
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error></ErrorResponse>",
            error: "SNS.AmazonSNSException",
            cause: "m (Service: AmazonSNS; Status Code: 403; Error Code: SignatureDoesNotMatch; Request ID: null; "
                + "Proxy: null)"),
        Case(
            resource: "sqs:sendMessage.waitForTaskToken", status: 400,
            headers: [
                ("x-amzn-RequestId", "r-1"),
                ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"),
            ], body: #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}"#,
            error: "SQS.QueueDoesNotExistException",
            cause: "none (Service: AmazonSQS; Status Code: 400; "
                + "Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: r-1; Proxy: null)"),
        Case(
            resource: "aws-sdk:kms:encrypt", status: 400,
            body: #"{"__type":"KMSInvalidStateException","message":"disabled"}"#,
            error: "Kms.KmsInvalidStateException",
            cause: "disabled (Service: Kms, Status Code: 400, Request ID: r-1) (SDK Attempt Count: 1)"),
        Case(
            resource: "aws-sdk:iam:getUser", status: 404, headers: [],
            body: "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error>"
                + "<RequestId>r-3</RequestId></ErrorResponse>",
            error: "Iam.NoSuchEntityException",
            cause: "none (Service: Iam, Status Code: 404, Request ID: r-3) (SDK Attempt Count: 1)"),
        Case(
            resource: "lambda:invoke", status: 404,
            headers: [("x-amzn-RequestId", "r-1"), ("x-amzn-ErrorType", "ResourceNotFoundException")],
            body: #"{"Type":"User","Message":"Function not found: f"}"#, error: "Lambda.ResourceNotFoundException",
            cause:
                "Function not found: f (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; "
                + "Request ID: r-1; Proxy: null)"),
        Case(
            resource: "arn:aws:lambda:us-east-1:123456789012:function:f", status: 403,
            headers: [("x-amzn-RequestId", "r-1"), ("x-amzn-ErrorType", "AccessDeniedException")],
            body: #"{"Message":"no"}"#, error: "Lambda.AWSLambdaException",
            cause: "no (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: r-1; "
                + "Proxy: null)"),
        Case(
            resource: "aws-sdk:s3:getObject", status: 404,
            headers: [("x-amz-request-id", "r-4"), ("x-amz-id-2", "e-4")],
            body: "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
            error: "S3.NoSuchKeyException",
            cause: "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: r-4, "
                + "Extended Request ID: e-4)"),
        Case(
            resource: "events:putEvents", status: 200,
            body:
                #"{"FailedEntryCount":1,"Entries":[{"ErrorMessage":"Detail is malformed.","ErrorCode":"MalformedDetail"}]}"#,
            error: "EventBridge.FailedEntry",
            cause:
                #"{"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}"#
        ),
    ]

    private static func input(_ resource: String) -> JSONValue {
        resource.contains("s3") ? ["Bucket": "bucket", "Key": "k"] : ["FunctionName": "f"]
    }

    @Test(arguments: cases)
    func errorsAreNamedAsOnAWS(_ test: Case) async throws {
        let aws = RecordedAWS(test.body, status: test.status, headers: test.headers)

        let failure = try await aws.failure(test.resource, Self.input(test.resource))

        #expect(failure?.error == test.error)
        #expect(failure?.cause == test.cause)
    }

    @Test(arguments: [
        ("sqs:sendMessage", "SQS.SdkClientException"), ("aws-sdk:sqs:sendMessage", "Sqs.SdkClientException"),
        ("lambda:invoke", "Lambda.SdkClientException"), ("aws-sdk:s3:getObject", "S3.SdkClientException"),
    ])
    func whoDoesNotAnswerIsTheClientsException(_ resource: String, _ error: String) async throws {
        let aws = RecordedAWS { _ in throw HTTPTransportError.tls("no trusted connection") }

        let failure = try await aws.failure(resource, Self.input(resource))

        #expect(failure?.error == error)
        #expect(failure?.cause == "Unable to execute HTTP request: no trusted connection")
    }

    @Test func theCountIsOfTheTriesThatWereMade() async throws {
        let aws = RecordedAWS(#"{"__type":"ThrottlingException","message":"slow down"}"#, status: 400)

        let failure = try await aws.failure("aws-sdk:ssm:getParameter", ["Name": "n"])

        let tries = aws.requests.withLock { $0.count }
        #expect(tries > 1)
        #expect(failure?.error == "Ssm.ThrottlingException")
        #expect(failure?.cause.hasSuffix("(SDK Attempt Count: \(tries))") == true)
    }

    @Test func aServiceThatIsNotSpokenIsTold() async throws {
        let failure = try await RecordedAWS("{}").failure("aws-sdk:events:putEvents")

        #expect(failure?.error == "States.Runtime")
        #expect(failure?.cause.contains("does not speak 'aws-sdk:events'") == true)
        #expect(failure?.cause.contains("eventbridge") == true)
    }
}
