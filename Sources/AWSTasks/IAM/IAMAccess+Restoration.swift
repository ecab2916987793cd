import AWSClient
package import Interpreter
package import JSONModel
import WallTime

/// What giving access back changed, and what it found changed by others.
package struct GivenBack: Sendable, Equatable {
    /// ARNs attached by this restoration or found attached.
    package var attached: [String]
    /// Differences from what the suspension left, in plain words: reported, never overwritten.
    package var drift: [String]
    /// Policies of the backup that no longer exist, and which a person has accepted as lost.
    package var lost: [String] = []
    /// Why the tags of the suspension could not be taken off, in words: access is back all the same.
    package var tagProblem: String?

    package var json: JSONValue {
        [
            "attached": .array(attached.map(JSONValue.string)), "drift": .array(drift.map(JSONValue.string)),
            "lost": .array(lost.map(JSONValue.string)), "tagProblem": tagProblem.map(JSONValue.string) ?? .null,
        ]
    }
}

extension IAMAccess {
    /// Gives back what was taken and nothing more: attaches the Bedrock policies of the backup that were detached, sets the
    /// keys active that were set inactive, and removes the deny last. Where the deny is a managed policy, and takes the place
    /// that the last policy needs in IAM's quota, it makes room when all else is back.
    ///
    /// - Parameter accepted: ARNs that a person has given up: that they no longer exist holds nothing up.
    /// - Throws: `Steward.RestorationIncomplete` when a policy of the backup no longer exists, or IAM's quota of attached
    ///   policies leaves no room for it (all other policies were given back, the deny is kept), `Steward.PrincipalGone`,
    ///   `Steward.PrincipalReplaced`, `IAM.…`.
    package func giveBack(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, accepted: Set<String> = []
    ) async throws(TaskFailure) -> GivenBack {
        try await whileSame(snapshot) { () async throws(TaskFailure) in
            try await giveTaken(snapshot, mode, accepted)
        }
    }

    private func giveTaken(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ accepted: Set<String>
    ) async throws(TaskFailure) -> GivenBack {
        try await requireSame(snapshot)
        let identity = snapshot.identity
        var result = GivenBack(attached: [], drift: [])
        var last: String?
        if mode.detaches {
            let done = try await attempt("attaching policies to \(identity)") { () async throws(AWSError) in
                try await attach(snapshot.takenPolicies, to: identity)
            }
            let unaccepted = done.missing.filter { !accepted.contains($0) }
            if unaccepted.isEmpty { last = try await fittingInPlaceOfDeny(done, snapshot) }
            guard unaccepted.isEmpty, done.unfit.isEmpty || last != nil else {
                throw incomplete(identity, unaccepted, done)
            }
            (result.attached, result.lost) = (done.attached, done.missing)
        }
        if mode.inactivatesKeys {
            result.drift += try await attempt("setting the Bedrock API keys of \(identity) active") {
                () async throws(AWSError) in
                try await setActive(snapshot)
            }
        }
        if let last {
            try await attachInPlaceOfDeny(last, snapshot)
            result.attached.append(last)
        }
        let wasDenied = try await attempt("removing the deny of \(identity)") { () async throws(AWSError) in
            try await removeDeny(of: identity, arn: snapshot.arn)
        }
        if mode.denies, !wasDenied, last == nil { result.drift.append("the deny policy was already gone") }
        do {
            result.drift += try await lackingThoughNotTaken(snapshot, mode)
        } catch {
            // All is given back: what the audit log would be told besides holds nothing up.
            result.drift.append("what people have taken could not be read: \(error.cause)")
        }
        result.tagProblem = await untag(identity)
        return result
    }

    /// What of the backup is missing, in words, and was missing before a suspension came to it: a person has taken it.
    private func lackingThoughNotTaken(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode
    ) async throws(TaskFailure) -> [String] {
        let policies = snapshot.bedrockPolicies.map(\.arn).filter { mode.detaches && !snapshot.mayBeTaken($0) }
        let keys = snapshot.activeKeys.filter { mode.inactivatesKeys && !snapshot.mayBeTaken($0) }
        var lacking: [String] = []
        if !policies.isEmpty {
            let attached = try await attachedNow(snapshot)
            lacking += policies.filter { !attached.contains($0) }.map {
                "\($0) is not attached, and Steward has not detached it"
            }
        }
        if !keys.isEmpty {
            let active = try await activeNow(snapshot)
            lacking += keys.filter { !active.contains($0) }.map {
                "the key \($0) is not active, and Steward has not set it inactive"
            }
        }
        return lacking
    }

