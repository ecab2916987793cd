import Foundation
import Testing
import WallTime

@testable import AWSClient

@Suite struct CredentialChainTests {
    let time = VirtualTime()
    let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    static let temporaryKeys = """
        <Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s1</SecretAccessKey>\
        <SessionToken>t1</SessionToken><Expiration>2026-11-23T10:12:21Z</Expiration></Credentials>
        """
    static let expected = AWSCredentials(
        accessKeyID: "ASIA1", secretAccessKey: "s1", sessionToken: "t1",
        expiration: Instant(iso8601: "2026-11-23T10:12:21Z"))

    /// An environment in which no file of this machine is read.
    private func environment(_ more: [String: String] = [:]) -> [String: String] {
        ["HOME": files.url.path].merging(more) { $1 }
    }

    private func credentials(_ environment: [String: String], _ fake: FakeTransport) async throws -> AWSCredentials {
        let provider = CredentialProvider.chain(
            environment: environment, transport: fake.transport, clock: time.clock, randomFraction: { 0 })
        return try await provider.credentials()
    }

    private func attempts(_ environment: [String: String], _ fake: FakeTransport) async -> [CredentialError.Attempt] {
        let error = await #expect(throws: CredentialError.self) { try await credentials(environment, fake) }
        return error?.attempts ?? []
    }

    private static let nobody = FakeTransport(outcomes: [.failure(.couldNotConnect("nobody there"))])

    // MARK: Environment

    @Test func environmentComesFirst() async throws {
        let environment = environment([
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x",
        ])

        let found = try await credentials(environment, Self.nobody)

        #expect(found == AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token"))
    }

    @Test(arguments: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    func halfAKeyEndsTheSearch(_ variable: String) async throws {
        let attempts = await attempts(environment([variable: "x"]), Self.nobody)

        #expect(attempts.map(\.source) == ["environment"])
    }

    @Test func emptyVariablesAreNotSet() async throws {
        let attempts = await attempts(
            environment(["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"]),
            Self.nobody)

        #expect(attempts.count == 5)
    }

    @Test func everySourceThatWasTriedIsNamed() async throws {
        let attempts = await attempts(environment(), Self.nobody)

        #expect(
            attempts.map(\.source) == [
                "environment", "web identity", "shared configuration files", "container", "instance metadata",
            ])
        let message = CredentialError(attempts: attempts).description
        #expect(message.contains("AWS_ACCESS_KEY_ID is not set"))
        #expect(message.contains("nobody there"))
        #expect(message.contains("AWS_PROFILE"))
    }

    // MARK: Web identity

