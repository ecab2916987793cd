import AWSClient
import JSONModel
import WallTime
import Words

/// What IAM says of a user or a role, always read to the last page.
struct IAMReader: Sendable {
    let client: AWSClient

    struct Entity: Sendable {
        var identity: IAMIdentity
        /// IAM's stable id, `AIDA…` or `AROA…`.
        var id: String
        var arn: String
        var path: String
        var permissionsBoundary: String?
    }

    /// - Throws: `AWSError` with code `NoSuchEntity` when it is gone.
    func entity(_ identity: IAMIdentity) async throws(AWSError) -> Entity {
        let answer = try await client.call("iam", "Get\(identity.word)", identity.naming())
        let found = answer[identity.word]
        return Entity(
            identity: IAMIdentity(
                kind: identity.kind, name: found?["\(identity.word)Name"]?.stringValue ?? identity.name),
            id: found?["\(identity.word)Id"]?.stringValue ?? "", arn: found?["Arn"]?.stringValue ?? "",
            path: found?["Path"]?.stringValue ?? "/",
            permissionsBoundary: found?["PermissionsBoundary"]?["PermissionsBoundaryArn"]?.stringValue)
    }

    func attachedPolicies(of identity: IAMIdentity) async throws(AWSError) -> [(name: String, arn: String)] {
        try await attached("ListAttached\(identity.word)Policies", identity.naming())
    }

    private func attached(
        _ action: String, _ parameters: JSONObject
    ) async throws(AWSError) -> [(name: String, arn: String)] {
        let policies = try await client.callAllPages("iam", action, parameters, collecting: "AttachedPolicies")
        return policies.compactMap { policy in
            guard let name = policy["PolicyName"]?.stringValue, let arn = policy["PolicyArn"]?.stringValue else {
                return nil
            }
            return (name, arn)
        }
    }

    func inlinePolicyNames(of identity: IAMIdentity) async throws(AWSError) -> [String] {
        try await client.callAllPages(
            "iam", "List\(identity.word)Policies", identity.naming(), collecting: "PolicyNames"
        ).compactMap(\.stringValue)
    }

    /// Nil when there is no inline policy of that name.
    /// - Throws: `AWSError` with code `Client.UnreadableAnswer` for a document that can't be read: one that is not
    ///   understood is not one that is not there.
    func inlinePolicy(_ name: String, of identity: IAMIdentity) async throws(AWSError) -> PolicyDocument? {
        try await inline("Get\(identity.word)Policy", identity.naming(["PolicyName": .string(name)]))
    }

    private func inline(_ action: String, _ parameters: JSONObject) async throws(AWSError) -> PolicyDocument? {
        do {
            let answer = try await client.call("iam", action, parameters)
            return try document(answer["PolicyDocument"], action, of: parameters["PolicyName"])
        } catch  where error.code == "NoSuchEntity" {
            return nil
        }
    }

    /// The default version of a managed policy; nil when the policy no longer exists.
    /// - Throws: as `inlinePolicy` does, for a document that can't be read.
    func managedPolicy(_ arn: String) async throws(AWSError) -> PolicyDocument? {
        do throws(AWSError) {
            let policy = try await client.call("iam", "GetPolicy", ["PolicyArn": .string(arn)])
            guard let version = policy["Policy"]?["DefaultVersionId"]?.stringValue else {
                throw Self.unreadable("GetPolicy", "\(arn) has no DefaultVersionId.")
            }
            let answer = try await client.call(
                "iam", "GetPolicyVersion", ["PolicyArn": .string(arn), "VersionId": .string(version)])
            return try document(answer["PolicyVersion"]?["Document"], "GetPolicyVersion", of: .string(arn))
        } catch  where error.code == "NoSuchEntity" {
            return nil
        }
    }

    private func document(
        _ text: JSONValue?, _ action: String, of policy: JSONValue?
    ) throws(AWSError) -> PolicyDocument {
        guard let document = text?.stringValue.flatMap(PolicyDocument.init(fromIAM:)) else {
            throw Self.unreadable(action, "The document of \(policy?.stringValue ?? "a policy") is not JSON.")
        }
        return document
    }

    private static func unreadable(_ action: String, _ message: String) -> AWSError {
        AWSError(code: "Client.UnreadableAnswer", message: message, status: nil, service: "iam", action: action)
    }

    /// The groups of a user; a role has none.
    func groups(of identity: IAMIdentity) async throws(AWSError) -> [String] {
        guard identity.kind == .user else { return [] }
        return try await client.callAllPages("iam", "ListGroupsForUser", identity.naming(), collecting: "Groups")
            .compactMap { $0["GroupName"]?.stringValue }
    }

