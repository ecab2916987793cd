package import AWSClient
import JSONModel

/// Looks at what the account lets Steward see and do. Changes nothing.
package struct AccountCheck: Sendable {
    private let client: AWSClient

    package init(client: AWSClient) { self.client = client }

    /// What Bedrock's invocation logging is set to in a region.
    package enum Logging: Sendable, Equatable {
        case on
        /// No use in the region is logged, so none is charged.
        case off
        /// Steward may not ask; what AWS said.
        case refused(String)
        /// There was no answer of use; why.
        case unknown(String)
    }

    package func invocationLogging(in region: String) async -> Logging {
        do {
            let answer = try await client.inRegion(region).send(
                "bedrock", "GetModelInvocationLoggingConfiguration", path: "/logging/modelinvocations")
            let body = try JSONValue(parsing: answer.body)
            let settings = body["loggingConfig"]
            let hasTarget = ["cloudWatchConfig", "s3Config"].contains { settings?[$0]?.objectValue?.isEmpty == false }
            return hasTarget ? .on : .off
        } catch let error as AWSError where error.isAccessDenied {
            return .refused("\(error)")
        } catch {
            return .unknown("\(error)")
        }
    }

    /// Which of its permissions Steward's own identity lacks, by IAM's simulation.
    package enum Permissions: Sendable, Equatable {
        case missing([String], identity: String)
        /// Steward may not ask; what AWS said.
        case refused(String)
        /// There was no answer of use; why.
        case unknown(String)
    }

    /// - Parameter others: Actions to ask about besides those that it can't do without.
    package func missingPermissions(of others: [String] = []) async -> Permissions {
        do throws(AWSError) {
            let arn = try await ownARN()
            let actions = JSONValue.array((Self.neededActions + others).map(JSONValue.string))
            let results = try await client.callAllPages(
                "iam", "SimulatePrincipalPolicy", ["PolicySourceArn": .string(arn), "ActionNames": actions],
                collecting: "EvaluationResults")
            let missing = results.filter { $0["EvalDecision"] != "allowed" }.compactMap {
                $0["EvalActionName"]?.stringValue
            }
            return .missing(missing, identity: arn)
        } catch {
            return error.isAccessDenied ? .refused("\(error)") : .unknown("\(error)")
        }
    }

    /// Who Steward acts as, as STS names it: a user, or the session of a role.
    package func callerARN() async throws(AWSError) -> String {
        try await client.call("sts", "GetCallerIdentity")["Arn"]?.stringValue ?? ""
    }

    /// A session stands for its role: that is what has policies.
    private func ownARN() async throws(AWSError) -> String {
        let own = try await callerARN()
        guard own.contains(":assumed-role/") else { return own }
        let parts = own.split(separator: "/")
        guard parts.count >= 2 else { return own }
        return try await IAMReader(client: client).entity(.role(String(parts[1]))).arn
    }

    /// What tags on the suspended take: without them, suspensions work and are not labelled.
    package static let tagActions = ["iam:TagUser", "iam:UntagUser", "iam:TagRole", "iam:UntagRole"]

    /// All that Steward calls, besides the ingestion sources that are configured.
    package static let neededActions: [String] =
        [
            "iam:GetUser", "iam:ListUserTags", "iam:ListAttachedUserPolicies", "iam:AttachUserPolicy",
            "iam:DetachUserPolicy", "iam:ListUserPolicies", "iam:GetUserPolicy", "iam:PutUserPolicy",
            "iam:DeleteUserPolicy", "iam:ListGroupsForUser", "iam:GetRole", "iam:ListRoleTags",
            "iam:ListAttachedRolePolicies", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListRolePolicies",
            "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:ListAttachedGroupPolicies",
            "iam:ListGroupPolicies", "iam:GetGroupPolicy", "iam:GetPolicy", "iam:GetPolicyVersion",
            "iam:CreatePolicy", "iam:ListServiceSpecificCredentials", "iam:UpdateServiceSpecificCredential",
            "iam:SimulatePrincipalPolicy", "iam:GetAccountAuthorizationDetails",
            "bedrock:GetModelInvocationLoggingConfiguration", "bedrock:GetInferenceProfile", "pricing:GetProducts",
        ]
}