    @Test func webIdentityIsExchangedWithoutASignature() async throws {
        let fake = FakeTransport(answers: [.result("AssumeRoleWithWebIdentity", Self.temporaryKeys)])
        let environment = environment([
            "AWS_WEB_IDENTITY_TOKEN_FILE": try files.write("web.token\n", to: "token"),
            "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/steward", "AWS_ROLE_SESSION_NAME": "pod",
            "AWS_REGION": "eu-west-1",
        ])

        let found = try await credentials(environment, fake)

        #expect(found == Self.expected)
        let request = try #require(fake.requests.first)
        #expect(request.url == "https://sts.eu-west-1.amazonaws.com/")
        #expect(request.header("authorization") == nil)
        #expect(
            request.form == [
                "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "WebIdentityToken": "web.token",
                "RoleArn": "arn:aws:iam::111122223333:role/steward", "RoleSessionName": "pod",
            ])
    }

    @Test func webIdentityThatIsRefusedEndsTheSearch() async throws {
        let fake = FakeTransport(answers: [.error("AccessDenied", status: 403)])
        let environment = environment([
            "AWS_WEB_IDENTITY_TOKEN_FILE": try files.write("t", to: "token"), "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
        ])

        let attempts = await attempts(environment, fake)

        #expect(attempts.map(\.source) == ["environment", "web identity"])
        #expect(attempts.last?.reason.contains("AccessDenied") == true)
    }

    @Test func webIdentityWithoutRoleOrFileSaysSo() async throws {
        let withoutRole = await attempts(environment(["AWS_WEB_IDENTITY_TOKEN_FILE": "/x"]), Self.nobody)
        let withoutFile = await attempts(
            environment(["AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token", "AWS_ROLE_ARN": "r"]), Self.nobody)

        #expect(withoutRole.last?.reason.contains("AWS_ROLE_ARN") == true)
        #expect(withoutFile.last?.reason.contains("/nowhere/token") == true)
    }

    // MARK: Container

    static let containerKeys = """
        {"RoleArn":"r","AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1","Expiration":"2026-11-23T10:12:21Z"}
        """

    @Test func taskCredentialsComeFromTheAgent() async throws {
        let fake = FakeTransport(answers: [.json(Self.containerKeys)])

        let found = try await credentials(
            environment(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"]), fake)

        #expect(found == Self.expected)
        #expect(fake.requests.first?.url == "http://169.254.170.2/v2/credentials/1")
        #expect(fake.requests.first?.header("authorization") == nil)
    }

    @Test func podCredentialsShowTheTokenOfTheFile() async throws {
        let fake = FakeTransport(answers: [.json(Self.containerKeys)])
        let environment = environment([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try files.write("pod-token\n", to: "token"),
        ])

        _ = try await credentials(environment, fake)

        #expect(fake.requests.first?.header("authorization") == "pod-token")
    }

    @Test(arguments: [
        "http://localhost/x", "http://127.0.0.1:8080/x", "http://127.9.9.9/", "http://[::1]/x",
        "http://169.254.170.2/x", "http://[fd00:ec2::23]/x", "https://anything.example.com/x",
    ])
    func agentsThatAreNearOrEncryptedAreAsked(_ url: String) async throws {
        let fake = FakeTransport(answers: [.json(Self.containerKeys)])

        _ = try await credentials(
            environment(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"]), fake)

        #expect(fake.requests.first?.url == url)
        #expect(fake.requests.first?.header("authorization") == "t")
    }

    @Test(arguments: [
        "http://example.com/x", "http://127.0.0.1.example.com/", "http://169.254.169.254/x", "http://10.0.0.1/",
        "ftp://localhost/", "http://169.254.170.2@example.com/", "http://x@169.254.170.2/", "nonsense",
    ])
    func otherAgentsAreNotAsked(_ url: String) async throws {
        let fake = FakeTransport(answers: [.json(Self.containerKeys)])

        let attempts = await attempts(environment(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]), fake)

        #expect(attempts.last?.source == "container")
        #expect(fake.requests.isEmpty)
    }

    @Test func agentInTroubleIsAskedThreeTimes() async throws {
        let fake = FakeTransport(answers: [
            HTTPResponse(status: 500), HTTPResponse(status: 502), .json(Self.containerKeys),
        ])

        let found = try await credentials(environment(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]), fake)

        #expect(found == Self.expected)
        #expect(time.sleeps == [.seconds(1), .seconds(1)])
    }

    @Test(arguments: [
        HTTPResponse.json("{}"), .json("not JSON"), .json("[1]"), HTTPResponse(status: 404),
        .json(#"{"AccessKeyId":"a","SecretAccessKey":""}"#),
        .json(#"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"}"#),
    ])
    func agentWithoutKeysEndsTheSearch(_ answer: HTTPResponse) async throws {
        let attempts = await attempts(
            environment(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]), FakeTransport(answers: [answer]))

        #expect(attempts.last?.source == "container")
    }

    @Test func tokenWithALineBreakIsNotShown() async throws {
        let fake = FakeTransport(answers: [.json(Self.containerKeys)])

        let attempts = await attempts(
            environment([
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nX: y",
            ]), fake)

        #expect(attempts.last?.reason.contains("line break") == true)
        #expect(fake.requests.isEmpty)
    }

    // MARK: Instance

    /// A metadata service of version 2 with a role.
    private static func instance(role: String = "steward", keys: String? = nil) -> FakeTransport {
        FakeTransport { request, _ in
            let path = String(request.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
            switch (request.method, path) {
            case ("PUT", "/latest/api/token"):
                return request.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
                    ? .json("the-token") : HTTPResponse(status: 400)
            case ("GET", _) where request.header("x-aws-ec2-metadata-token") != "the-token":
                return HTTPResponse(status: 401)
            case ("GET", "/latest/meta-data/iam/security-credentials/"):
                return role.isEmpty ? HTTPResponse(status: 404) : .json(role + "\n")
            case ("GET", "/latest/meta-data/iam/security-credentials/\(role)"):
                return .json(
                    keys
                        ?? """
                        {"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1",
                        "Expiration":"2026-11-23T10:12:21Z"}
                        """)
            default: return HTTPResponse(status: 404)
            }
        }
    }

    @Test func instanceGivesTheKeysOfItsRole() async throws {
        let fake = Self.instance()

        let found = try await credentials(environment(), fake)

        #expect(found == Self.expected)
        #expect(fake.requests.map(\.method) == ["PUT", "GET", "GET"])
        #expect(fake.requests.allSatisfy { $0.url.hasPrefix("http://169.254.169.254/") && $0.timeout == .seconds(1) })
    }

    @Test(arguments: [
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338/"], "http://127.0.0.1:1338/latest/api/token"),
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], "http://[fd00:ec2::254]/latest/api/token"),
    ])
    func instanceIsAskedWhereTheEnvironmentSays(_ variables: [String: String], _ url: String) async throws {
        let fake = Self.instance()

        _ = try await credentials(environment(variables), fake)

        #expect(fake.requests.first?.url == url)
    }

    @Test func instanceIsNotAskedWhenSwitchedOff() async throws {
        let fake = Self.instance()

        let attempts = await attempts(environment(["AWS_EC2_METADATA_DISABLED": "TRUE"]), fake)

        #expect(attempts.last?.reason.contains("AWS_EC2_METADATA_DISABLED") == true)
        #expect(fake.requests.isEmpty)
    }

    @Test func instanceWithoutARoleGivesNothing() async throws {
        let attempts = await attempts(environment(), Self.instance(role: ""))

        #expect(attempts.last?.reason == "the instance has no role")
    }

    @Test func instanceThatFailedToAssumeItsRoleSaysSo() async throws {
        let attempts = await attempts(
            environment(), Self.instance(keys: #"{"Code":"AssumeRoleUnauthorizedAccess"}"#))

        #expect(attempts.last?.reason.contains("AssumeRoleUnauthorizedAccess") == true)
    }

    @Test func attemptsAtTheInstanceAreAsManyAsAllowed() async throws {
        let fake = FakeTransport(outcomes: [.failure(.timedOut("slow"))])

        _ = await attempts(
            environment(["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3", "AWS_METADATA_SERVICE_TIMEOUT": "2"]), fake)

        #expect(fake.requests.count == 3)
        #expect(fake.requests.allSatisfy { $0.timeout == .seconds(2) })
    }
}
