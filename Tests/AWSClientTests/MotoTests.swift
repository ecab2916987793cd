import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import AWSClient

/// The client against moto, which behaves like AWS but checks no signatures. Needs a Python with `moto[server]`:
/// `STEWARD_MOTO_PYTHON`, or `python3`.
@Suite(.enabled(if: Python.canImport("moto.server"))) struct MotoTests {
    @Test func userIsCreatedOnce() async throws {
        let moto = try MotoServer.shared.get()

        let created = try await moto.client.call("iam", "CreateUser", ["UserName": "ana"])
        let again = await #expect(throws: AWSError.self) {
            try await moto.client.call("iam", "CreateUser", ["UserName": "ana"])
        }
        let missing = await #expect(throws: AWSError.self) {
            try await moto.client.call("iam", "GetUser", ["UserName": "nobody"])
        }

        #expect(created["User"]?["UserName"] == "ana")
        #expect(again?.code == "EntityAlreadyExists")
        #expect(again?.status == 409)
        #expect(again?.requestID?.isEmpty == false)
        #expect(missing?.code == "NoSuchEntity")
        #expect(missing?.status == 404)
    }

    @Test func inlinePolicyComesBackPercentEncoded() async throws {
        let moto = try MotoServer.shared.get()
        let policy: JSONValue = [
            "Version": "2012-10-17",
            "Statement": [["Effect": "Deny", "Action": ["bedrock:*"], "Resource": "*", "Sid": "Año + 100%"]],
        ]
        let name: JSONObject = ["UserName": "eva", "PolicyName": "BedrockBudgetDeny"]
        var put = name
        put["PolicyDocument"] = .string(policy.jsonString)

        _ = try await moto.client.call("iam", "CreateUser", ["UserName": "eva"])
        let answer = try await moto.client.call("iam", "PutUserPolicy", put)
        let got = try await moto.client.call("iam", "GetUserPolicy", name)
        let names = try await moto.client.call("iam", "ListUserPolicies", ["UserName": "eva"])
        _ = try await moto.client.call("iam", "DeleteUserPolicy", name)
        let none = try await moto.client.call("iam", "ListUserPolicies", ["UserName": "eva"])

        #expect(answer == [:])
        let document = try #require(got["PolicyDocument"]?.stringValue.flatMap { percentDecoded($0) })
        #expect(try JSONValue(parsing: document) == policy)
        #expect(names["PolicyNames"] == ["BedrockBudgetDeny"])
        #expect(none["PolicyNames"] == [])
    }

    @Test func attachedPoliciesAreListedPageByPage() async throws {
        let moto = try MotoServer.shared.get()
        let document: JSONValue = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}
            """
        _ = try await moto.client.call("iam", "CreateUser", ["UserName": "leo"])
        for number in 1...5 {
            let created = try await moto.client.call(
                "iam", "CreatePolicy", ["PolicyName": .string("p\(number)"), "PolicyDocument": document])
            let arn = try #require(created["Policy"]?["Arn"])
            _ = try await moto.client.call("iam", "AttachUserPolicy", ["UserName": "leo", "PolicyArn": arn])
        }

        let page = try await moto.client.call("iam", "ListAttachedUserPolicies", ["UserName": "leo", "MaxItems": 2])
        let all = try await moto.client.callAllPages(
            "iam", "ListAttachedUserPolicies", ["UserName": "leo", "MaxItems": 2], collecting: "AttachedPolicies")

        #expect(page["AttachedPolicies"]?.arrayValue?.count == 2)
        #expect(page["IsTruncated"] == true)
        #expect(Set(all.compactMap { $0["PolicyName"]?.stringValue }) == ["p1", "p2", "p3", "p4", "p5"])
        #expect(all.count == 5)
    }

    @Test func messageIsPublishedToATopicAndReceivedFromAQueue() async throws {
        let moto = try MotoServer.shared.get()
        let client = try moto.client
        let queue = try #require(try await client.call("sqs", "CreateQueue", ["QueueName": "q"])["QueueUrl"])
        let attributes = try await client.call(
            "sqs", "GetQueueAttributes", ["QueueUrl": queue, "AttributeNames": ["QueueArn"]])
        let queueARN = try #require(attributes["Attributes"]?["QueueArn"])
        let topic = try #require(try await client.call("sns", "CreateTopic", ["Name": "budget-alerts"])["TopicArn"])
        _ = try await client.call(
            "sns", "Subscribe",
            ["TopicArn": topic, "Protocol": "sqs", "Endpoint": queueARN, "Attributes": ["RawMessageDelivery": "true"]])

        let published = try await client.call(
            "sns", "Publish",
            [
                "TopicArn": topic, "Message": "año + 100% & more", "Subject": "Bedrock budget",
                "MessageAttributes": ["severity": ["DataType": "String", "StringValue": "critical"]],
            ])
        let received = try await client.call(
            "sqs", "ReceiveMessage", ["QueueUrl": queue, "MessageAttributeNames": ["All"], "WaitTimeSeconds": 1])
        let message = try #require(received["Messages"]?[0])
        let deleted = try await client.call(
            "sqs", "DeleteMessage", ["QueueUrl": queue, "ReceiptHandle": try #require(message["ReceiptHandle"])])
        let topicAttributes = try await client.call("sns", "GetTopicAttributes", ["TopicArn": topic])

        #expect(published["MessageId"]?.stringValue?.isEmpty == false)
        #expect(message["Body"] == "año + 100% & more")
        #expect(message["MessageAttributes"]?["severity"]?["StringValue"] == "critical")
        #expect(deleted == [:])
        #expect(topicAttributes["Attributes"]?["TopicArn"] == topic)
    }

    @Test func errorsOfJSONServicesAreNamed() async throws {
        let moto = try MotoServer.shared.get()

        let queue = await #expect(throws: AWSError.self) {
            try await moto.client.call("sqs", "GetQueueUrl", ["QueueName": "nowhere"])
        }
        let parameter = await #expect(throws: AWSError.self) {
            try await moto.client.call("ssm", "GetParameter", ["Name": "nowhere"])
        }
        let table = await #expect(throws: AWSError.self) {
            try await moto.client.call("dynamodb", "DescribeTable", ["TableName": "nowhere"])
        }

        #expect(queue?.code.hasSuffix("QueueDoesNotExist") == true)
        #expect(parameter?.code == "ParameterNotFound")
        #expect(table?.code == "ResourceNotFoundException")
    }

    @Test func roleOfAProfileIsAssumed() async throws {
        let moto = try MotoServer.shared.get()
        let files = try TemporaryDirectory()
        let config = try files.write(
            """
            [default]
            region = eu-west-1
            endpoint_url = \(moto.url)
            role_arn = arn:aws:iam::123456789012:role/steward
            source_profile = default
            aws_access_key_id = AKID
            aws_secret_access_key = secret
            """, to: "config")
        let environment = ["AWS_CONFIG_FILE": config]
        let client = AWSClient(
            configuration: try AWSConfiguration(environment: environment),
            credentials: .chain(environment: environment, transport: .curl(), clock: .system), transport: .curl(),
            clock: .system, randomFraction: { 0.5 })

        let identity = try await client.call("sts", "GetCallerIdentity")

        #expect(identity["Arn"]?.stringValue?.contains("assumed-role/steward/steward-") == true)
    }
}

extension MotoServer {
    var client: AWSClient {
        get throws {
            AWSClient(
                configuration: try AWSConfiguration(region: "eu-west-1", endpointURL: url),
                credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
                transport: .curl(), clock: .system, randomFraction: { 0.5 })
        }
    }
}
