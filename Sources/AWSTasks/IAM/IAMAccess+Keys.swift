import AWSClient
import Interpreter
import JSONModel

extension IAMAccess {
    /// Sets those of the keys inactive that are active; the answer is all of them that are not gone.
    func setInactive(_ keys: [String], _ snapshot: AccessSnapshot) async throws(TaskFailure) -> [String] {
        try await attempt("setting the Bedrock API keys of \(snapshot.identity) inactive") {
            () async throws(AWSError) in
            try await set(keys, "Inactive", where: "Active", snapshot.identity).filter { $0.value == "Inactive" }
                .map(\.key).sorted()
        }
    }

    /// Gives those keys back that were taken, as the backup shows them active, and that are inactive now.
    /// - Returns: what can't be given back, in words.
    func setActive(_ snapshot: AccessSnapshot) async throws(AWSError) -> [String] {
        let after = try await set(snapshot.takenKeys, "Active", where: "Inactive", snapshot.identity)
        return snapshot.takenKeys.filter { after[$0] != "Active" }.map {
            "the key \($0) is \(after[$0]?.lowercased() ?? "gone")"
        }
    }

    /// The keys that mode `key` takes and that are active now.
    func activeNow(_ snapshot: AccessSnapshot) async throws(TaskFailure) -> [String] {
        guard !snapshot.activeKeys.isEmpty else { return [] }
        let now = try await attempt("reading the Bedrock API keys of \(snapshot.identity)") {
            () async throws(AWSError) in
            try await reader.bedrockCredentials(of: snapshot.identity, knowing: snapshot.activeKeys)
        }
        let active = Set(now.filter { $0.status == "Active" }.map(\.id))
        return snapshot.activeKeys.filter(active.contains)
    }

    /// - Returns: the status of each of `keys` afterwards; those that are gone are missing.
    private func set(
        _ keys: [String], _ status: String, where current: String, _ identity: IAMIdentity
    ) async throws(AWSError) -> [String: String] {
        var found: [String: String] = [:]
        for key in try await reader.bedrockCredentials(of: identity, knowing: keys) where keys.contains(key.id) {
            found[key.id] = key.status
            guard key.status == current else { continue }
            do {
                try await write(
                    "UpdateServiceSpecificCredential",
                    identity.naming(["ServiceSpecificCredentialId": .string(key.id), "Status": .string(status)]))
                found[key.id] = status
            } catch  where error.code == "NoSuchEntity" {
                found[key.id] = nil
            }
        }
        return found
    }
}