    /// The policies of the user's groups that let their members spend on Bedrock, in words; nil when Steward may not
    /// read groups.
    func groupGrants(of identity: IAMIdentity) async throws(AWSError) -> [Wording]? {
        do {
            var grants: [Wording] = []
            for group in try await groups(of: identity) {
                let parameters: JSONObject = ["GroupName": .string(group)]
                for policy in try await attached("ListAttachedGroupPolicies", parameters)
                where try await managedPolicy(policy.arn)?.grantsBedrock == true {
                    grants.append(
                        Wording(
                            "the group \(group) grants it by \(policy.arn)",
                            es: "lo concede el grupo \(group) con \(policy.arn)"))
                }
                let names = try await client.callAllPages(
                    "iam", "ListGroupPolicies", parameters, collecting: "PolicyNames"
                ).compactMap(\.stringValue)
                for name in names {
                    let document = try await inline(
                        "GetGroupPolicy", ["GroupName": .string(group), "PolicyName": .string(name)])
                    if document?.grantsBedrock == true {
                        grants.append(
                            Wording(
                                "the group \(group) grants it by its inline policy \(name)",
                                es: "lo concede el grupo \(group) con su política insertada \(name)"))
                    }
                }
            }
            return grants
        } catch  where error.isAccessDenied {
            return nil
        }
    }

    /// The user's Bedrock API keys; nil when this IAM has no service-specific credentials, and for a role.
    func bedrockCredentials(of identity: IAMIdentity) async throws(AWSError) -> [AccessSnapshot.ServiceCredential]? {
        guard identity.kind == .user else { return nil }
        do {
            return try await listedCredentials(of: identity)
        } catch  where error.isOperationMissing {
            return nil
        }
    }

    /// The same for who has seen `keys`: then this IAM has the operation, and an answer that looks as though it had not
    /// says nothing about the keys.
    func bedrockCredentials(
        of identity: IAMIdentity, knowing keys: [String]
    ) async throws(AWSError) -> [AccessSnapshot.ServiceCredential] {
        guard !keys.isEmpty else { return try await bedrockCredentials(of: identity) ?? [] }
        return try await listedCredentials(of: identity)
    }

    private func listedCredentials(
        of identity: IAMIdentity
    ) async throws(AWSError) -> [AccessSnapshot.ServiceCredential] {
        let answer = try await client.call(
            "iam", "ListServiceSpecificCredentials", identity.naming(["ServiceName": .string(Self.keyService)]))
        return (answer["ServiceSpecificCredentials"]?.arrayValue ?? []).compactMap { credential in
            guard let id = credential["ServiceSpecificCredentialId"]?.stringValue else { return nil }
            return .init(id: id, status: credential["Status"]?.stringValue ?? "")
        }
    }

    static let keyService = "bedrock.amazonaws.com"

    /// What IAM's own evaluation says about invoking a model: `allowed`, `explicitDeny`, `implicitDeny`; nil when this
    /// IAM has no simulation or forbids it to us.
    ///
    /// - Parameter userID: `aws:userid` of the caller that is simulated, for policies that name sessions.
    func simulatedInvocation(byARN arn: String, userID: String? = nil) async throws(AWSError) -> String? {
        var parameters: JSONObject = ["PolicySourceArn": .string(arn), "ActionNames": ["bedrock:InvokeModel"]]
        if let userID {
            parameters["ContextEntries"] = [
                [
                    "ContextKeyName": "aws:userid", "ContextKeyValues": [.string(userID)],
                    "ContextKeyType": "string",
                ]
            ]
        }
        do {
            let answer = try await client.call("iam", "SimulatePrincipalPolicy", parameters)
            return answer["EvaluationResults"]?[0]?["EvalDecision"]?.stringValue
        } catch  where error.isOperationMissing || error.isAccessDenied {
            return nil
        }
    }
}

extension AWSError {
    /// The other side does not know the operation: a partition without the feature, or an emulator. Real IAM names an
    /// error in every refusal, so a 5xx that is no answer of IAM's (a page of HTML, say) counts, too; only reads whose
    /// result is welcome but not needed ask for this.
    var isOperationMissing: Bool {
        ["NotSupportedService", "InvalidAction", "NotImplemented", "UnknownOperationException"].contains(code)
            || code == "HTTP.500" || code == "HTTP.501"
    }

    var isAccessDenied: Bool { ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"].contains(code) }
}
