package import Interpreter
package import JSONModel

extension IAMAccess {
    /// What taking access away would change in IAM, from reading it only: the inline policy to be put, and the managed
    /// policies to be detached.
    package func preview(userName: String, mode: SuspensionMode) async throws(TaskFailure) -> JSONValue {
        let snapshot = try await snapshot(userName: userName)
        return [
            "putPolicy": mode.denies ? .string(DenyPolicy.name) : .null,
            "policyDocument": mode.denies ? DenyPolicy.document.json : .null,
            "detach": .array(mode.detaches ? snapshot.bedrockPolicies.map { .string($0.arn) } : []),
        ]
    }
}
