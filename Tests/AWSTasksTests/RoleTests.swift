import AWSClient
import AWSTasks
import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

/// A Task's `Credentials`: the integration runs in the role.
@Suite struct RoleTests {
    /// Answers as AWS does, and keeps whose keys signed what.
    private final class FakeAWS: Sendable {
        let calls = Guarded<[(action: String, key: String)]>([])
        let isRoleGiven: Bool

        init(isRoleGiven: Bool) { self.isRoleGiven = isRoleGiven }

        var client: AWSClient {
            get throws {
                let transport = HTTPTransport { [self] request in
                    let body = String(decoding: request.body, as: UTF8.self)
                    let authorization = request.headers.first { $0.name.lowercased() == "authorization" }?.value ?? ""
                    let key = authorization.firstMatch(of: /Credential=([^\/]+)/).map { String($0.1) } ?? ""
                    let isRole = body.contains("Action=AssumeRole")
                    calls.withLock { $0.append((isRole ? "AssumeRole" : "SendMessage", key)) }
                    guard isRole else { return HTTPResponse(status: 200, body: Array(#"{"MessageId":"m"}"#.utf8)) }
                    guard isRoleGiven else {
                        let error =
                            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
                        return HTTPResponse(status: 403, body: Array(error.utf8))
                    }
                    let answer = """
                        <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLEKEY</AccessKeyId>\
                        <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
                        """
                    return HTTPResponse(status: 200, body: Array(answer.utf8))
                }
                return AWSClient(
                    configuration: try AWSConfiguration(region: "us-east-1"),
                    credentials: .fixed(AWSCredentials(accessKeyID: "OWNKEY", secretAccessKey: "s")),
                    transport: transport, clock: .system, randomFraction: { 0 })
            }
        }
    }

    private static let resource = Resource(parsing: "arn:aws:states:::sqs:sendMessage")

    private static func context(_ role: String?) -> TaskContext {
        TaskContext(
            execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: "e", stateMachine: "m", state: "s",
            resource: resource.text, retryCount: 0, idempotencyKey: "k", now: Instant(milliseconds: 0), deadline: nil,
            roleARN: role, heartbeat: {})
    }

    @Test func theRoleSignsAndIsTakenOnOnce() async throws {
        let aws = FakeAWS(isRoleGiven: true)
        let integrations = AWSIntegrations(client: try aws.client)

        _ = try await integrations.perform(Self.resource, Self.context(nil), [:])
        for _ in 0..<2 {
            _ = try await integrations.perform(Self.resource, Self.context("arn:aws:iam::1:role/r"), [:])
        }

        #expect(
            aws.calls.withLock { $0.map { "\($0.action) by \($0.key)" } } == [
                "SendMessage by OWNKEY", "AssumeRole by OWNKEY", "SendMessage by ROLEKEY", "SendMessage by ROLEKEY",
            ])
    }

    @Test func aRoleThatIsNotGivenIsToldAsThat() async throws {
        let integrations = AWSIntegrations(client: try FakeAWS(isRoleGiven: false).client)

        let failure = await #expect(throws: TaskFailure.self) {
            try await integrations.perform(Self.resource, Self.context("arn:aws:iam::1:role/r"), [:])
        }

        #expect(failure?.error == "States.Permissions")
        #expect(failure?.cause.contains("arn:aws:iam::1:role/r") == true)
    }
}
