import AWSClient
import Interpreter
import JSONModel

extension IAMAccess {
    /// Puts the deny: as an inline policy, or, where the inline policies leave no room, as a managed one.
    /// - Throws: `Steward.DenyDoesNotFit` when neither can be.
    func deny(_ snapshot: AccessSnapshot, _ scope: AccessScope) async throws(TaskFailure) {
        let identity = snapshot.identity
        do {
            let existing = try await reader.inlinePolicy(DenyPolicy.name, of: identity)
            let scope = Self.widened(scope, by: existing, roleID: snapshot.entityID)
            let document = DenyPolicy.document(scope, entityID: snapshot.entityID)
            guard existing != document else { return }
            try await write(
                "Put\(identity.word)Policy",
                identity.naming([
                    "PolicyName": .string(DenyPolicy.name), "PolicyDocument": .string(document.json.jsonString),
                ]))
        } catch  where error.code == "LimitExceeded" {
            guard scope.isWhole else { throw doesNotFit(identity, "the deny for its sessions is too long: \(error)") }
            try await denyByManagedPolicy(snapshot)
        } catch {
            throw iamFailure(error, doing: "denying Bedrock to \(identity)")
        }
    }

    /// Who is in the deny stays in it: of two that put it at a time, neither takes out whom the other has added.
    private static func widened(_ scope: AccessScope, by existing: PolicyDocument?, roleID: String) -> AccessScope {
        guard case .sessions(let names) = scope else { return scope }
        let there = DenyPolicy.sessions(in: existing, roleID: roleID)
        let all = there + names.filter { !there.contains($0) }
        return all.count <= DenyPolicy.maximumSessions ? .sessions(all) : scope
    }

    private func denyByManagedPolicy(_ snapshot: AccessSnapshot) async throws(TaskFailure) {
        let identity = snapshot.identity
        let arn = DenyPolicy.managedARN(besides: snapshot.arn)
        let isOurs: Bool
        do {
            try await makeManagedPolicy(arn)
            isOurs = try await reader.managedPolicy(arn) == DenyPolicy.document
            if isOurs { try await write("Attach\(identity.word)Policy", identity.naming(["PolicyArn": .string(arn)])) }
        } catch  where ["LimitExceeded", "PolicyNotAttachable"].contains(error.code) {
            throw doesNotFit(identity, "\(error)")
        } catch  where error.isAccessDenied && error.action == "CreatePolicy" {
            throw doesNotFit(identity, "\(error)")
        } catch {
            throw iamFailure(error, doing: "denying Bedrock to \(identity) by a managed policy")
        }
        guard isOurs else {
            throw doesNotFit(identity, "\(arn) is there and does not say what Steward's deny says")
        }
    }

    private func makeManagedPolicy(_ arn: String) async throws(AWSError) {
        guard try await reader.managedPolicy(arn) == nil else { return }
        do {
            try await write(
                "CreatePolicy",
                [
                    "PolicyName": .string(DenyPolicy.name),
                    "PolicyDocument": .string(DenyPolicy.document.json.jsonString),
                    "Description": "Steward: denies Amazon Bedrock to whom its inline deny does not fit",
                ])
        } catch  where error.code == "EntityAlreadyExists" {
            return
        }
    }

    private func doesNotFit(_ identity: IAMIdentity, _ reason: String) -> TaskFailure {
        stewardFailure("DenyDoesNotFit", "\(identity) can't be denied Bedrock: \(reason)")
    }

    /// Whether Steward's deny is in force, inline or attached: one of the name that says something else, as somebody may
    /// have edited it, is none.
    /// - Parameter forEverybody: Whether one that names sessions is none, either.
    func isDenied(
        _ snapshot: AccessSnapshot, _ attached: Set<String>, forEverybody: Bool = false
    ) async throws(AWSError) -> Bool {
        if let inline = try await inlineDeny(snapshot.identity), !forEverybody || !DenyPolicy.isForSessions(inline) {
            return true
        }
        let managed = DenyPolicy.managedARN(besides: snapshot.arn)
        guard attached.contains(managed) else { return false }
        return try await isManagedDeny(managed)
    }

    /// The same of somebody of whom no snapshot is known.
    func isDenied(_ identity: IAMIdentity) async throws(AWSError) -> Bool {
        if try await inlineDeny(identity) != nil { return true }
        for policy in try await reader.attachedPolicies(of: identity) where policy.name == DenyPolicy.name {
            if try await isManagedDeny(policy.arn) { return true }
        }
        return false
    }

    private func inlineDeny(_ identity: IAMIdentity) async throws(AWSError) -> PolicyDocument? {
        let inline = try await reader.inlinePolicy(DenyPolicy.name, of: identity)
        return inline.flatMap { DenyPolicy.isDeny($0) ? $0 : nil }
    }

    private func isManagedDeny(_ arn: String) async throws(AWSError) -> Bool {
        let managed = try await reader.managedPolicy(arn)
        return managed.map(DenyPolicy.isDeny) ?? false
    }

    /// Takes the deny back wherever it is.
    /// - Returns: whether there was one.
    func removeDeny(of identity: IAMIdentity, arn: String) async throws(AWSError) -> Bool {
        var found = false
        if try await reader.inlinePolicy(DenyPolicy.name, of: identity) != nil {
            found = try await removing(
                "Delete\(identity.word)Policy", identity.naming(["PolicyName": .string(DenyPolicy.name)]))
        }
        let wasAttached = try await detachDeny(of: identity, arn: arn)
        return found || wasAttached
    }

    /// Takes the managed twin of the deny back, where it is attached.
    /// - Returns: whether it was.
    func detachDeny(of identity: IAMIdentity, arn: String) async throws(AWSError) -> Bool {
        guard try await isDenyAttached(to: identity, arn: arn) else { return false }
        let managed = DenyPolicy.managedARN(besides: arn)
        return try await removing("Detach\(identity.word)Policy", identity.naming(["PolicyArn": .string(managed)]))
    }

    /// Whether the deny takes a place among the attached policies.
    func isDenyAttached(to identity: IAMIdentity, arn: String) async throws(AWSError) -> Bool {
        let managed = DenyPolicy.managedARN(besides: arn)
        return try await reader.attachedPolicies(of: identity).contains { $0.arn == managed }
    }

    /// False when somebody else was faster.
    private func removing(_ action: String, _ parameters: JSONObject) async throws(AWSError) -> Bool {
        do {
            try await write(action, parameters)
            return true
        } catch  where error.code == "NoSuchEntity" {
            return false
        }
    }
}
