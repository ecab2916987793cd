import JSONModel
import Testing
import WallTime

@testable import AWSClient

/// How calls look on the wire, and what becomes of the answers.
@Suite struct WireProtocolTests {
    private func client(_ fake: FakeTransport, region: String = "eu-west-1", endpoint: String? = nil) throws
        -> AWSClient
    {
        AWSClient(
            configuration: try AWSConfiguration(region: region, endpointURL: endpoint),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
            transport: fake.transport, clock: VirtualTime().clock, randomFraction: { 0 })
    }

    private func error(_ service: String, _ answer: HTTPResponse) async throws -> AWSError? {
        let client = try client(FakeTransport(answers: [answer]))
        return await #expect(throws: AWSError.self) { try await client.call(service, "DoIt") }
    }

    // MARK: Query

    @Test(
        arguments: [
            (["UserName": "ana"], "UserName=ana"), (["Path": "/a b/ñ&="], "Path=%2Fa%20b%2F%C3%B1%26%3D"),
            (["MaxItems": 100, "OnlyAttached": true, "Half": 0.5], "MaxItems=100&OnlyAttached=true&Half=0.5"),
            (["Gone": .null, "Empty": ""], "Empty="),
            (["ActionNames": ["a", "b"], "None": []], "ActionNames.member.1=a&ActionNames.member.2=b&None="),
            (["Tags": [["Key": "k", "Value": "v"]]], "Tags.member.1.Key=k&Tags.member.1.Value=v"),
            (["A": ["B": ["C": [["D"]]]]], "A.B.C.member.1.member.1=D"),
            (["Attributes": ["a": "b"]], "Attributes.a=b"),
        ] as [(JSONObject, String)])
    func parametersBecomeFormFields(_ parameters: JSONObject, _ form: String) {
        let fields = QueryForm.fields(of: "DoIt", version: "1", service: "iam", parameters)

        #expect(String(decoding: QueryForm.body(fields), as: UTF8.self) == "Action=DoIt&Version=1&" + form)
    }

