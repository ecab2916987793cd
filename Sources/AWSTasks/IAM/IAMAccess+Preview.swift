package import Interpreter
package import JSONModel

extension IAMAccess {
    /// What taking access away would change in IAM, from reading it only: the inline policy to be put, the managed
    /// policies to be detached, and the keys to be set inactive.
    package func preview(_ identity: IAMIdentity, mode: SuspensionMode) async throws(TaskFailure) -> JSONValue {
        let snapshot = try await snapshot(of: identity)
        let keys = (snapshot.serviceCredentials ?? []).filter { $0.status == "Active" }.map(\.id)
        return [
            "putPolicy": mode.denies ? .string(DenyPolicy.name) : .null,
            "policyDocument": mode.denies ? DenyPolicy.document.json : .null,
            "detach": .array(mode.detaches ? snapshot.bedrockPolicies.map { .string($0.arn) } : []),
            "deactivate": .array(mode.inactivatesKeys ? keys.map { .string($0) } : []),
            "tag": .array((tags?.keys ?? []).map(JSONValue.string)),
        ]
    }
}
