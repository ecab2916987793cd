import AWSClient
import AWSTasks
import JSONModel
import Testing

/// What the radar asks AWS, on answers in the shape that AWS documents.
@Suite struct AccountCheckTests {
    private static let own = "arn:aws:iam::111122223333:user/steward"

    /// A check whose network answers with these bodies, by what the request contains.
    private func check(_ answers: [(String, Int, String)]) throws -> AccountCheck {
        let client = AWSClient(
            configuration: try AWSConfiguration(environment: ["AWS_REGION": "us-east-1"]),
            credentials: .fixed(
                AWSCredentials(
                    accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret", sessionToken: nil, expiration: nil)),
            transport: HTTPTransport(send: { request in
                let text = request.url + " " + String(decoding: request.body, as: UTF8.self)
                let answer = answers.first { text.contains($0.0) } ?? ("", 500, "")
                return HTTPResponse(status: answer.1, headers: [], body: Array(answer.2.utf8))
            }), clock: .stopped, randomFraction: { 0 })
        return AccountCheck(client: client)
    }

    @Test(arguments: [
        (#"{"loggingConfig":{"s3Config":{"bucketName":"b"}}}"#, AccountCheck.Logging.on),
        (#"{"loggingConfig":{"cloudWatchConfig":{"logGroupName":"g","roleArn":"r"}}}"#, .on),
        (#"{"loggingConfig":{"textDataDeliveryEnabled":true}}"#, .off), ("{}", .off),
    ])
    func loggingIsOnWhereItHasATarget(_ body: String, _ expected: AccountCheck.Logging) async throws {
        let check = try check([("bedrock.eu-west-1.amazonaws.com/logging/modelinvocations", 200, body)])
        #expect(await check.invocationLogging(in: "eu-west-1") == expected)
    }

    @Test func whoMayNotAskDoesNotKnow() async throws {
        let check = try check([("/logging/", 403, #"{"__type":"AccessDeniedException","message":"no"}"#)])
        guard case .refused(let reason) = await check.invocationLogging(in: "us-east-1") else {
            return #expect(Bool(false), "an answer nobody gave")
        }
        #expect(reason.contains("AccessDeniedException"))
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        let permissions = try self.check([
            ("Action=GetCallerIdentity", 200, caller(Self.own)), ("Action=SimulatePrincipalPolicy", 403, denied),
        ])
        guard case .refused = await permissions.missingPermissions() else {
            return #expect(Bool(false), "a permission that would not help")
        }
    }

    /// No permission helps there.
    @Test func whoIsNotAnsweredLacksNoPermission() async throws {
        let check = try check([
            ("/logging/", 400, #"{"__type":"UnrecognizedClientException","message":"who?"}"#),
            (
                "Action=GetCallerIdentity", 403,
                "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>who?</Message></Error></ErrorResponse>"
            ),
        ])
        guard case .unknown(let logging) = await check.invocationLogging(in: "us-east-1"),
            case .unknown(let permissions) = await check.missingPermissions()
        else { return #expect(Bool(false), "an answer nobody gave") }
        #expect(logging.contains("UnrecognizedClientException") && permissions.contains("InvalidClientTokenId"))
    }

    private func simulated(_ decisions: [(String, String)]) -> String {
        let members = decisions.map {
            "<member><EvalActionName>\($0.0)</EvalActionName><EvalDecision>\($0.1)</EvalDecision></member>"
        }
        return "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>\(members.joined())"
            + "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    }

    private func caller(_ arn: String) -> String {
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>\(arn)</Arn></GetCallerIdentityResult>"
            + "</GetCallerIdentityResponse>"
    }

    @Test func whatTheSimulationDoesNotAllowIsMissing() async throws {
        let check = try check([
            ("Action=GetCallerIdentity", 200, caller(Self.own)),
            (
                "Action=SimulatePrincipalPolicy", 200,
                simulated([("iam:GetUser", "allowed"), ("iam:PutUserPolicy", "implicitDeny"), ("x:Y", "explicitDeny")])
            ),
        ])
        #expect(await check.missingPermissions() == .missing(["iam:PutUserPolicy", "x:Y"], identity: Self.own))
    }

    @Test func aSessionIsAskedAboutAsItsRole() async throws {
        let role = "arn:aws:iam::111122223333:role/ops/steward"
        let check = try check([
            ("Action=GetCallerIdentity", 200, caller("arn:aws:sts::111122223333:assumed-role/steward/i-1")),
            (
                "Action=GetRole", 200,
                "<GetRoleResponse><GetRoleResult><Role><RoleName>steward</RoleName><Arn>\(role)</Arn></Role>"
                    + "</GetRoleResult></GetRoleResponse>"
            ),
            ("role%2Fops%2Fsteward", 200, simulated([])),
        ])
        #expect(await check.missingPermissions() == .missing([], identity: role))
    }
}
