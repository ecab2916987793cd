import AWSClient
package import Interpreter
package import JSONModel
import Words

extension IAMAccess {
    /// What taking access away would change in IAM, from reading it only: the inline policy to be put, the managed
    /// policies to be detached, and the keys to be set inactive. What else grants access, so that there would be a deny
    /// that the mode does not ask for, is in `grantedElsewhere`; that IAM's simulation would find more shows only once
    /// the rest is taken.
    /// - Parameter scope: For sessions of a shared role there is a deny that names them, whatever the mode.
    package func preview(
        _ identity: IAMIdentity, mode: SuspensionMode, scope: AccessScope = .whole
    ) async throws(TaskFailure) -> JSONValue {
        let snapshot = try await snapshot(of: identity)
        let grants = scope.isWhole && !mode.denies ? try await foreignGrants(snapshot, mode) : []
        let denies = !scope.isWhole || mode.denies || !grants.isEmpty
        let document = DenyPolicy.document(scope, entityID: snapshot.entityID)
        let detached = scope.isWhole && mode.detaches ? snapshot.bedrockPolicies.map(\.arn) : []
        let inactivated = scope.isWhole && mode.inactivatesKeys ? snapshot.activeKeys : []
        return [
            "putPolicy": denies ? .string(DenyPolicy.name) : .null,
            "policyDocument": denies ? document.json : .null,
            "detach": .array(detached.map { .string($0) }),
            "deactivate": .array(inactivated.map { .string($0) }),
            "tag": .array((tags?.keys ?? []).map(JSONValue.string)),
            "grantedElsewhere": .array(grants.map { .string($0.english) }),
        ]
    }

    private func foreignGrants(_ snapshot: AccessSnapshot, _ mode: SuspensionMode) async throws(TaskFailure)
        -> [Wording]
    {
        guard mode.detaches else { return try await keysThatStay(snapshot) }
        return try await attempt("looking for what else grants \(snapshot.identity) access") {
            () async throws(AWSError) in
            try await grantsBesidesPolicies(snapshot) ?? []
        }
    }
}
