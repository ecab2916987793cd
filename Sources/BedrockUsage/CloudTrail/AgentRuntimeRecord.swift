import Budgets
import JSONModel

/// `CreateAgentRuntime`, `UpdateAgentRuntime` and `DeleteAgentRuntime` of Bedrock AgentCore, as CloudTrail records them:
/// management events, which say the runtime's execution role. Only Delete names the runtime alone.
enum AgentRuntimeRecord {
    /// - Returns: nil for any other operation.
    static func read(
        _ json: JSONValue, service: String, operation: String
    ) throws(InvocationLogError) -> AgentRuntimeChange? {
        guard service == "bedrock-agentcore" || service == "bedrock-agentcore-control",
            let kind = AgentRuntimeChange.Kind(operation: operation)
        else { return nil }
        let (request, answer) = (json["requestParameters"] ?? .null, json["responseElements"] ?? .null)
        let arn = answer["agentRuntimeArn"]?.stringValue
        // arn:aws:bedrock-agentcore:REGION:ACCOUNT:runtime/ID
        let last = arn?.split(separator: "/").last.map(String.init)
        guard let id = (answer["agentRuntimeId"] ?? request["agentRuntimeId"])?.stringValue ?? last, !id.isEmpty else {
            throw .missing("agentRuntimeId")
        }
        return AgentRuntimeChange(
            kind: kind, id: id, arn: arn,
            name: (request["agentRuntimeName"] ?? answer["agentRuntimeName"])?.stringValue, role: try role(request))
    }

    private static func role(_ request: JSONValue) throws(InvocationLogError) -> Principal? {
        guard let arn = request["roleArn"]?.stringValue else { return nil }
        do {
            return try Principal(arn: arn)
        } catch {
            throw .malformed("requestParameters.roleArn", arn)
        }
    }
}

extension AgentRuntimeChange.Kind {
    fileprivate init?(operation: String) {
        switch operation {
        case "CreateAgentRuntime": self = .created
        case "UpdateAgentRuntime": self = .updated
        case "DeleteAgentRuntime": self = .deleted
        default: return nil
        }
    }
}