    /// The one policy for which only the managed deny leaves no room; nil when there is none, or where more than one do not
    /// fit: then it would be in vain to take the deny away.
    private func fittingInPlaceOfDeny(
        _ done: Attaching, _ snapshot: AccessSnapshot
    ) async throws(TaskFailure) -> String? {
        guard let arn = done.unfit.first, done.unfit.count == 1 else { return nil }
        let isWaiting = try await attempt("looking whether the deny of \(snapshot.identity) takes the room of \(arn)") {
            () async throws(AWSError) -> Bool in
            guard try await isDenyAttached(to: snapshot.identity, arn: snapshot.arn) else { return false }
            return try await reader.managedPolicy(arn) != nil
        }
        return isWaiting ? arn : nil
    }

    /// Attaches the last policy, which is known to exist, to the place of the managed deny. All else is back by then: only
    /// for the time of one call there is less than the backup holds and no deny. Where the policy does not fit even so, the
    /// deny is put back.
    private func attachInPlaceOfDeny(_ arn: String, _ snapshot: AccessSnapshot) async throws(TaskFailure) {
        let identity = snapshot.identity
        let done = try await attempt("attaching \(arn) to \(identity) in the place of the deny") {
            () async throws(AWSError) -> Attaching in
            _ = try await detachDeny(of: identity, arn: snapshot.arn)
            do throws(AWSError) {
                let tried = try await attach([arn], to: identity)
                if tried.attached.isEmpty { try await reattachDeny(snapshot) }
                return tried
            } catch {
                // Where the policy was attached all the same, there is neither room for the deny nor need of it.
                _ = try? await reattachDeny(snapshot)
                throw error
            }
        }
        guard !done.attached.isEmpty else { throw incomplete(identity, done.missing, done) }
    }

    private func reattachDeny(_ snapshot: AccessSnapshot) async throws(AWSError) {
        let managed = DenyPolicy.managedARN(besides: snapshot.arn)
        try await write(
            "Attach\(snapshot.identity.word)Policy", snapshot.identity.naming(["PolicyArn": .string(managed)]))
    }

    /// An attempt from before a role was shared was for everybody: the other sessions get back what it has taken. Called
    /// when the deny names those whom it is for.
    /// - Parameters:
    ///   - earlier: what attempts under the backup were told to do.
    ///   - accepted: see `giveBack`.
    /// - Returns: ARNs of the policies that are attached again, or were.
    /// - Throws: `Steward.RestorationIncomplete`, `IAM.…`.
    func giveBackToOtherSessions(
        _ snapshot: AccessSnapshot, _ earlier: SuspensionMode, accepted: Set<String>
    ) async throws(TaskFailure) -> [String] {
        let identity = snapshot.identity
        let done = try await attempt("giving the other sessions of \(identity) their access back") {
            () async throws(AWSError) -> Attaching in
            _ = try await detachDeny(of: identity, arn: snapshot.arn)
            guard earlier.detaches else { return Attaching() }
            return try await attach(snapshot.takenPolicies, to: identity)
        }
        let unaccepted = done.missing.filter { !accepted.contains($0) }
        guard unaccepted.isEmpty, done.unfit.isEmpty else { throw incomplete(identity, unaccepted, done) }
        return done.attached
    }

    private func incomplete(_ identity: IAMIdentity, _ missing: [String], _ done: Attaching) -> TaskFailure {
        let name = identity.name
        var problems: [String] = []
        if !missing.isEmpty {
            let policies = missing.joined(separator: ", ")
            problems.append(
                "\(policies) no longer exists and can't be attached again; the deny stays. Make the policy again and "
                    + "redrive, or accept the loss: workflowctl principal accept-loss \(name).")
        }
        if !done.unfit.isEmpty {
            let policies = done.unfit.joined(separator: ", ")
            problems.append(
                "\(policies) can't be attached again, as \(name) has as many managed policies as IAM allows "
                    + "(\(done.quota)); the deny stays. Detach a policy that \(name) does not need, or have the quota "
                    + "raised, and redrive.")
        }
        return stewardFailure("RestorationIncomplete", "\(identity): \(problems.joined(separator: " "))")
    }

