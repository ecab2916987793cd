import BedrockUsage
import Budgets
import Testing

/// AgentCore's management events, as CloudTrail records them.
@Suite struct AgentRuntimeTests {
    private static func record(_ operation: String, _ request: String, _ answer: String) -> [UInt8] {
        Array(
            """
            {"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dev",\
            "accountId":"111122223333"},"eventTime":"2026-11-20T10:00:00Z",\
            "eventSource":"bedrock-agentcore.amazonaws.com","eventName":"\(operation)","awsRegion":"us-west-2",\
            "requestParameters":\(request),"responseElements":\(answer),"eventID":"e1"}
            """.utf8)
    }

    private static let role = "arn:aws:iam::111122223333:role/service/agent-role"
    private static let arn = "arn:aws:bedrock-agentcore:us-west-2:111122223333:runtime/helper-AbCd"

    private func change(_ bytes: [UInt8]) -> (PrincipalEvent, AgentRuntimeChange)? {
        guard case .principal(let event)? = UsageDecoder.decode(bytes, source: "trail").first,
            case .agentRuntime(let change) = event.occurrence
        else { return nil }
        return (event, change)
    }

    @Test func aRuntimeThatIsMadeSaysItsRole() throws {
        let found = change(
            Self.record(
                "CreateAgentRuntime", #"{"agentRuntimeName":"helper","roleArn":"\#(Self.role)"}"#,
                #"{"agentRuntimeArn":"\#(Self.arn)","agentRuntimeId":"helper-AbCd","status":"CREATING"}"#))
        let (event, made) = try #require(found)
        #expect(
            made
                == AgentRuntimeChange(
                    kind: .created, id: "helper-AbCd", arn: Self.arn, name: "helper",
                    role: try Principal(arn: Self.role)))
        #expect(event.principal == made.role)
        #expect(event.actor?.id.name == "dev" && event.region == "us-west-2")
    }

    @Test func anUpdateMaySayAnotherRoleAndADeletionNone() throws {
        let updated = try #require(
            change(
                Self.record(
                    "UpdateAgentRuntime", #"{"agentRuntimeId":"helper-AbCd","roleArn":"\#(Self.role)"}"#, "null")))
        #expect(updated.1.kind == .updated && updated.1.id == "helper-AbCd" && updated.1.role != nil)
        let deleted = try #require(
            change(Self.record("DeleteAgentRuntime", #"{"agentRuntimeId":"helper-AbCd"}"#, #"{"status":"DELETING"}"#)))
        #expect(deleted.1 == AgentRuntimeChange(kind: .deleted, id: "helper-AbCd", arn: nil, name: nil, role: nil))
        #expect(deleted.0.principal.id.name == "dev")
    }

    @Test func theArnNamesTheRuntimeToo() throws {
        let made = try #require(
            change(
                Self.record(
                    "CreateAgentRuntime", #"{"roleArn":"\#(Self.role)"}"#, #"{"agentRuntimeArn":"\#(Self.arn)"}"#)))
        #expect(made.1.id == "helper-AbCd")
    }

    @Test(arguments: [
        ("CreateAgentRuntime", #"{"agentRuntimeName":"x"}"#),
        ("CreateAgentRuntime", #"{"agentRuntimeId":"x","roleArn":"me"}"#),
    ])
    func whatCanNotBeReadIsKept(_ operation: String, _ request: String) {
        guard case .unreadable? = UsageDecoder.decode(Self.record(operation, request, "null"), source: "t").first else {
            return #expect(Bool(false))
        }
    }

    @Test(arguments: ["CreateAgentRuntimeEndpoint", "GetAgentRuntime", "CreateGateway"])
    func otherArrangementsConcernNoBudget(_ operation: String) {
        guard case .ignored? = UsageDecoder.decode(Self.record(operation, "{}", "null"), source: "t").first else {
            return #expect(Bool(false))
        }
    }
}
