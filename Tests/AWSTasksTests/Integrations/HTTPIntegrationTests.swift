import AWSClient
import Foundation
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import AWSTasks

/// `http:invoke`: requests, answers, secrets, and where it may not go.
@Suite struct HTTPIntegrationTests {
    private static let resource = Resource(parsing: "arn:aws:states:::http:invoke")
    private static let connectionARN: JSONValue = "arn:aws:events:us-east-1:123456789012:connection/api/0a1b"

    private static let key = HTTPConnection(
        name: "api", authorization: .apiKey(name: "X-Key", value: .plain("secret")))

    private func perform(
        _ input: JSONValue, _ aws: RecordedAWS, _ connection: HTTPConnection = key, allowsLocal: Bool = false
    ) async throws -> JSONValue {
        var input = input.objectValue ?? [:]
        input["Authentication"] = ["ConnectionArn": Self.connectionARN]
        let integration = HTTPIntegration(
            transport: aws.transport, connections: [connection], allowsLocalAddresses: allowsLocal,
            region: "us-east-1")
        return try await integration.perform(Self.resource, .some(Self.resource), .object(input))
    }

    private func failure(
        _ input: JSONValue, _ aws: RecordedAWS = RecordedAWS("{}"), _ connection: HTTPConnection = key,
        allowsLocal: Bool = false
    ) async -> TaskFailure? {
        await #expect(throws: TaskFailure.self) {
            try await perform(input, aws, connection, allowsLocal: allowsLocal)
        }
    }

    // MARK: Requests

    @Test func aRequestIsMadeOfItsParts() async throws {
        let aws = RecordedAWS("{}")

        _ = try await perform(
            [
                "ApiEndpoint": "https://api.example.com/v1/x?a=1", "Method": "POST",
                "Headers": ["X-One": "1", "X-Many": ["a", "b"], "X-Number": 7],
                "QueryParameters": ["q": "b c", "ids": [1, 2]], "RequestBody": ["text": "é"],
            ], aws)

        let request = try #require(aws.requests.withLock { $0.last })
        #expect(request.method == "POST")
        #expect(request.url == "https://api.example.com/v1/x?a=1&q=b%20c&ids=1&ids=2")
        #expect(request.timeout == .seconds(60))
        #expect(request.refusesLocalAddresses)
        #expect(aws.body == #"{"text":"é"}"#)
        let headers = request.headers.map { "\($0.name): \($0.value)" }
        #expect(
            headers == [
                "X-One: 1", "X-Many: a", "X-Many: b", "X-Number: 7", "X-Key: secret",
                "User-Agent: Steward|StepFunctions|HttpInvoke|us-east-1", "Range: bytes=0-262144",
                "Content-Type: application/json",
            ])
    }

    @Test(
        arguments: [
            ("INDICES", "a%5B0%5D=1&a%5B1%5D=x%20y&o%5Bk%5D=v"), ("REPEAT", "a=1&a=x%20y&o%5Bk%5D=v"),
            ("COMMAS", "a=1%2Cx%20y&o%5Bk%5D=v"), ("BRACKETS", "a%5B%5D=1&a%5B%5D=x%20y&o%5Bk%5D=v"),
            ("NONE", "a=%5B1%2C%22x%20y%22%5D&o%5Bk%5D=v"), (nil, "a%5B0%5D=1&a%5B1%5D=x%20y&o%5Bk%5D=v"),
        ] as [(String?, String)])
    func bodiesAreURLEncoded(_ format: String?, _ expected: String) async throws {
        let aws = RecordedAWS("{}")
        var transform: JSONObject = ["RequestBodyEncoding": "URL_ENCODED"]
        transform["RequestEncodingOptions"] = format.map { ["ArrayFormat": .string($0)] }

        _ = try await perform(
            [
                "ApiEndpoint": "https://api.example.com", "Method": "POST", "Transform": .object(transform),
                "RequestBody": ["a": [1, "x y"], "o": ["k": "v"]],
            ], aws)

        #expect(aws.body == expected)
        let request = try #require(aws.requests.withLock { $0.last })
        #expect(request.url == "https://api.example.com/")
        #expect(request.headers.contains { $0 == ("Content-Type", "application/x-www-form-urlencoded") })
    }

    @Test(
        arguments: [
            (["ApiEndpoint": "http://api.example.com", "Method": "GET"], "ApiEndpoint"),
            (["ApiEndpoint": "ftp://api.example.com", "Method": "GET"], "ApiEndpoint"),
            (["ApiEndpoint": "https://user:pass@api.example.com", "Method": "GET"], "ApiEndpoint"),
            (["Method": "GET"], "ApiEndpoint"),
            (["ApiEndpoint": "https://api.example.com", "Method": "TRACE"], "Method"),
            (["ApiEndpoint": "https://api.example.com", "Method": "GET", "Headers": ["Host": "x"]], "Host"),
            (
                ["ApiEndpoint": "https://api.example.com", "Method": "GET", "Headers": ["x-amz-date": "x"]],
                "x-amz-date"
            ),
            (
                ["ApiEndpoint": "https://api.example.com", "Method": "GET", "Headers": ["authorization": "x"]],
                "authorization"
            ),
            (["ApiEndpoint": "https://api.example.com", "Method": "GET", "QueryParameters": "x"], "QueryParameters"),
            (
                [
                    "ApiEndpoint": "https://api.example.com", "Method": "POST", "RequestBody": "x",
                    "Transform": ["RequestBodyEncoding": "URL_ENCODED"],
                ], "RequestBody"
            ),
        ] as [(JSONValue, String)])
    func whatIsNoRequestIsRefused(_ input: JSONValue, _ named: String) async throws {
        let aws = RecordedAWS("{}")

        let failure = await failure(input, aws)

        #expect(failure?.error == "States.Runtime")
        #expect(failure?.cause.contains(named) == true)
        #expect(aws.requests.withLock { $0.isEmpty })
    }

    // MARK: Answers

    @Test func anAnswerHasFourParts() async throws {
        let aws = RecordedAWS(
            #"{"id": 1}"#, status: 201,
            headers: [("Content-Type", "application/json; charset=utf-8"), ("X-A", "1"), ("x-a", "2")])

        let output = try await perform(["ApiEndpoint": "https://api.example.com/", "Method": "GET"], aws)

        #expect(
            output.jsonString
                == #"{"Headers":{"content-type":["application/json; charset=utf-8"],"x-a":["1","2"]},"ResponseBody":{"id":1},"StatusCode":201,"StatusText":"Created"}"#
        )
    }

    @Test(
        arguments: [
            ("text/plain", "hi", "hi"), ("application/json", "{oops", "{oops"),
            ("application/problem+json", "[1]", [1]),
        ] as [(String, String, JSONValue)])
    func bodiesByTheirType(_ type: String, _ body: String, _ shown: JSONValue) async throws {
        let output = try await perform(
            ["ApiEndpoint": "https://api.example.com/", "Method": "GET"],
            RecordedAWS(body, headers: [("content-type", type)]))

        #expect(output["ResponseBody"] == shown)
    }

    @Test(arguments: [
        (404, #"{"message":"none"}"#, #"{"message":"none"}"#), (503, "", "Service Unavailable"),
        (301, "", "Moved Permanently"),
    ])
    func aStatusIsAnError(_ status: Int, _ body: String, _ cause: String) async throws {
        let failure = await failure(
            ["ApiEndpoint": "https://api.example.com/", "Method": "GET"], RecordedAWS(body, status: status))

        #expect(failure == TaskFailure(error: "States.Http.StatusCode.\(status)", cause: cause))
    }

    @Test func noAnswerIsASocketsError() async throws {
        let failure = await failure(
            ["ApiEndpoint": "https://api.example.com/", "Method": "GET"],
            RecordedAWS { _ in throw HTTPTransportError.timedOut("api.example.com did not answer within 60000 ms") })

        #expect(failure?.error == "States.Http.Socket")
    }

    // MARK: Where it may not go

    /// Refused before anything is sent, by address and by what a name resolves to.
    @Test(arguments: [
        "https://127.0.0.1:1/", "https://localhost:1/", "https://[::1]:1/", "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0:1/", "https://[fd00:ec2::254]/",
    ])
    func localAddressesAreRefused(_ url: String) async throws {
        let integration = HTTPIntegration(
            transport: .curl(), connections: [Self.key], allowsLocalAddresses: false, region: "us-east-1")

        let failure = await #expect(throws: TaskFailure.self) {
            try await integration.perform(
                Self.resource, .some(Self.resource),
                [
                    "ApiEndpoint": .string(url), "Method": "GET",
                    "Authentication": ["ConnectionArn": Self.connectionARN],
                ])
        }

        #expect(failure?.error == "States.Http.Socket")
        #expect(failure?.cause.contains("link-local") == true, "\(failure?.cause ?? "")")
    }

    // MARK: Connections

    @Test func aPasswordComesFromItsFileEachTime() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }  // nothing else uses it
        let connection = HTTPConnection(
            name: "api", authorization: .basic(userName: "u", password: .file(file)))
        let aws = RecordedAWS("{}")
        let input: JSONValue = ["ApiEndpoint": "https://api.example.com/", "Method": "GET"]

        for (text, header) in [("p1\n", "Basic dTpwMQ=="), ("p2", "Basic dTpwMg==")] {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await perform(input, aws, connection)
            let request = try #require(aws.requests.withLock { $0.last })
            #expect(request.headers.contains { $0 == ("Authorization", header) })
        }
    }

    @Test func aMissingSecretIsNamedAndNothingSent() async throws {
        let aws = RecordedAWS("{}")

        let failure = await failure(
            ["ApiEndpoint": "https://api.example.com/", "Method": "GET"], aws,
            HTTPConnection(name: "api", authorization: .apiKey(name: "X", value: .environment("NO_SUCH_VARIABLE"))))

        #expect(failure?.error == "Events.ConnectionResource.InvalidConnectionState")
        #expect(failure?.cause.contains("NO_SUCH_VARIABLE is not set") == true)
        #expect(aws.requests.withLock { $0.isEmpty })
    }

    @Test func anUnknownConnectionIsTold() async throws {
        let failure = await failure(
            ["ApiEndpoint": "https://api.example.com/", "Method": "GET"], RecordedAWS("{}"),
            HTTPConnection(name: "other", authorization: .apiKey(name: "X", value: .plain("y"))))

        #expect(failure?.error == "Events.ConnectionResource.ResourceNotFound")
        #expect(failure?.cause.contains("other") == true)
    }

    @Test func aConnectionAddsItsParameters() async throws {
        var connection = Self.key
        connection.headers = [.init(name: "X-Team", value: .plain("connection"))]
        connection.query = [.init(name: "version", value: .plain("2"))]
        connection.body = [.init(name: "tenant", value: .plain("t"))]
        let aws = RecordedAWS("{}")

        _ = try await perform(
            [
                "ApiEndpoint": "https://api.example.com/", "Method": "POST", "Headers": ["x-team": "task"],
                "QueryParameters": ["version": "1", "a": "b"], "RequestBody": ["x": 1],
            ], aws, connection)

        let request = try #require(aws.requests.withLock { $0.last })
        #expect(request.url == "https://api.example.com/?a=b&version=2")
        #expect(request.headers.filter { $0.name.lowercased() == "x-team" }.map(\.value) == ["connection"])
        #expect(aws.body == #"{"x":1,"tenant":"t"}"#)
    }

    /// A token is asked for once, kept while it holds, and renewed when it has expired or was refused.
    @Test func tokensAreKept() async throws {
        let now = Guarded(Instant(milliseconds: 0))
        let given = Guarded(0)
        let refused = Guarded<Set<String>>([])
        let aws = RecordedAWS { request in
            if request.url == "https://auth.example.com/token" {
                let number = given.withLock { count in
                    count += 1
                    return count
                }
                return HTTPResponse(status: 200, body: Array(#"{"access_token":"t\#(number)","expires_in":100}"#.utf8))
            }
            let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return HTTPResponse(status: refused.withLock { $0.contains(bearer) } ? 401 : 200, body: Array("{}".utf8))
        }
        let connection = HTTPConnection(
            name: "api",
            authorization: .clientCredentials(
                OAuthClient(
                    endpoint: "https://auth.example.com/token", clientID: "id", secret: .plain("s&"), scope: "read",
                    now: { now.withLock { $0 } })))
        let integration = HTTPIntegration(
            transport: aws.transport, connections: [connection], allowsLocalAddresses: false, region: "us-east-1")
        let input: JSONValue = [
            "ApiEndpoint": "https://api.example.com/", "Method": "GET",
            "Authentication": ["ConnectionArn": Self.connectionARN],
        ]
        func call() async throws -> String {
            _ = try await integration.perform(Self.resource, .some(Self.resource), input)
            return aws.requests.withLock { $0.last?.headers.first { $0.name == "Authorization" }?.value } ?? ""
        }

        #expect(try await call() == "Bearer t1")
        #expect(
            aws.requests.withLock { String(decoding: $0[0].body, as: UTF8.self) }
                == "grant_type=client_credentials&client_id=id&client_secret=s%26&scope=read")
        #expect(try await call() == "Bearer t1")
        now.withLock { $0 = Instant(milliseconds: 71_000) }
        #expect(try await call() == "Bearer t2")
        refused.withLock { $0 = ["Bearer t2"] }
        #expect(try await call() == "Bearer t3")
        #expect(given.withLock { $0 } == 3)
    }
}