    /// What became of the policies that were to be attached.
    private struct Attaching {
        var attached: [String] = []
        var missing: [String] = []
        /// Those for which IAM's quota leaves no room, and what IAM said of it.
        var unfit: [String] = []
        var quota = ""
    }

    private func attach(_ arns: [String], to identity: IAMIdentity) async throws(AWSError) -> Attaching {
        let before = Set(try await reader.attachedPolicies(of: identity).map(\.arn))
        var done = Attaching()
        for arn in arns {
            do {
                if !before.contains(arn) {
                    try await write("Attach\(identity.word)Policy", identity.naming(["PolicyArn": .string(arn)]))
                }
                done.attached.append(arn)
            } catch  where error.code == "NoSuchEntity" || error.code == "PolicyNotAttachable" {
                done.missing.append(arn)
            } catch  where error.code == "LimitExceeded" {
                // The others are tried all the same: one that does not exist is to be told as well.
                done.unfit.append(arn)
                done.quota = error.message
            }
        }
        return done
    }

    /// Removes Steward's deny, and nothing else, from a principal of which no suspension is known.
    /// - Throws: `Steward.PrincipalGone`, `IAM.…`.
    package func removeOrphan(_ identity: IAMIdentity) async throws(TaskFailure) -> JSONValue {
        let entity = try await find(identity)
        let removed = try await attempt("removing the deny of \(identity)") { () async throws(AWSError) in
            try await removeDeny(of: identity, arn: entity.arn)
        }
        var result: JSONObject = ["removed": .bool(removed)]
        if let problem = await untag(identity) { result["tagProblem"] = .string(problem) }
        return .object(result)
    }

    /// Reads back that the deny is gone, every Bedrock policy that was taken is attached and every key active. That IAM's
    /// simulation allows an invocation is reported, not required: a person may have narrowed rights in the meantime.
    /// - Throws: `Steward.NotVerified` when IAM shows otherwise, `Steward.PrincipalGone`, `Steward.PrincipalReplaced`.
    package func verifyBack(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, accepted: Set<String> = []
    ) async throws(TaskFailure) -> JSONValue {
        try await whileSame(snapshot) { () async throws(TaskFailure) in
            try await readBack(snapshot, mode, accepted)
        }
    }

    private func readBack(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ accepted: Set<String>
    ) async throws(TaskFailure) -> JSONValue {
        try await requireSame(snapshot)
        let identity = snapshot.identity
        let (attached, denied, inactive, decision) = try await attempt(
            "verifying that \(identity) has its access back"
        ) { () async throws(AWSError) in
            let attached = Set(try await reader.attachedPolicies(of: identity).map(\.arn))
            let keys =
                mode.inactivatesKeys
                ? try await reader.bedrockCredentials(of: identity, knowing: snapshot.takenKeys) : []
            let denied = try await isDenied(snapshot, attached)
            let inactive = keys.filter { $0.status == "Inactive" }.map(\.id)
            let decision = try await reader.simulatedInvocation(byARN: snapshot.arn)
            return (attached, denied, inactive, decision)
        }
        var faults: [String] = []
        if denied { faults.append("the deny policy is still in place") }
        if mode.detaches {
            faults += snapshot.takenPolicies.filter { !attached.contains($0) && !accepted.contains($0) }
                .map { "\($0) is not attached" }
        }
        faults += snapshot.takenKeys.filter(inactive.contains).map { "the key \($0) is inactive" }
        guard faults.isEmpty else {
            throw stewardFailure(
                "NotVerified",
                "\(identity) does not have its access back: \(faults.joined(separator: "; ")). IAM can lag behind a "
                    + "change; if this stays, look who changes its policies and redrive.")
        }
        return [
            "verified": true, "checkedAt": .string(clock.now().iso8601),
            "simulation": .string(decision ?? "notOffered"),
        ]
    }
}
