import Budgets
import JSONModel
import TestKit
import Testing
import WallTime

@testable import BedrockUsage

/// Records of the shapes that CloudTrail's guide and IAM's show, composed by hand.
@Suite struct CloudTrailTests {
    private static let ana = PrincipalID(account: "111122223333", kind: .user, name: "BedrockAPIKey-ab12")

    static func record(
        _ source: String, _ name: String, request: String = "null", answer: String = "null", more: String = "",
        identity: String =
            #"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/admin","accountId":"111122223333"}"#
    ) -> String {
        #"{"eventVersion":"1.11","userIdentity":\#(identity),"eventTime":"2026-11-20T10:16:01Z","#
            + #""eventSource":"\#(source).amazonaws.com","eventName":"\#(name)","awsRegion":"us-east-1","#
            + #""requestParameters":\#(request),"responseElements":\#(answer),"eventID":"e1","#
            + #""recipientAccountId":"111122223333"\#(more)}"#
    }

    private func event(_ text: String) throws -> PrincipalEvent {
        let records = decode(text)
        #expect(records.count == 1)
        guard case .principal(let event) = try #require(records.first) else {
            throw Unexpected(description: "\(records)")
        }
        return event
    }

    private struct Unexpected: Error, CustomStringConvertible { let description: String }

    @Test(
        arguments: [
            (
                "CreateUser", #"{"userName":"BedrockAPIKey-ab12","tags":[{"key":"Team","value":"data"}]}"#,
                #"{"user":{"path":"/","userName":"BedrockAPIKey-ab12","userId":"AIDA1","arn":"arn:aws:iam::111122223333:user/BedrockAPIKey-ab12"}}"#,
                .created(uniqueID: "AIDA1", tags: ["Team": "data"])
            ),
            ("DeleteUser", #"{"userName":"BedrockAPIKey-ab12"}"#, "null", .deleted),
            (
                "UpdateUser", #"{"userName":"BedrockAPIKey-ab12","newUserName":"bob"}"#, "null",
                .renamed(to: "bob", path: nil)
            ),
            (
                "UpdateUser", #"{"userName":"BedrockAPIKey-ab12","newPath":"/apps/"}"#, "null",
                .renamed(to: "BedrockAPIKey-ab12", path: "/apps/")
            ),
            (
                "CreateServiceSpecificCredential",
                #"{"userName":"BedrockAPIKey-ab12","serviceName":"bedrock.amazonaws.com","credentialAgeDays":30}"#,
                #"{"serviceSpecificCredential":{"userName":"BedrockAPIKey-ab12","serviceSpecificCredentialId":"ACCA1"}}"#,
                .credentialCreated(Credential(kind: .bedrockKey, id: "ACCA1"))
            ),
            (
                "CreateAccessKey", "null", #"{"accessKey":{"userName":"BedrockAPIKey-ab12","accessKeyId":"AKIA1"}}"#,
                .credentialCreated(Credential(kind: .accessKey, id: "AKIA1"))
            ),
            (
                "UpdateServiceSpecificCredential",
                #"{"userName":"BedrockAPIKey-ab12","serviceSpecificCredentialId":"ACCA1","status":"Inactive"}"#, "null",
                .credentialChanged(id: "ACCA1", operation: "UpdateServiceSpecificCredential")
            ),
            (
                "AttachUserPolicy",
                #"{"userName":"BedrockAPIKey-ab12","policyArn":"arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"}"#,
                "null",
                .policyChanged(
                    PolicyChange(
                        operation: "AttachUserPolicy", policy: "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"))
            ),
            (
                "AddUserToGroup", #"{"userName":"BedrockAPIKey-ab12","groupName":"ml"}"#, "null",
                .policyChanged(PolicyChange(operation: "AddUserToGroup", policy: "group ml"))
            ),
            (
                "PutUserPolicy", #"{"userName":"BedrockAPIKey-ab12","policyName":"p","policyDocument":"{}"}"#, "null",
                .policyChanged(PolicyChange(operation: "PutUserPolicy", policy: "p"))
            ),
            (
                "TagUser", #"{"userName":"BedrockAPIKey-ab12","tags":[{"Key":"Team","Value":"x"},{"key":"Empty"}]}"#,
                "null", .tagged(["Team": "x", "Empty": ""])
            ),
            ("UntagUser", #"{"userName":"BedrockAPIKey-ab12","tagKeys":["Team"]}"#, "null", .untagged(["Team"])),
        ] as [(String, String, String, PrincipalEvent.Occurrence)])
    func aChangeInIAMTellsWhomItConcerns(
        _ name: String, _ request: String, _ answer: String, _ occurrence: PrincipalEvent.Occurrence
    ) throws {
        let event = try event(Self.record("iam", name, request: request, answer: answer))

        #expect(event.occurrence == occurrence)
        #expect(event.principal.id == Self.ana)
        #expect(event.actor?.id.name == "admin")
        #expect(event.id == "e1")
        #expect(event.at == Instant(iso8601: "2026-11-20T10:16:01Z"))
    }

    @Test func aRoleIsARole() throws {
        let event = try event(
            Self.record("iam", "TagRole", request: #"{"roleName":"App","tags":[{"key":"Team","value":"x"}]}"#))

        #expect(event.principal.id == PrincipalID(account: "111122223333", kind: .role, name: "App"))
    }

    @Test func whoMakesAnAccessKeyForNobodyMakesItForThemselves() throws {
        let event = try event(
            Self.record("iam", "CreateAccessKey", answer: #"{"accessKey":{"accessKeyId":"AKIA1"}}"#))

        #expect(event.principal.id.name == "admin")
    }

    @Test func aCallIsASignOfLifeOfTheRoleWithItsPath() throws {
        let identity =
            #"{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/AppRole/session-7","#
            + #""sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/service/AppRole"}}}"#
        let event = try event(
            Self.record("bedrock", "Converse", request: #"{"modelId":"m"}"#, identity: identity))

        #expect(event.occurrence == .called(BedrockCall(endpoint: "bedrock", operation: "Converse")))
        #expect(event.principal.path == "/service/")
        #expect(event.principal.session == "session-7")
        #expect(event.principal.id.kind == .role)
    }

    private static func federated(issuer: String) -> String {
        #"{"type":"FederatedUser","arn":"arn:aws:sts::111122223333:federated-user/app","#
            + #""sessionContext":{"sessionIssuer":{"type":"IAMUser","arn":"\#(issuer)"}}}"#
    }

    /// What a federated session uses is its user's; who it is for all else is the session, which others may have.
    @Test(arguments: ["Converse", "CreateModelInvocationJob"])
    func aFederatedSessionIsPaidByTheUserWhoGotIt(_ operation: String) throws {
        let identity = Self.federated(issuer: "arn:aws:iam::111122223333:user/team-a/ana")
        let event = try event(
            Self.record("bedrock", operation, request: #"{"modelId":"m"}"#, identity: identity))

        let ana = PrincipalID(account: "111122223333", kind: .user, name: "ana")
        #expect(event.principal == Principal(id: ana, path: "/team-a/", session: "app"))
        #expect(event.actor?.id.kind == .federatedUser)
    }

    @Test(arguments: [
        "arn:aws:iam::444455556666:user/ana", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/app",
        "",
    ])
    func aFederatedSessionOfNoUserOfTheAccountIsItself(_ issuer: String) throws {
        let event = try event(Self.record("bedrock", "Converse", identity: Self.federated(issuer: issuer)))
        #expect(event.principal.id.kind == .federatedUser && event.principal.session == nil)
    }

    @Test func whoGetsASessionIsTold() throws {
        let request = #"{"name":"app","durationSeconds":43200}"#
        let event = try event(Self.record("sts", "GetFederationToken", request: request))
        #expect(event.occurrence == .sessionIssued(name: "app"))
        #expect(event.principal.id.name == "admin")
    }

    @Test func aSessionThatWasRefusedOrThatRootGotIsNobodys() {
        let root = #"{"type":"Root","arn":"arn:aws:iam::111122223333:root"}"#
        let request = #"{"name":"app"}"#
        for text in [
            Self.record("sts", "GetFederationToken", request: request, more: #","errorCode":"AccessDenied""#),
            Self.record("sts", "GetFederationToken", request: request, identity: root),
            Self.record("sts", "GetFederationToken", request: #"{"name":"a/b"}"#),
        ] { #expect(decode(text).ignored.count == 1) }
    }

    @Test(arguments: [
        "InvokeModel", "InvokeModelWithResponseStream", "InvokeModelWithBidirectionalStream", "Converse",
        "ConverseStream", "InvokeAgent", "InvokeInlineAgent", "InvokeFlow", "Retrieve", "RetrieveAndGenerate",
        "RetrieveAndGenerateStream", "CreateInference",
    ])
    func everyCallThatSpendsIsKnown(_ operation: String) {
        #expect(BedrockOperations.meaning(of: operation) == .call)
    }

    @Test(arguments: [
        ("CreateModelInvocationJob", "jobArn", BedrockJob.Kind.batch),
        ("StartAsyncInvoke", "invocationArn", .invocation),
        ("CreateProvisionedModelThroughput", "provisionedModelArn", .throughput),
        ("CreateModelCustomizationJob", "jobArn", .other),
    ])
    func aJobIsNoted(_ operation: String, _ member: String, _ kind: BedrockJob.Kind) throws {
        let event = try event(
            Self.record(
                "bedrock", operation, request: #"{"modelId":"m"}"#, answer: #"{"x":1,"\#(member)":"arn:job"}"#))

        let call = BedrockCall(endpoint: "bedrock", operation: operation)
        #expect(event.occurrence == .jobStarted(BedrockJob(kind: kind, call: call, arn: "arn:job", model: "m")))
    }

    @Test func anUnknownOperationKeepsItsRecord() throws {
        let text = Self.record("bedrock-mantle", "CreateTelepathy")
        let event = try event(text)

        let call = BedrockCall(endpoint: "bedrock-mantle", operation: "CreateTelepathy")
        #expect(event.occurrence == .unknownOperation(call, record: Array(text.utf8)))
    }

    @Test(arguments: [
        ("bedrock", "ListFoundationModels", ""), ("bedrock", "CreateGuardrail", ""), ("iam", "CreatePolicy", ""),
        ("sts", "AssumeRole", ""), ("iam", "CreateUser", #","errorCode":"EntityAlreadyExists""#),
    ])
    func whatConcernsNobodyIsIgnored(_ source: String, _ name: String, _ more: String) {
        let records = decode(Self.record(source, name, request: #"{"userName":"x"}"#, more: more))

        #expect(records.count == 1)
        #expect(records.ignored.first?.contains(name) == true)
    }

    @Test func aCredentialOfAnotherServiceIsIgnored() {
        let request = #"{"userName":"x","serviceName":"codecommit.amazonaws.com"}"#
        #expect(decode(Self.record("iam", "CreateServiceSpecificCredential", request: request)).ignored.count == 1)
    }

    @Test func anAWSServiceHasNoBudget() {
        let identity = #"{"type":"AWSService","invokedBy":"quicksight.amazonaws.com"}"#
        let records = decode(Self.record("bedrock", "InvokeModel", identity: identity))
        #expect(records.ignored == ["CloudTrail: InvokeModel by quicksight.amazonaws.com"])
    }

    @Test(arguments: ["IAMUser", "AssumedRole"])
    func whatSomebodyOfThisAccountUsedDoesNotVanish(_ type: String) {
        let arn = "arn:aws:sts::111122223333:assumed-role/app"
        let identity = #"{"type":"\#(type)","arn":"\#(arn)"}"#
        for operation in ["InvokeModel", "CreateModelInvocationJob"] {
            let records = decode(Self.record("bedrock", operation, identity: identity))
            #expect(records.unreadable.map(\.reason) == ["userIdentity.arn does not read: \(arn)"])
        }
        let foreign = #"{"type":"AWSAccount","arn":"\#(arn)"}"#
        let records = decode(Self.record("bedrock", "InvokeModel", identity: foreign))
        #expect(records.ignored == ["CloudTrail: InvokeModel by AWSAccount"])
    }

    @Test(arguments: ["eventTime", "eventID"]) func whatIsNeededAndMissingIsUnreadable(_ member: String) throws {
        var json = try #require(
            try JSONValue(parsing: Self.record("bedrock", "Converse")).objectValue)
        json[member] = nil
        #expect(decode(JSONValue.object(json).jsonString).unreadable.first?.reason == "the record has no \(member)")
    }

    // MARK: Envelopes

    private static func event(_ type: String, _ detail: String) -> String {
        #"{"version":"0","id":"9c","detail-type":"\#(type)","source":"aws.bedrock","detail":\#(detail)}"#
    }

    @Test func everyEnvelopeIsOpened() throws {
        let plain = Self.record("bedrock", "Converse")
        let event = Self.event("AWS API Call via CloudTrail", plain)
        for text in [
            plain, event, #"{"Records":[\#(plain)]}"#, Samples.subscription([plain]), Samples.subscription([event]),
        ] {
            #expect(try self.event(text).occurrence == .called(BedrockCall(endpoint: "bedrock", operation: "Converse")))
        }
    }

    @Test func aFileMayHoldBothKindsOfRecords() {
        let records = decode(#"{"Records":[\#(Self.record("bedrock", "Converse")),\#(Samples.converse),7]}"#)
        #expect(records.count == 3)
        #expect(records.events.count == 1)
        #expect(records.unreadable.count == 1)
    }

    @Test func otherEventsAreIgnored() {
        #expect(
            decode(Self.event("Batch Inference Job State Change", "{}")).ignored == [
                "an EventBridge event of type Batch Inference Job State Change"
            ])
    }

    @Test func envelopesWithoutEndAreRefused() {
        var text = Self.record("bedrock", "Converse")
        for _ in 0..<5 { text = #"{"Records":[\#(text)]}"# }
        #expect(decode(text).unreadable.count == 1)
    }

    @Test func anInvocationOfAnUnknownOperationIsChargedAndTold() {
        let text = Samples.converse.replacing(#""operation":"Converse""#, with: #""operation":"Telepathy""#)
        let records = decode(text)
        #expect(records.events.first?.operation == "Telepathy")
        #expect(records.count == 2)
        #expect(decode(Samples.converse).count == 1)
    }
}
