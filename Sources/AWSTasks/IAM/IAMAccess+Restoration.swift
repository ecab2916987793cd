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

    package var json: JSONValue {
        ["attached": .array(attached.map(JSONValue.string)), "drift": .array(drift.map(JSONValue.string))]
    }
}

extension IAMAccess {
    /// Gives back what the backup holds and nothing more: attaches the Bedrock policies that mode `detach` had taken,
    /// reads back that they are attached, and removes the deny last.
    /// - Throws: `Steward.RestorationIncomplete` when a policy of the backup no longer exists (everything else was
    ///   given back, the deny is kept), `Steward.PrincipalReplaced`, `IAM.…`.
    package func giveBack(_ snapshot: AccessSnapshot, mode: SuspensionMode) async throws(TaskFailure) -> GivenBack {
        try await requireSame(snapshot)
        let userName = snapshot.userName
        var result = GivenBack(attached: [], drift: [])
        if mode.detaches {
            let (attached, missing) = try await attempt("attaching policies to \(userName)") {
                () async throws(AWSError) in
                try await attach(snapshot.bedrockPolicies.map(\.arn), to: userName)
            }
            guard missing.isEmpty else {
                throw stewardFailure(
                    "RestorationIncomplete",
                    "\(userName): \(missing.joined(separator: ", ")) no longer exists and can't be attached again. "
                        + "Make the policy again or attach another by hand, then redrive.")
            }
            result.attached = attached
        }
        let wasDenied = try await attempt("removing the deny of \(userName)") { () async throws(AWSError) in
            try await removeDeny(of: userName)
        }
        if mode.denies, !wasDenied { result.drift.append("the deny policy was already gone") }
        return result
    }

    private func attach(
        _ arns: [String], to userName: String
    ) async throws(AWSError) -> (attached: [String], missing: [String]) {
        let before = Set(try await reader.attachedPolicies(of: userName).map(\.arn))
        var missing: [String] = []
        for arn in arns where !before.contains(arn) {
            do {
                _ = try await client.call(
                    "iam", "AttachUserPolicy", ["UserName": .string(userName), "PolicyArn": .string(arn)])
            } catch  where error.code == "NoSuchEntity" {
                missing.append(arn)
            }
        }
        return (arns.filter { !missing.contains($0) }, missing)
    }

    /// True when there was a deny to remove.
    private func removeDeny(of userName: String) async throws(AWSError) -> Bool {
        guard try await reader.inlinePolicy(DenyPolicy.name, of: userName) != nil else { return false }
        do {
            _ = try await client.call(
                "iam", "DeleteUserPolicy",
                ["UserName": .string(userName), "PolicyName": .string(DenyPolicy.name)])
            return true
        } catch  where error.code == "NoSuchEntity" {
            return false
        }
    }

    /// Reads back that the deny is gone and every Bedrock policy of the backup is attached. That IAM's simulation
    /// allows an invocation is reported, not required: a person may have narrowed rights in the meantime.
    /// - Throws: `Steward.NotVerified` when IAM shows otherwise.
    package func verifyBack(_ snapshot: AccessSnapshot, mode: SuspensionMode) async throws(TaskFailure) -> JSONValue {
        let userName = snapshot.userName
        let (deny, attached, decision) = try await attempt("verifying that \(userName) has its access back") {
            () async throws(AWSError) in
            (
                try await reader.inlinePolicy(DenyPolicy.name, of: userName),
                Set(try await reader.attachedPolicies(of: userName).map(\.arn)),
                try await reader.simulatedInvocation(byARN: snapshot.arn)
            )
        }
        var faults: [String] = []
        if deny != nil { faults.append("the deny policy is still in place") }
        if mode.detaches {
            faults += snapshot.bedrockPolicies.filter { !attached.contains($0.arn) }.map { "\($0.arn) is not attached" }
        }
        guard faults.isEmpty else {
            throw stewardFailure(
                "NotVerified",
                "\(userName) does not have its access back: \(faults.joined(separator: "; ")). IAM can lag behind a "
                    + "change; if this stays, look who changes the user's policies and redrive.")
        }
        return [
            "verified": true, "checkedAt": .string(clock.now().iso8601),
            "simulation": .string(decision ?? "notOffered"),
        ]
    }
}