    @Test func mapsOfSNSBecomeEntries() {
        let fields = QueryForm.fields(
            of: "Publish", version: "1", service: "sns",
            [
                "Attributes": ["DisplayName": "x"],
                "MessageAttributes": ["severity": ["DataType": "String", "StringValue": "critical"]],
                "PublishBatchRequestEntries": [["Id": "1", "MessageAttributes": ["a": ["DataType": "String"]]]],
            ])

        #expect(
            fields.dropFirst(2).map { "\($0.name)=\($0.value)" } == [
                "Attributes.entry.1.key=DisplayName", "Attributes.entry.1.value=x",
                "MessageAttributes.entry.1.Name=severity", "MessageAttributes.entry.1.Value.DataType=String",
                "MessageAttributes.entry.1.Value.StringValue=critical", "PublishBatchRequestEntries.member.1.Id=1",
                "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=a",
                "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType=String",
            ])
    }

    @Test(arguments: [
        ("", "{}"), ("<A>x</A><B/>", #"{"A":"x","B":""}"#),
        ("<User><UserName> a b </UserName></User>", #"{"User":{"UserName":" a b "}}"#),
        ("<Users><member><A>1</A></member></Users>", #"{"Users":[{"A":"1"}]}"#),
        ("<Users/>", #"{"Users":[]}"#), ("<Users>\n </Users>", #"{"Users":[]}"#),
        ("<PolicyNames><member>a</member><member/></PolicyNames>", #"{"PolicyNames":["a",""]}"#),
        ("<IsTruncated>true</IsTruncated><X>true</X>", #"{"IsTruncated":true,"X":"true"}"#),
        ("<AttachmentCount>12</AttachmentCount><X>12</X>", #"{"AttachmentCount":12,"X":"12"}"#),
        ("<AttachmentCount>many</AttachmentCount>", #"{"AttachmentCount":"many"}"#),
        (
            "<SummaryMap><entry><key>Users</key><value>27</value></entry></SummaryMap>",
            #"{"SummaryMap":{"Users":27}}"#
        ),
        ("<X><entry><A>1</A></entry></X>", #"{"X":[{"A":"1"}]}"#), ("<SummaryMap/>", #"{"SummaryMap":{}}"#),
        ("<R>1</R><R>2</R><R>3</R>", #"{"R":["1","2","3"]}"#),
        ("<D>&lt;a&gt; &amp; &#x20AC;</D>", #"{"D":"<a> & €"}"#),
    ])
    func answersBecomeJSON(_ xml: String, _ json: String) async throws {
        let answer = try await client(FakeTransport(answers: [.result("DoIt", xml)])).call("iam", "DoIt")

        #expect(answer.jsonString == json)
    }

    @Test func attributesOfSNSAreAnObject() async throws {
        let xml = "<Attributes><entry><key>Owner</key><value>1</value></entry></Attributes>"

        let answer = try await client(FakeTransport(answers: [.result("GetTopicAttributes", xml)]))
            .call("sns", "GetTopicAttributes")

        #expect(answer == ["Attributes": ["Owner": "1"]])
    }

    @Test func queryCallGoesToTheGlobalEndpoint() async throws {
        let fake = FakeTransport(answers: [.result("GetUser")])

        _ = try await client(fake).call("iam", "GetUser", ["UserName": "ana"])

        let request = try #require(fake.requests.first)
        #expect(request.method == "POST")
        #expect(request.url == "https://iam.amazonaws.com/")
        #expect(request.bodyText == "Action=GetUser&Version=2010-05-08&UserName=ana")
        #expect(request.header("authorization")?.contains("/us-east-1/iam/aws4_request") == true)
    }

    @Test(arguments: ["", "not XML", "<a>", "<html><body>x</body></html>"])
    func unreadableErrorKeepsTheStatusAndAnExcerpt(_ body: String) async throws {
        let error = try await error("iam", .json(body, status: 418))

        #expect(error?.code == "HTTP.418")
        #expect(error?.status == 418)
        #expect(error?.message.contains(body.isEmpty ? "without content" : body) == true)
    }

    @Test(arguments: ["", "not XML", "<a>"])
    func unreadableResultLeavesDoubt(_ body: String) async throws {
        let error = try await error("iam", .json(body))

        #expect(error?.code == "Client.UnreadableAnswer")
        #expect(error?.isResultUnknown == true)
    }

    // MARK: JSON

    @Test func jsonCallNamesItsTarget() async throws {
        let fake = FakeTransport(answers: [.json(#"{"Messages":[]}"#)])

        let answer = try await client(fake).call("sqs", "ReceiveMessage", ["QueueUrl": "q", "WaitTimeSeconds": 20])

        let request = try #require(fake.requests.first)
        #expect(answer == ["Messages": []])
        #expect(request.url == "https://sqs.eu-west-1.amazonaws.com/")
        #expect(request.header("content-type") == "application/x-amz-json-1.0")
        #expect(request.header("x-amz-target") == "AmazonSQS.ReceiveMessage")
        #expect(request.bodyText == #"{"QueueUrl":"q","WaitTimeSeconds":20}"#)
    }

    @Test func emptyAnswerIsAnEmptyObject() async throws {
        let answer = try await client(FakeTransport(answers: [.json("")])).call("sqs", "DeleteMessage")

        #expect(answer == [:])
    }

    @Test(
        arguments: [
            (
                #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"m"}"#, nil,
                "ResourceNotFoundException", "m"
            ),
            (#"{"__type":"QueueDoesNotExist","Message":"n"}"#, nil, "QueueDoesNotExist", "n"),
            (#"{"message":"o"}"#, "ValidationException:http://internal.amazon.com/", "ValidationException", "o"),
            ("", "aws.x#AccessDeniedException", "AccessDeniedException", ""),
            (#"{"code":"Conflict","errorMessage":"p"}"#, nil, "Conflict", "p"),
            (##"{"__type":"#"}"##, nil, "HTTP.400", nil), ("[]", nil, "HTTP.400", nil), ("{", nil, "HTTP.400", nil),
        ] as [(String, String?, String, String?)])
    func jsonErrorsAreNamed(_ body: String, _ header: String?, _ code: String, _ message: String?) async throws {
        var headers = [(name: "x-amzn-RequestId", value: "r-9")]
        if let header { headers.append(("x-amzn-ErrorType", header)) }

        let error = try await error("dynamodb", .json(body, status: 400, headers: headers))

        #expect(error?.code == code)
        #expect(error?.requestID == "r-9")
        if let message { #expect(error?.message == message) }
    }

    @Test func longPollsGetTimeToAnswer() async throws {
        let fake = FakeTransport(answers: [.json("{}")])
        let client = try client(fake)

        _ = try await client.call("states", "GetActivityTask")
        _ = try await client.call("states", "SendTaskHeartbeat")

        #expect(fake.requests.map(\.timeout) == [.seconds(75), .seconds(30)])
    }

    @Test(arguments: [(nil, "https://sync-states.eu-west-1.amazonaws.com/"), ("http://here:1", "http://here:1/")])
    func synchronousExecutionsHaveAHostOfTheirOwn(_ endpoint: String?, _ url: String) async throws {
        let fake = FakeTransport(answers: [.json("{}")])

        _ = try await client(fake, endpoint: endpoint).call("states", "StartSyncExecution")

        #expect(fake.requests.first?.url == url)
    }

    // MARK: REST

    @Test func restCallIsSignedAndGivesTheWholeAnswer() async throws {
        let fake = FakeTransport(answers: [.json(#"{"models":[]}"#, headers: [("X-A", "b")])])

        let answer = try await client(fake).send(
            "bedrock-runtime", "Example", method: "PUT", path: "/a/" + percentEncoded("arn:x/y"),
            query: [("b", "ñ &"), ("a", "1")], headers: [("Content-Type", "application/json")], body: [1],
            timeout: .seconds(5))

        let request = try #require(fake.requests.first)
        #expect(answer.header("x-a") == "b")
        #expect(request.method == "PUT")
        #expect(request.url == "https://bedrock-runtime.eu-west-1.amazonaws.com/a/arn%3Ax%2Fy?a=1&b=%C3%B1%20%26")
        #expect(request.header("authorization")?.contains("/eu-west-1/bedrock/aws4_request") == true)
        #expect(request.timeout == .seconds(5))
    }

    @Test func errorsOfObjectStorageAreNamed() async throws {
        let xml =
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>m</Message><RequestId>r</RequestId></Error>"
        let client = try client(FakeTransport(answers: [.json(xml, status: 404)]))

        let error = await #expect(throws: AWSError.self) {
            try await client.send("s3", "GetObject", path: "/bucket/key")
        }

        #expect(error?.code == "NoSuchKey")
        #expect(error?.requestID == "r")
    }

    // MARK: Wrong use

    @Test(arguments: [
        ("nothing", "GetUser", "Client.UnknownService"), ("iam", "", "Client.InvalidRequest"),
        ("iam", "Get User", "Client.InvalidRequest"), ("sqs", "A\r\nX: y", "Client.InvalidRequest"),
        ("lambda", "Invoke", "Client.InvalidRequest"),
    ])
    func callThatCannotBeMadeSendsNothing(_ service: String, _ action: String, _ code: String) async throws {
        let fake = FakeTransport(answers: [.json("{}")])
        let client = try client(fake)

        let error = await #expect(throws: AWSError.self) { try await client.call(service, action) }

        #expect(error?.code == code)
        #expect(fake.requests.isEmpty)
    }

    // MARK: Pages

    @Test func pagesAreFollowedThoughSomeAreEmpty() async throws {
        let fake = FakeTransport(answers: [
            .result(
                "ListUsers",
                "<Users><member><N>1</N></member></Users><IsTruncated>true</IsTruncated><Marker>m1</Marker>"),
            .result("ListUsers", "<Users/><IsTruncated>true</IsTruncated><Marker>m2</Marker>"),
            .result("ListUsers", "<Users><member><N>2</N></member></Users><IsTruncated>false</IsTruncated>"),
        ])

        let users = try await client(fake).callAllPages("iam", "ListUsers", ["MaxItems": 1], collecting: "Users")

        #expect(users == [["N": "1"], ["N": "2"]])
        #expect(fake.requests.map { $0.form["Marker"] } == [nil, "m1", "m2"])
        #expect(fake.requests.allSatisfy { $0.form["MaxItems"] == "1" })
    }

    @Test func tokensAreFollowedToo() async throws {
        let fake = FakeTransport(answers: [
            .json(#"{"PriceList":["a"],"NextToken":"t"}"#), .json(#"{"PriceList":["b"],"NextToken":""}"#),
        ])

        let prices = try await client(fake).callAllPages("pricing", "GetProducts", [:], collecting: "PriceList")

        #expect(prices == ["a", "b"])
        #expect(fake.requests.last?.bodyText == #"{"NextToken":"t"}"#)
    }

    @Test func listThatRepeatsItsMarkerIsAnError() async throws {
        let page = HTTPResponse.result("ListUsers", "<Users/><IsTruncated>true</IsTruncated><Marker>m</Marker>")
        let client = try client(FakeTransport(answers: [page]))

        let error = await #expect(throws: AWSError.self) {
            try await client.callAllPages("iam", "ListUsers", [:], collecting: "Users")
        }

        #expect(error?.code == "Client.UnreadableAnswer")
    }
}
