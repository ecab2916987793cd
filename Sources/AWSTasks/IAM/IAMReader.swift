import AWSClient
import JSONModel
import WallTime

/// What IAM says of a user, always read to the last page.
struct IAMReader: Sendable {
    let client: AWSClient

    struct User: Sendable {
        var name: String
        var id: String
        var arn: String
        var permissionsBoundary: String?
    }

    /// - Throws: `AWSError` with code `NoSuchEntity` when the user is gone.
    func user(_ name: String) async throws(AWSError) -> User {
        let answer = try await client.call("iam", "GetUser", ["UserName": .string(name)])
        let user = answer["User"]
        return User(
            name: user?["UserName"]?.stringValue ?? name, id: user?["UserId"]?.stringValue ?? "",
            arn: user?["Arn"]?.stringValue ?? "",
            permissionsBoundary: user?["PermissionsBoundary"]?["PermissionsBoundaryArn"]?.stringValue)
    }

    func attachedPolicies(of user: String) async throws(AWSError) -> [(name: String, arn: String)] {
        let policies = try await client.callAllPages(
            "iam", "ListAttachedUserPolicies", ["UserName": .string(user)], collecting: "AttachedPolicies")
        return policies.compactMap { policy in
            guard let name = policy["PolicyName"]?.stringValue, let arn = policy["PolicyArn"]?.stringValue else {
                return nil
            }
            return (name, arn)
        }
    }

    func inlinePolicyNames(of user: String) async throws(AWSError) -> [String] {
        try await client.callAllPages(
            "iam", "ListUserPolicies", ["UserName": .string(user)], collecting: "PolicyNames"
        ).compactMap(\.stringValue)
    }

    /// Nil when the user has no inline policy of that name.
    func inlinePolicy(_ name: String, of user: String) async throws(AWSError) -> PolicyDocument? {
        do {
            let answer = try await client.call(
                "iam", "GetUserPolicy", ["UserName": .string(user), "PolicyName": .string(name)])
            return answer["PolicyDocument"]?.stringValue.flatMap(PolicyDocument.init(fromIAM:))
        } catch  where error.code == "NoSuchEntity" {
            return nil
        }
    }

    /// The default version of a managed policy; nil when the policy no longer exists.
    func managedPolicy(_ arn: String) async throws(AWSError) -> PolicyDocument? {
        do {
            let policy = try await client.call("iam", "GetPolicy", ["PolicyArn": .string(arn)])
            guard let version = policy["Policy"]?["DefaultVersionId"]?.stringValue else { return nil }
            let answer = try await client.call(
                "iam", "GetPolicyVersion", ["PolicyArn": .string(arn), "VersionId": .string(version)])
            return answer["PolicyVersion"]?["Document"]?.stringValue.flatMap(PolicyDocument.init(fromIAM:))
        } catch  where error.code == "NoSuchEntity" {
            return nil
        }
    }

    func groups(of user: String) async throws(AWSError) -> [String] {
        try await client.callAllPages(
            "iam", "ListGroupsForUser", ["UserName": .string(user)], collecting: "Groups"
        ).compactMap { $0["GroupName"]?.stringValue }
    }

    /// The user's Bedrock API keys; nil when this IAM has no service-specific credentials.
    func bedrockCredentials(of user: String) async throws(AWSError) -> [AccessSnapshot.ServiceCredential]? {
        do {
            let answer = try await client.call(
                "iam", "ListServiceSpecificCredentials",
                ["UserName": .string(user), "ServiceName": "bedrock.amazonaws.com"])
            return (answer["ServiceSpecificCredentials"]?.arrayValue ?? []).compactMap { credential in
                guard let id = credential["ServiceSpecificCredentialId"]?.stringValue else { return nil }
                return .init(id: id, status: credential["Status"]?.stringValue ?? "")
            }
        } catch  where error.isOperationMissing {
            return nil
        }
    }

    /// What IAM's own evaluation says about invoking a model: `allowed`, `explicitDeny`, `implicitDeny`; nil when this
    /// IAM has no simulation or forbids it to us.
    func simulatedInvocation(byARN arn: String) async throws(AWSError) -> String? {
        do {
            let answer = try await client.call(
                "iam", "SimulatePrincipalPolicy",
                ["PolicySourceArn": .string(arn), "ActionNames": ["bedrock:InvokeModel"]])
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
