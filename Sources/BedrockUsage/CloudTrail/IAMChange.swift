import Budgets
import JSONModel

/// A change of a user or a role in IAM: whom it is about, and what happened.
///
/// IAM has one endpoint for all Regions: its records come from us-east-1 ("Logging IAM and AWS STS API calls").
struct IAMChange {
    private let json: JSONValue
    private let operation: String
    private var request: JSONValue { json["requestParameters"] ?? .null }
    private var answer: JSONValue { json["responseElements"] ?? .null }

    /// - Returns: nil for an operation that concerns no principal's access.
    static func read(
        _ json: JSONValue, operation: String
    ) throws(InvocationLogError) -> (principal: Principal, occurrence: PrincipalEvent.Occurrence)? {
        let change = IAMChange(json: json, operation: operation)
        guard let occurrence = try change.occurrence() else { return nil }
        return (try change.principal(), occurrence)
    }

    private init(json: JSONValue, operation: String) {
        self.json = json
        self.operation = operation
    }

    private func occurrence() throws(InvocationLogError) -> PrincipalEvent.Occurrence? {
        switch operation {
        case "CreateUser", "CreateRole":
            let made = answer["user"] ?? answer["role"] ?? .null
            let tags = tags(request["tags"] ?? made["tags"])
            return .created(uniqueID: (made["userId"] ?? made["roleId"])?.stringValue, tags: tags)
        case "DeleteUser", "DeleteRole": return .deleted
        case "UpdateUser": return try renaming()
        case "CreateServiceSpecificCredential": return try bedrockKey()
        case "CreateAccessKey":
            let id = answer["accessKey"]?["accessKeyId"]?.stringValue ?? "unknown"
            return .credentialCreated(Credential(kind: .accessKey, id: id))
        case "DeleteServiceSpecificCredential", "UpdateServiceSpecificCredential", "ResetServiceSpecificCredential",
            "DeleteAccessKey", "UpdateAccessKey":
            let id = (request["serviceSpecificCredentialId"] ?? request["accessKeyId"])?.stringValue ?? "unknown"
            return .credentialChanged(id: id, operation: operation)
        case "AttachUserPolicy", "AttachRolePolicy", "DetachUserPolicy", "DetachRolePolicy", "PutUserPolicy",
            "PutRolePolicy", "DeleteUserPolicy", "DeleteRolePolicy":
            let policy = (request["policyArn"] ?? request["policyName"])?.stringValue ?? "unknown"
            return .policyChanged(PolicyChange(operation: operation, policy: policy))
        case "AddUserToGroup", "RemoveUserFromGroup":
            // What a group grants, its member may do.
            let group = request["groupName"]?.stringValue ?? "unknown"
            return .policyChanged(PolicyChange(operation: operation, policy: "group \(group)"))
        case "TagUser", "TagRole": return .tagged(tags(request["tags"]))
        case "UntagUser", "UntagRole":
            return .untagged(request["tagKeys"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        default: return nil
        }
    }

    /// What the request leaves out stays; nil where that is both.
    private func renaming() throws(InvocationLogError) -> PrincipalEvent.Occurrence? {
        let (name, path) = (request["newUserName"]?.stringValue, request["newPath"]?.stringValue)
        guard name != nil || path != nil else { return nil }
        guard let before = request["userName"]?.stringValue else { throw .missing("requestParameters.userName") }
        return .renamed(to: name ?? before, path: path)
    }

    /// Nil for a credential of another service, such as CodeCommit.
    private func bedrockKey() throws(InvocationLogError) -> PrincipalEvent.Occurrence? {
        let made = answer["serviceSpecificCredential"] ?? .null
        let service = (request["serviceName"] ?? made["serviceName"])?.stringValue ?? ""
        guard service.hasPrefix("bedrock") else { return nil }
        return .credentialCreated(
            Credential(kind: .bedrockKey, id: made["serviceSpecificCredentialId"]?.stringValue ?? "unknown"))
    }

    /// The user or role that the request names; who names none means themselves.
    private func principal() throws(InvocationLogError) -> Principal {
        let made = answer["user"] ?? answer["role"]
        if let arn = made?["arn"]?.stringValue {
            do { return try Principal(arn: arn) } catch { throw .malformed("responseElements", error.description) }
        }
        let identity = json["userIdentity"] ?? .null
        let account = (json["recipientAccountId"] ?? identity["accountId"])?.stringValue
        guard let account, !account.isEmpty else { throw .missing("recipientAccountId") }
        let partition = identity["arn"]?.stringValue?.split(separator: ":").dropFirst().first.map(String.init) ?? "aws"
        let answered = answer["accessKey"] ?? answer["serviceSpecificCredential"]
        if let name = request["roleName"]?.stringValue {
            return Principal(id: PrincipalID(account: account, kind: .role, name: name), partition: partition)
        }
        if let name = (request["userName"] ?? answered?["userName"])?.stringValue {
            return Principal(id: PrincipalID(account: account, kind: .user, name: name), partition: partition)
        }
        guard let caller = CloudTrailRecord.identity(identity) else { throw .missing("requestParameters.userName") }
        return caller
    }

    /// `[{"key": …, "value": …}]`, in either spelling.
    private func tags(_ json: JSONValue?) -> [String: String] {
        let pairs = (json?.arrayValue ?? []).compactMap { tag -> (String, String)? in
            guard let key = (tag["key"] ?? tag["Key"])?.stringValue else { return nil }
            return (key, (tag["value"] ?? tag["Value"])?.stringValue ?? "")
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}
