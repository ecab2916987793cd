import AWSClient
import Engine
package import Interpreter
package import JSONModel
import WallTime
import Words

extension IAMAccess {
    /// What taking access away would change in IAM, found by doing so with the writes noted and not made: the inline
    /// policy to be put, the managed policies to be detached, the keys to be set inactive, the tags. What is so already
    /// is not among it. Why there would be a deny that the mode does not ask for, is in `grantedElsewhere`.
    ///
    /// What IAM would only say to a write is not known: that the deny does not fit, or that a permission is missing.
    /// - Parameters:
    ///   - account: see `snapshot(of:in:)`.
    ///   - scope: For sessions of a shared role there is a deny that names them, whatever the mode.
    ///   - standing: Given the snapshot that was read now, the one that a suspension would act on instead: that of a
    ///     backup which is open. `backupTakenAt` is null when there is none, and a new backup would be made.
    /// - Throws: as `snapshot(of:in:)` and `takeAway` do, and `Steward.BackupDamaged`.
    package func preview(
        _ identity: IAMIdentity, in account: String? = nil, mode: SuspensionMode, scope: AccessScope = .whole,
        standing: (JSONValue) -> JSONValue? = { _ in nil }
    ) async throws(TaskFailure) -> JSONValue {
        let now = try await snapshot(of: identity, in: account)
        let kept = standing(now.json)
        guard let snapshot = kept == nil ? now : kept.flatMap(AccessSnapshot.init(json:)) else {
            throw stewardFailure("BackupDamaged", "the open backup of \(identity) does not fit its hash.")
        }
        let rehearsal = Rehearsal()
        let result = try await rehearsing(rehearsal).takeAway(snapshot, mode: mode, scope: scope)
        let put = rehearsal.parameters(of: "Put\(identity.word)Policy").first
        let document = put?["PolicyDocument"]?.stringValue.flatMap(PolicyDocument.init(fromIAM:))
        let detached = rehearsal.parameters(of: "Detach\(identity.word)Policy").compactMap { $0["PolicyArn"] }
        let inactivated = rehearsal.parameters(of: "UpdateServiceSpecificCredential").compactMap {
            $0["ServiceSpecificCredentialId"]
        }
        let tagged = rehearsal.parameters(of: "Tag\(identity.word)").flatMap { $0["Tags"]?.arrayValue ?? [] }
        return [
            "putPolicy": put?["PolicyName"] ?? .null,
            "policyDocument": document?.json ?? .null,
            "detach": .array(detached),
            "deactivate": .array(inactivated),
            "tag": .array(tagged.compactMap { $0["Key"] }),
            "grantedElsewhere": .array(result.grantedElsewhere.map { .string($0.english) }),
            "backupTakenAt": kept == nil ? .null : .string(snapshot.takenAt.iso8601),
        ]
    }
}

/// The writes that were not made.
final class Rehearsal: Sendable {
    private let writes = LockedBox<[(action: String, parameters: JSONObject)]>([])

    func note(_ action: String, _ parameters: JSONObject) {
        writes.withLock { $0.append((action, parameters)) }
    }

    /// Of each write of this action, in their order.
    func parameters(of action: String) -> [JSONObject] {
        writes.withLock { writes in writes.filter { $0.action == action }.map(\.parameters) }
    }
}
